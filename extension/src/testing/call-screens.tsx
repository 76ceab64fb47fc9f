/** Calls as every surface draws them, with sample facts: each kind of caller, each phase, each way to be told or not. */
import type { ComponentChild } from "preact";

import type { Phase } from "../call-facts";
import type { CallListView } from "../call-list";
import type { Call, Caller } from "../contract";
import type { LiveCall } from "../protocol";
import { CallSettings, QuietNote } from "../ui/call-settings";
import { CallerCard, type CallerActions } from "../ui/caller-card";
import { Calls } from "../ui/calls";
import { CardStack } from "../ui/card-stack";
import { LiveCalls } from "../ui/live-calls";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { bianca, call, caller, candidate, NOW } from "./samples";

const nothing = (): void => undefined;
const SEARCHED = 98_431;

const cardActions: CallerActions = {
  onOpen: nothing,
  onDismiss: nothing,
  onChoose: nothing,
  onAdd: nothing,
  onSearch: nothing,
};

const people = [
  candidate({ is_mine: true, last_contacted_at: "2026-11-19T14:00:00.000Z" }),
  candidate({ id: 22, source: "personal" }),
  candidate({ id: 23, job_title: null }),
];

/** Whoever may be calling, by what is known of them. */
const CALLERS: Record<string, Partial<Caller>> = {
  exact: {},
  "another form": { label: "other_form" },
  shared: { label: "shared", people: 7, candidates: people },
  chosen: { label: "shared", people: 3, candidates: people, chosen: 22 },
  "company line": { label: "company_line", people: 12, company: bianca.company },
  carrier: { label: "carrier", people: 0, candidates: [], carrier_name: bianca.name },
  nobody: { label: "none", people: 0, candidates: [], reason: "not_found" },
  unreadable: { label: "none", people: 0, candidates: [], reason: "unreadable", e164: null, country: null },
  withheld: { label: "none", people: 0, candidates: [], reason: "withheld", e164: null, country: null, display: "" },
};

export function liveCall(change: Partial<Call> = {}): LiveCall {
  return { call: call(change), ringsUntil: "2026-11-21T14:16:50.000Z", heardAt: "2026-11-21T14:15:59.000Z" };
}

const calls: CallListView = {
  filter: "all",
  q: "",
  calls: [
    ...Object.values(CALLERS).map((change, place) => call({ id: place, state: "missed", caller: caller(change) })),
    call({ id: 20, state: "voicemail" }),
    call({ id: 21, state: "ended", direction: "outbound", ended_at: "2026-11-21T14:16:10.000Z" }),
    call({ id: 22, state: "answered_elsewhere" }),
    call({ id: 23, state: "ended", answered_at: "2026-11-20T14:00:00Z", ended_at: "2026-11-20T14:06:41Z" }),
  ],
  counts: { all: 6, missed: 2, unknown: 1 },
  more: true,
};

function card(change: Partial<Call>, phase: Phase): ComponentChild {
  return <CallerCard live={liveCall(change)} searched={SEARCHED} actions={cardActions} announced {...{ phase }} />;
}

function history(list: CallListView, note: ComponentChild = null): ComponentChild {
  return (
    <Calls
      {...{ list, note }}
      now={NOW}
      onShown={nothing}
      onFilter={nothing}
      onOlder={nothing}
      onOpen={nothing}
      onAdd={nothing}
      onSearch={nothing}
      onChoose={async () => true}
    />
  );
}

type State = (change: Partial<PopupState>) => PopupState;

/** `popupState` and `idle` are the samples of the other screens. */
export function callScreens(popupState: State, idle: PopupActions): Record<string, () => ComponentChild> {
  const settings = (change: Partial<PopupState>) => <CallSettings state={popupState(change)} actions={idle} />;
  const note = (change: Partial<PopupState>) => <QuietNote state={popupState(change)} actions={idle} />;
  const two = { calls: [liveCall(), liveCall({ call_id: "2" })], more: 3, searched: SEARCHED };
  const cards = Object.entries(CALLERS).map(([name, change]) => [
    `card: ${name}`,
    () => card({ caller: caller(change) }, "ringing"),
  ]);
  return {
    ...Object.fromEntries(cards),
    "card: on the call": () => card({ state: "answered" }, "talking"),
    "card: answered elsewhere": () => card({ state: "answered_elsewhere" }, "elsewhere"),
    "card: outgoing": () => card({ direction: "outbound" }, "ringing"),
    "cards on a page": () => (
      <CardStack view={two} problem={null} actions={cardActions} onMute={nothing} onGone={nothing} />
    ),
    "card on a page, in vain": () => (
      <CardStack
        view={{ ...two, more: 0 }}
        problem="unreachable"
        actions={cardActions}
        onMute={nothing}
        onGone={nothing}
      />
    ),
    "live calls": () => <LiveCalls state={popupState({ live: two.calls })} actions={cardActions} />,
    calls: () => history(calls),
    "no call found": () => history({ ...calls, calls: [], q: "0199" }),
    "notifications off": () => history(calls, note({ notifications: false })),
    "notifications paused": () => history(calls, note({ pausedUntil: "2026-11-21T14:46:00.000Z" })),
    "call settings": () => settings({ pagesAllowed: true, mutedSites: ["web.example"] }),
    "call settings, paused": () => settings({ pausedUntil: "2026-11-22T00:00:00.000Z" }),
  };
}
