/**
 * Facts of a live call: whether it rings, goes on, or was just taken by somebody else, and when that ends. Decided
 * from what is kept and the present alone, so that every surface says the same and none says it too long.
 */
import type { Call, CallState, Moment } from "./contract";
import type { LiveCall } from "./protocol";

/** So long "answered elsewhere" is read before it goes. */
export const LINGER_MS = 4_000;
/** On somebody else's page the card of an answered call is in the way after this. */
const TALK_ON_PAGE_MS = 60_000;
/** A call whose end was never told. */
const LONGEST_TALK_MS = 4 * 60 * 60_000;

/** By this computer's clock, which may be wrong: the server tells how long, not until when. */
export function endOfRing({ rings_ms: left }: Call, now: Date): Moment {
  return new Date(now.getTime() + left).toISOString();
}

export type Phase = "ringing" | "talking" | "elsewhere";

const PHASE: Partial<Record<CallState, Phase>> = {
  ringing: "ringing",
  answered: "talking",
  answered_elsewhere: "elsewhere",
};

function endOf({ ringsUntil, heardAt }: LiveCall, phase: Phase, talkMs: number): number {
  if (phase === "ringing") return new Date(ringsUntil).getTime();
  return new Date(heardAt).getTime() + (phase === "talking" ? talkMs : LINGER_MS);
}

function phaseWithin(live: LiveCall, now: Date, talkMs: number): Phase | null {
  const phase = PHASE[live.call.state] ?? null;
  return phase !== null && now.getTime() < endOf(live, phase, talkMs) ? phase : null;
}

/** Null once there is nothing live about it. */
export function phaseOf(live: LiveCall, now: Date): Phase | null {
  return phaseWithin(live, now, LONGEST_TALK_MS);
}

/** The same for a card on a page: only who calls, and not for the whole of the talk. */
export function phaseOnPage(live: LiveCall, now: Date): Phase | null {
  return live.call.direction === "inbound" ? phaseWithin(live, now, TALK_ON_PAGE_MS) : null;
}

/** When what it is on a page ends by itself; milliseconds of the epoch. */
export function endsOnPageAt(live: LiveCall, phase: Phase): number {
  return endOf(live, phase, TALK_ON_PAGE_MS);
}

/** The live calls after one more was heard of; what is over is left out. */
export function withHeard(calls: readonly LiveCall[], heard: LiveCall, now: Date): LiveCall[] {
  const before = calls.find((one) => one.call.call_id === heard.call.call_id);
  const same = before !== undefined && before.call.state === heard.call.state;
  const next = same ? { ...heard, heardAt: before.heardAt } : heard;
  const all = before === undefined ? [...calls, next] : calls.map((one) => (one === before ? next : one));
  return all.filter((one) => phaseOf(one, now) !== null);
}

/** Whether the rep is not to be told now, by notification or card. */
export function isQuiet(pausedUntil: Moment | null, now: Date): boolean {
  return pausedUntil !== null && new Date(pausedUntil) > now;
}
