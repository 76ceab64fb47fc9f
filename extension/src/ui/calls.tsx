/** The Calls tab: what rang and who it was, by day. */
import { useEffect } from "preact/hooks";

import { callerName, isShared } from "../call-words";
import type { Call } from "../contract";
import { grouped, t, tn } from "../i18n";
import { Icon, type IconName } from "./icons";
import { Dotted, HubBadge } from "./parts";
import type { CallsView } from "./popup-state";
import { clock, dayName, span } from "./wording";

/** A ring nobody ended this long ago is over: the phone system lost its end. */
const LONGEST_RING_MS = 90_000;

export type Outcome = "ringing" | "missed" | "elsewhere" | "unanswered" | "talked" | "talking";

export function outcomeOf(call: Call, now: Date): Outcome {
  if (call.state === "answered_elsewhere") return "elsewhere";
  const fresh = now.getTime() - new Date(call.started_at).getTime() < LONGEST_RING_MS;
  if (call.state === "ringing" && fresh) return "ringing";
  if (call.answered_at !== null) return call.ended_at === null ? "talking" : "talked";
  return call.direction === "outbound" ? "unanswered" : "missed";
}

function talkedFor(call: Call): string {
  const from = new Date(call.answered_at ?? call.started_at).getTime();
  return span((new Date(call.ended_at ?? call.started_at).getTime() - from) / 1000);
}

const RESULT: Record<Outcome, (call: Call) => string> = {
  ringing: () => t("callRinging"),
  missed: () => t("callMissed"),
  elsewhere: () => t("callElsewhere"),
  unanswered: () => t("callNoAnswer"),
  talking: () => t("callOngoing"),
  talked: talkedFor,
};

export function nameOf(call: Call): string {
  if (call.caller.reason === "withheld") return t("callWithheld");
  if (isShared(call.caller)) return tn("callShared", call.caller.candidates.length);
  return callerName(call.caller) ?? call.caller.display;
}

/** The second line: a number that is not the name already, what became of the call, why there is no name. */
export function lineOf(call: Call, outcome: Outcome): string[] {
  const result = RESULT[outcome](call);
  if (call.caller.reason === "withheld") return [result, t("callNumberHidden")];
  if (call.caller.candidates.length === 0) return [result, t("callNotInContacts")];
  return outcome === "missed" ? [result, call.caller.display] : [call.caller.display, result];
}

function iconOf(call: Call, outcome: Outcome): { name: IconName; label: string } {
  if (outcome === "missed") return { name: "call-missed", label: t("callMissed") };
  return call.direction === "inbound"
    ? { name: "call-in", label: t("callIncomingShort") }
    : { name: "call-out", label: t("callOutgoing") };
}

interface CallRowProps {
  call: Call;
  now: Date;
  onOpen: (contactId: number) => void;
}

function CallRow({ call, now, onOpen }: CallRowProps) {
  const outcome = outcomeOf(call, now);
  const icon = iconOf(call, outcome);
  const only = call.caller.candidates.length === 1 ? call.caller.candidates[0] : undefined;
  const hubSpot = call.caller.candidates.some((one) => one.source === "hubspot");
  const inside = (
    <>
      <span class="dir" role="img" aria-label={icon.label}>
        <Icon name={icon.name} />
      </span>
      <span class="body">
        <span class="name-line">
          <bdi class="name ell">{nameOf(call)}</bdi>
          {hubSpot && <HubBadge label={t("fromHubSpot")} />}
        </span>
        <span class="meta num">
          <span class="ell">
            <Dotted words={lineOf(call, outcome)} />
          </span>
        </span>
      </span>
      <time class="time num" dateTime={call.started_at}>
        {clock(call.started_at)}
      </time>
    </>
  );
  const style = outcome === "missed" ? "row is-missed" : "row";
  return (
    <li>
      {only === undefined ? (
        <div class={style}>{inside}</div>
      ) : (
        <button type="button" class={style} onClick={() => onOpen(only.id)}>
          {inside}
        </button>
      )}
    </li>
  );
}

/** The calls, newest first, in their days. */
export function byDay(calls: readonly Call[], now: Date): { day: string; calls: Call[] }[] {
  const days: { day: string; calls: Call[] }[] = [];
  for (const call of calls) {
    const day = dayName(call.started_at, now);
    const last = days.at(-1);
    if (last?.day === day) last.calls.push(call);
    else days.push({ day, calls: [call] });
  }
  return days;
}

interface CallsProps {
  calls: CallsView | null;
  now: Date;
  onShown: () => void;
  onMore: () => void;
  onOpen: (contactId: number) => void;
}

export function Calls({ calls, now, onShown, onMore, onOpen }: CallsProps) {
  useEffect(onShown, [onShown]);
  if (calls !== null && calls.calls.length === 0) {
    return (
      <div class="view" role="tabpanel" id="view" aria-label={t("calls")}>
        <div class="empty" role="status">
          <Icon name="call-in" size={24} />
          <h1>{t("noCalls")}</h1>
          <p>{t("noCallsDetail")}</p>
        </div>
      </div>
    );
  }
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("calls")}>
      <div class="fill" tabIndex={-1}>
        {byDay(calls?.calls ?? [], now).map(({ day, calls: some }) => (
          <section key={day} aria-label={day}>
            <h2 class="letter letter-day">
              <span>{day}</span>
              <span class="num">{tn("callCount", some.length)}</span>
            </h2>
            <ul>
              {some.map((call) => (
                <CallRow key={call.id} {...{ call, now, onOpen }} />
              ))}
            </ul>
          </section>
        ))}
        {calls?.more === true && (
          <button type="button" class="btn btn-link wide" onClick={onMore}>
            {t("showOlderCalls", { count: grouped(calls.total - calls.calls.length) })}
          </button>
        )}
      </div>
    </div>
  );
}
