/** The Calls tab (screen 6): what rang and who it was, by day; all of it, the missed, or the unknown. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { CallListView } from "../call-list";
import { onlyCandidate } from "../call-words";
import type { Call, CallFilter } from "../contract";
import { t, tn } from "../i18n";
import { byDay, iconOf, lineOf, nameOf, outcomeOf, unknownNumber } from "./call-lines";
import { Icon } from "./icons";
import { Chips, Dotted, Empty, HubBadge } from "./parts";
import { clock } from "./wording";

const FILTERS: readonly { value: CallFilter; words: () => string; none: () => string }[] = [
  { value: "all", words: () => t("all"), none: () => t("noCalls") },
  { value: "missed", words: () => t("callMissed"), none: () => t("noMissedCalls") },
  { value: "unknown", words: () => t("callUnknown"), none: () => t("noUnknownCalls") },
];

/** Older calls are asked for this far before the end comes into view. */
const AHEAD_PX = 300;

function Lines({ call, outcome }: { call: Call; outcome: ReturnType<typeof outcomeOf> }) {
  const hubSpot = call.caller.candidates.some((one) => one.source === "hubspot");
  return (
    <>
      <span class="name-line">
        <bdi class="name ell">{nameOf(call)}</bdi>
        {hubSpot && <HubBadge label={t("fromHubSpot")} />}
      </span>
      <span class="meta num">
        <span class="ell">
          <Dotted words={lineOf(call, outcome)} />
        </span>
      </span>
    </>
  );
}

interface CallRowProps {
  call: Call;
  now: Date;
  onOpen: (contactId: number) => void;
  onAdd: (number: string) => void;
}

function CallRow({ call, now, onOpen, onAdd }: CallRowProps) {
  const outcome = outcomeOf(call, now);
  const icon = iconOf(call, outcome);
  const only = onlyCandidate(call.caller);
  const unknown = unknownNumber(call);
  const missed = outcome === "missed" ? " is-missed" : "";
  const direction = (
    <span class="dir" role="img" aria-label={icon.label}>
      <Icon name={icon.name} />
    </span>
  );
  const time = (
    <time class="time num" dateTime={call.started_at}>
      {clock(call.started_at)}
    </time>
  );
  const inside = (
    <>
      {direction}
      <span class="body">
        <Lines call={call} outcome={outcome} />
      </span>
      {time}
    </>
  );
  if (only !== null) {
    return (
      <li>
        <button type="button" class={`row${missed}`} onClick={() => onOpen(only.id)}>
          {inside}
        </button>
      </li>
    );
  }
  if (unknown === null) return <li class={`row${missed}`}>{inside}</li>;
  return (
    <li class={`row row-tall${missed}`}>
      {direction}
      <div class="body">
        <Lines call={call} outcome={outcome} />
        <div class="row-acts">
          <button type="button" class="btn btn-second btn-sm" onClick={() => onAdd(unknown)}>
            <Icon name="user-plus" size={14} />
            {t("addContact")}
          </button>
        </div>
      </div>
      {time}
    </li>
  );
}

interface CallsProps {
  list: CallListView;
  now: Date;
  onShown: () => void;
  onFilter: (filter: CallFilter) => void;
  onOlder: () => void;
  onOpen: (contactId: number) => void;
  onAdd: (number: string) => void;
}

type ListProps = Omit<CallsProps, "onShown" | "onFilter">;

function Days({ list, now, onOlder, onOpen, onAdd }: ListProps) {
  const view = useRef<HTMLDivElement>(null);
  const calls = list.calls ?? [];
  const askAhead = (): void => {
    const box = view.current;
    if (box !== null && list.more && box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD_PX) onOlder();
  };
  // A first page that does not fill the view cannot be scrolled.
  useLayoutEffect(askAhead, [list.calls]);
  return (
    <div class="fill" ref={view} tabIndex={-1} onScroll={askAhead}>
      {byDay(calls, now).map(({ day, calls: some }) => (
        <section key={day} aria-label={day}>
          <h2 class="letter letter-day">
            <span>{day}</span>
            <span class="num">{tn("callCount", some.length)}</span>
          </h2>
          <ul>
            {some.map((call) => (
              <CallRow key={call.id} {...{ call, now, onOpen, onAdd }} />
            ))}
          </ul>
        </section>
      ))}
      {list.more && <p class="older">{t("olderCalls")}</p>}
    </div>
  );
}

function None({ filter }: { filter: CallFilter }) {
  const none = FILTERS.find(({ value }) => value === filter);
  const detail = filter === "all" ? t("noCallsDetail") : null;
  return <Empty icon={filter === "missed" ? "call-missed" : "call-in"} title={none?.none() ?? ""} detail={detail} />;
}

export function Calls({ onShown, onFilter, ...days }: CallsProps) {
  const { filter, calls, counts } = days.list;
  useEffect(onShown, [onShown]);
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("calls")}>
      <Chips options={FILTERS} value={filter} counts={counts} onPick={onFilter} />
      {calls !== null && calls.length === 0 ? <None filter={filter} /> : <Days key={filter} {...days} />}
    </div>
  );
}
