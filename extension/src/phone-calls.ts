/**
 * What the widget tells of calls, brought to events of Callbook's: it tells each call two or three times over (the web
 * phone, the rep's presence, the telephony session), ends it twice, and only the session knows who else took it.
 * A call here only goes forward, and is named by its telephony session. One that comes back to the rep when it was over
 * for them (a transfer that nobody took) is another call: it rings anew, as another party of the same session.
 */
import type { CallNews } from "./contract";
import { isUnread, textIn, type Unread } from "./phone-messages";

/** News, and whether another source may know better how the call ended. */
type CallState = CallNews["state"];

interface Told extends CallNews {
  /** The rep's, in the session; null where it is not told. */
  party: string | null;
  unsure: boolean;
}

const STAGE: Record<CallState, number> = {
  ringing: 0,
  answered: 1,
  ended: 2,
  missed: 2,
  answered_elsewhere: 2,
  voicemail: 2,
};
/** Past ringing; who answered may still be told. */
const UNEXPLAINED = 0.5;
/** How long an end that nobody explains waits for the session's word. */
export const EXPLAINED_WITHIN_MS = 1_000;
const KEPT_CALLS = 200;
const LONGEST_ID = 200;
const LONGEST_TEXT = 200;

/** Of the web phone: https://ringcentral.github.io/ringcentral-embeddable/docs/integration/events/ */
const WEB_PHONE: Record<string, CallState> = {
  "rc-call-init-notify": "ringing",
  "rc-call-ring-notify": "ringing",
  "rc-call-start-notify": "answered",
  "rc-call-end-notify": "ended",
};
const PRESENCE: Record<string, CallState> = {
  Ringing: "ringing",
  CallConnected: "answered",
  OnHold: "answered",
  ParkedCall: "answered",
  NoCall: "ended",
};
const PARTY: Record<string, CallState> = {
  Setup: "ringing",
  Proceeding: "ringing",
  Answered: "answered",
  Hold: "answered",
  Parked: "answered",
  VoiceMail: "voicemail",
  VoiceMailScreening: "voicemail",
  Disconnected: "ended",
  Gone: "ended",
};
/** Why the rep's own side was let go of: a colleague has it. */
const TAKEN: readonly string[] = ["Pickup", "AgentAnswered", "TakeOver"];

interface Known {
  /** What the server calls it. */
  id: string;
  party: string | null;
  stage: number;
  /** An end that waits for its reason, and until when. */
  held: { news: CallNews; until: number } | null;
}

export class PhoneCalls {
  private readonly known = new Map<string, Known>();

  /** What is new in a message; most say nothing new. */
  heard(type: string, message: Unread, now: number): CallNews[] {
    const told = toldBy(type, message);
    if (told === null) return [];
    const known = legOf(told, this.known.get(told.call_id));
    this.keep(told.call_id, known);
    if (saysNothingNew(told, known)) return [];
    if (told.unsure && known.stage < STAGE.answered) {
      known.held ??= { news: newsOf(told, known), until: now + EXPLAINED_WITHIN_MS };
      return [];
    }
    known.held = null;
    known.stage = STAGE[told.state];
    return [newsOf(told, known)];
  }

  /** Ends that waited long enough. Missed, unless somebody says more: another telephone of the rep's may have it. */
  due(now: number): CallNews[] {
    const over = [...this.known.values()].filter(({ held }) => held !== null && held.until <= now);
    return over.flatMap((known) => {
      const news = known.held?.news ?? null;
      known.held = null;
      if (news === null) return [];
      known.stage = UNEXPLAINED;
      return [{ ...news, state: "missed" }];
    });
  }

  private keep(callId: string, known: Known): void {
    this.known.delete(callId);
    this.known.set(callId, known);
    const [oldest] = this.known.keys();
    if (this.known.size > KEPT_CALLS && oldest !== undefined) this.known.delete(oldest);
  }
}

/** What is known of the call that is told of: as it was, or as one that begins. */
function legOf({ call_id: session, party, state }: Told, known: Known | undefined): Known {
  if (known === undefined) return { id: session, party, stage: -1, held: null };
  const again = state === "ringing" && known.stage >= STAGE.ended && isAnother(party, known);
  return again
    ? { id: `${session}/${party}`.slice(0, LONGEST_ID), party, stage: -1, held: null }
    : { ...known, party: known.party ?? party };
}

function isAnother(party: string | null, known: Known): boolean {
  return party !== null && known.party !== null && party !== known.party;
}

function saysNothingNew({ call_id: session, state, party, unsure }: Told, known: Known): boolean {
  if (known.id !== session && isAnother(party, known)) return true; // late word of the one before
  return STAGE[state] <= known.stage || (unsure && known.stage === UNEXPLAINED);
}

function newsOf({ unsure: _unsure, party: _party, ...news }: Told, { id }: Known): CallNews {
  return { ...news, call_id: id };
}

function toldBy(type: string, { call, telephonySession }: Unread): Told | null {
  if (type === "rc-telephony-session-notify") return isUnread(telephonySession) ? bySession(telephonySession) : null;
  if (!isUnread(call)) return null;
  if (type === "rc-active-call-notify" || type === "rc-ringout-call-notify") return byPresence(call);
  const state = WEB_PHONE[type];
  return state === undefined ? null : byWebPhone(call, state);
}

interface Side {
  number: string | null;
  name: string | null;
}

interface Source {
  /** The first that is one names the call. */
  ids: readonly unknown[];
  party: unknown;
  direction: unknown;
  state: CallState;
  from: Side;
  to: Side;
  unsure: boolean;
}

const DIRECTION: Record<string, CallNews["direction"]> = { Inbound: "inbound", Outbound: "outbound" };

function toldOf({ ids, state, from, to, unsure, ...source }: Source): Told | null {
  const direction = DIRECTION[textIn(source.direction) ?? ""];
  const id = ids.find((one): one is string => typeof one === "string" && one !== "" && one.length <= LONGEST_ID);
  if (id === undefined || direction === undefined) return null;
  const inbound = direction === "inbound";
  const { number, name } = inbound ? from : to;
  const said = { number: cut(number), name: cut(name) || null };
  return { call_id: id, party: textIn(source.party), direction, state, ...said, unsure: unsure && inbound };
}

function byWebPhone(call: Unread, state: CallState): Told | null {
  const { partyData, callId, id, isToVoicemail, direction } = call;
  const became = state === "ended" && isToVoicemail === true ? "voicemail" : state;
  const party = isUnread(partyData) ? partyData : {};
  const sessionId = textIn(party.sessionId);
  if (state === "ringing" && direction === "Outbound" && sessionId === null) return null; // the session will name it
  return toldOf({
    ids: [sessionId, callId, id],
    party: party.partyId,
    direction,
    state: became,
    from: { number: textIn(call.fromNumber) ?? textIn(call.from), name: textIn(call.fromUserName) },
    to: { number: textIn(call.to), name: textIn(call.toUserName) },
    unsure: became === "ended",
  });
}

function byPresence(call: Unread): Told | null {
  const { telephonySessionId, sessionId, partyId, telephonyStatus, terminationType, direction } = call;
  const state = PRESENCE[textIn(telephonyStatus) ?? ""];
  if (state === undefined || terminationType === "intermediate") return null; // parked or passed on: not over
  return toldOf({
    ids: [telephonySessionId, sessionId],
    party: partyId,
    direction,
    state,
    from: { number: numberOf(call.from), name: textIn(call.fromName) },
    to: { number: numberOf(call.to), name: textIn(call.toName) },
    unsure: state === "ended",
  });
}

/** The rep's own side of a session: the newest of their extension. Another's is none of their business. */
function ownOf(parties: readonly Unread[], extensionId: unknown): Unread | undefined {
  const own = idOf(extensionId);
  return own === null ? parties[0] : parties.findLast((party) => idOf(party.extensionId) === own);
}

function idOf(value: unknown): string | null {
  return typeof value === "number" ? String(value) : textIn(value);
}

function bySession({ id, extensionId, parties }: Unread): Told | null {
  const all = Array.isArray(parties) ? parties.filter(isUnread) : [];
  const own = ownOf(all, extensionId);
  const status = own !== undefined && isUnread(own.status) ? own.status : {};
  const state = PARTY[textIn(status.code) ?? ""];
  if (own === undefined || state === undefined) return null;
  return toldOf({
    ids: [id],
    party: own.id,
    direction: own.direction,
    state: state === "ended" ? endOf(own, status, all) : state,
    from: { number: numberOf(own.from), name: nameOf(own.from) },
    to: { number: numberOf(own.to), name: nameOf(own.to) },
    unsure: false,
  });
}

/** "ended" of a call that rang until then is a missed one: the server knows that. */
function endOf(own: Unread, status: Unread, all: readonly Unread[]): CallState {
  const colleague = all.some((party) => party !== own && party.direction === own.direction && isAnswered(party));
  const taken = TAKEN.includes(textIn(status.reason) ?? "") || colleague;
  return taken && own.direction === "Inbound" ? "answered_elsewhere" : "ended";
}

function isAnswered({ status }: Unread): boolean {
  return isUnread(status) && status.code === "Answered";
}

function cut(text: string | null): string {
  return (text ?? "").replaceAll("\0", "").slice(0, LONGEST_TEXT).toWellFormed().trim();
}

function numberOf(side: unknown): string | null {
  if (!isUnread(side)) return textIn(side);
  return textIn(side.phoneNumber) ?? textIn(side.extensionNumber);
}

function nameOf(side: unknown): string | null {
  return isUnread(side) ? textIn(side.name) : null;
}
