/** A call that rings or goes on: who it is, how sure that is, and what can be done. On pages and in the popup. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Phase } from "../call-facts";
import {
  callerName,
  chosenCandidate,
  isCompanyLine,
  isNobodys,
  isShared,
  onlyCandidate,
  peopleOf,
  type Candidate,
} from "../call-words";
import type { Call, Caller } from "../contract";
import { t, tn } from "../i18n";
import type { LiveCall } from "../protocol";
import { CallerNumber, Choice, Remembered, UNDO_MS } from "./caller-picks";
import { matchOf, spokenCaller } from "./caller-words";
import { Avatar } from "./contact-row";
import { Icon, Mark, type IconName } from "./icons";
import { Dotted } from "./parts";
import { Told } from "./told";
import { countryName, timer } from "./wording";

const SECOND_MS = 1_000;

export interface CallerActions {
  onOpen: (call: Call, contactId: number) => void;
  onDismiss: (call: Call) => void;
  onChoose: (call: Call, contactId: number | null) => void;
  onAdd: (call: Call) => void;
  onSearch: (call: Call) => void;
}

interface CardProps {
  live: LiveCall;
  phase: Phase;
  /** How many contacts a caller nobody knows was looked for among. */
  searched: number;
  actions: CallerActions;
  /** Said once by screen readers, as on a page where it comes unasked. */
  announced?: boolean;
  leaving?: boolean;
}

function useNow(): Date {
  const [now, setNow] = useState(new Date());
  useEffect(() => {
    const ticking = setInterval(() => setNow(new Date()), SECOND_MS);
    return () => clearInterval(ticking);
  }, []);
  return now;
}

const TITLE: Record<Phase, (call: Call) => string> = {
  ringing: ({ direction }) => (direction === "inbound" ? t("callIncoming") : t("callOutgoingCall")),
  talking: () => t("callTalking"),
  elsewhere: () => t("callTakenElsewhere"),
};

function Head({ live, phase, now }: { live: LiveCall; phase: Phase; now: Date }) {
  const { call, heardAt } = live; // the server's moments are by another clock
  return (
    <div class="call-h">
      <Mark size={18} />
      <span>{TITLE[phase](call)}</span>
      {phase === "ringing" && <span class="ring" />}
      <span class="grow" />
      <span class="num timer" aria-hidden="true">
        {timer((now.getTime() - new Date(heardAt).getTime()) / SECOND_MS)}
      </span>
    </div>
  );
}

function Pill({ caller, searched }: { caller: Caller; searched: number }) {
  const match = matchOf(caller, searched);
  if (match === null) return null;
  return (
    <span class={match.certain ? "pill" : "pill pill-mute"} title={match.why}>
      {match.certain && <Icon name="check" size={12} />}
      <Told>{match.words}</Told>
    </span>
  );
}

function Who({ face, name, children }: { face: ComponentChildren; name: string; children: ComponentChildren }) {
  return (
    <div class="call-who">
      {face}
      <div class="grow">
        <div class="call-name ell" title={name}>
          <bdi>
            <Told>{name}</Told>
          </bdi>
        </div>
        <div class="call-sub ell">{children}</div>
      </div>
    </div>
  );
}

function Face({ icon }: { icon: IconName }) {
  return (
    <span class="av av-lg av-ghost" aria-hidden="true">
      <Icon name={icon} size={24} />
    </span>
  );
}

function Person({ person }: { person: Candidate }) {
  const role = [person.job_title, person.company].filter((part) => part !== null);
  return (
    <Who face={<Avatar contact={person} size="lg" />} name={person.name}>
      <Dotted words={role} />
    </Who>
  );
}

/** Who it is, where there is one name or none; the second line says what the name is worth. */
function Identity({ caller }: { caller: Caller }) {
  const only = onlyCandidate(caller);
  if (only !== null) return <Person person={only} />;
  if (caller.reason === "withheld") {
    return (
      <Who face={<Face icon="user" />} name={t("callWithheld")}>
        {t("callerHidNumber")}
      </Who>
    );
  }
  const name = callerName(caller);
  const face = <Face icon={isCompanyLine(caller) ? "building" : "user"} />;
  if (name === null) {
    return (
      <Who face={face} name={caller.display}>
        {caller.country !== null && <Told>{countryName(caller.country)}</Told>}
      </Who>
    );
  }
  return (
    <Who face={face} name={name}>
      {isCompanyLine(caller) ? tn("peopleThere", peopleOf(caller)) : t("matchCarrier")}
    </Who>
  );
}

/** The number with how sure the name is; for one that nobody has, among how many it was looked for. */
function NumberLine({ caller, searched }: { caller: Caller; searched: number }) {
  if (caller.reason === "withheld") return null;
  const nameless = callerName(caller) === null && isNobodys(caller);
  return (
    <div class="call-num">
      <span class={nameless ? "" : "tel"}>
        {nameless && caller.reason === "not_found" && tn("notAmong", searched)}
        {!nameless && <CallerNumber caller={caller} />}
      </span>
      <Pill {...{ caller, searched }} />
    </div>
  );
}

function Buttons({ call, actions }: { call: Call; actions: CallerActions }) {
  const { caller } = call;
  const only = onlyCandidate(caller);
  const unknown = isNobodys(caller) && caller.e164 !== null;
  const opens = only?.source === "hubspot";
  return (
    <div class="call-acts">
      {opens && (
        <button type="button" class="btn btn-primary btn-tap" onClick={() => actions.onOpen(call, only.id)}>
          {t("openInHubSpot")}
          <Icon name="external" size={16} />
        </button>
      )}
      {unknown && (
        <>
          <button type="button" class="btn btn-primary btn-tap" onClick={() => actions.onSearch(call)}>
            <Icon name="search" size={16} />
            {t("searchHubSpot")}
          </button>
          <button type="button" class="btn btn-second btn-tap btn-fit" onClick={() => actions.onAdd(call)}>
            {t("addContact")}
          </button>
        </>
      )}
      <button
        type="button"
        class={opens ? "btn btn-second btn-tap btn-fit" : "btn btn-second btn-tap btn-row"}
        onClick={() => actions.onDismiss(call)}
      >
        {t("dismiss")}
      </button>
    </div>
  );
}

function Elsewhere({ live, actions, leaving }: CardProps) {
  const { call } = live;
  const only = onlyCandidate(call.caller);
  const name = callerName(call.caller) ?? (call.caller.display || t("callWithheld"));
  return (
    <section class={leaving === true ? "call is-leaving" : "call"} role="status">
      <div class="call-h">
        <Icon name="call-elsewhere" size={18} class="is-ok" />
        <span>{t("callTakenElsewhere")}</span>
        <span class="grow" />
        <button type="button" class="icon-btn" aria-label={t("close")} onClick={() => actions.onDismiss(call)}>
          <Icon name="x" size={16} />
        </button>
      </div>
      <div class="call-who">
        {only === null ? <Face icon="user" /> : <Avatar contact={only} />}
        <div class="grow">
          <bdi class="n ell">
            <Told>{name}</Told>
          </bdi>
          <span class="m ell">
            <Dotted
              words={[only?.company, call.caller.display].filter(
                (part) => part != null && part !== "" && part !== name,
              )}
            />
          </span>
        </div>
      </div>
    </section>
  );
}

/** What is drawn of a number that several share: the choice, or who was chosen and how to change that. */
function useChoice({ live, actions }: Pick<CardProps, "live" | "actions">, now: Date) {
  const [pickedAt, setPickedAt] = useState<number | null>(null);
  const [again, setAgain] = useState(false);
  const { call } = live;
  const isFresh = pickedAt !== null && now.getTime() - pickedAt < UNDO_MS;
  const pick = (contactId: number | null): void => {
    setPickedAt(contactId === null ? null : Date.now());
    setAgain(false);
    actions.onChoose(call, contactId);
  };
  return { asks: isShared(call.caller) || again, isFresh, pick, onAgain: () => setAgain(true) };
}

export function CallerCard(props: CardProps) {
  const { live, phase, searched, actions } = props;
  const now = useNow();
  const { asks, isFresh, pick, onAgain } = useChoice(props, now);
  const [sentence] = useState(spokenCaller(live.call.caller)); // what is said once is not changed under the reader
  if (phase === "elsewhere") return <Elsewhere {...props} />;
  const { caller } = live.call;
  return (
    <section class={props.leaving === true ? "call is-leaving" : "call"} aria-label={spokenCaller(caller)}>
      {props.announced === true && (
        <span class="sr" role="alert">
          <Told>{sentence}</Told>
        </span>
      )}
      <Head {...{ live, phase, now }} />
      {asks ? (
        <Choice {...{ caller, now }} onPick={pick} />
      ) : (
        <>
          <Identity caller={caller} />
          <NumberLine {...{ caller, searched }} />
          {chosenCandidate(caller) !== null && (
            <Remembered {...{ caller, onAgain }} fresh={isFresh} onUndo={() => pick(null)} />
          )}
        </>
      )}
      <Buttons call={live.call} actions={actions} />
    </section>
  );
}
