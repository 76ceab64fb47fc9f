/**
 * What is remembered of a call, and what a call event asks for: decided from the event, the memory and the present
 * alone. Announced at most once, never after its end and never past its time to live.
 */
import { onlyCandidate } from "./call-words";
import type { Call, Moment } from "./contract";
import type { CallMemory } from "./storage";

export type Step = "announce" | "reword" | "withdraw" | "nothing";

/** What a call event asks for, given what is remembered of the call. */
export function stepFor(call: Call, ringsUntil: Moment, memory: CallMemory | null, now: Date): Step {
  const { announced, dismissed, state } = memory ?? UNHEARD;
  if (!rings(call, ringsUntil, now)) return announced ? "withdraw" : "nothing";
  if (state !== "ringing" || dismissed) return "nothing"; // the end overtook the ring
  return announced ? "reword" : "announce";
}

const UNHEARD: Pick<CallMemory, "announced" | "dismissed" | "state"> = {
  announced: false,
  dismissed: false,
  state: "ringing",
};

function rings(call: Call, ringsUntil: Moment, now: Date): boolean {
  return call.direction === "inbound" && call.state === "ringing" && new Date(ringsUntil) > now;
}

/** The HubSpot contact it is from, if it can be only one. */
export function recordOf({ caller }: Call): number | null {
  const only = onlyCandidate(caller);
  return only?.source === "hubspot" ? only.id : null;
}

export function remembered(call: Call, ringsUntil: Moment, memory: CallMemory | null, announced: boolean): CallMemory {
  return {
    callId: call.call_id,
    state: call.state === "ringing" ? (memory?.state ?? "ringing") : "over",
    ringsUntil,
    announced: announced || memory?.announced === true,
    dismissed: memory?.dismissed === true,
    missed: isMissed(call),
    contactId: recordOf(call),
  };
}

/** Whether it is to be drawn as live: neither dismissed nor a ring whose end came first. */
export function isLive(call: Call, memory: CallMemory): boolean {
  return !memory.dismissed && !(call.state === "ringing" && memory.state !== "ringing");
}

const UNANSWERED: readonly Call["state"][] = ["missed", "voicemail"];

export function isMissed(call: Call): boolean {
  return call.direction === "inbound" && UNANSWERED.includes(call.state);
}

/**
 * Those newly missed after one more call was heard of: each counts once, however often it is told and whatever the
 * clocks say, and no more once it turns out to have been answered.
 */
export function missedWith(call: Call, missed: readonly string[], memory: CallMemory | null): readonly string[] {
  if (isMissed(call) && memory?.missed === true) return missed;
  const others = missed.filter((callId) => callId !== call.call_id);
  return isMissed(call) ? [...others, call.call_id] : others;
}

/**
 * The same where the events are gone and only the list of calls is left: of one never heard of, its moment decides. Where
 * nobody has looked at the list yet, as it is at the first sign-in, it is all history.
 */
export function isNewlyMissed(
  call: Call,
  missed: readonly string[],
  memory: CallMemory | null,
  seenAt: Moment | null,
): boolean {
  if (!isMissed(call)) return false;
  if (missed.includes(call.call_id)) return true;
  if (memory !== null) return !memory.missed;
  return seenAt !== null && new Date(call.ended_at ?? call.started_at) > new Date(seenAt);
}
