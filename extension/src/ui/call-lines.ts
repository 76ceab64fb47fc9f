/** A call in words: what became of it, its two lines, its icon, its day. */
import { callerName, doubtOf, isNobodys, isShared, peopleOf } from "../call-words";
import type { Call } from "../contract";
import { t, tn } from "../i18n";
import { span } from "../run-words";
import type { IconName } from "./icons";
import { dayName } from "./wording";

export type Outcome = "ringing" | "missed" | "voicemail" | "elsewhere" | "unanswered" | "talked" | "talking" | "over";

export function outcomeOf(call: Call): Outcome {
  if (call.state === "answered_elsewhere") return "elsewhere";
  if (call.state === "voicemail" || call.state === "ringing") return call.state;
  if (call.answered_at !== null) return call.ended_at === null ? "talking" : "talked";
  if (call.direction === "outbound") return "unanswered";
  return call.state === "missed" ? "missed" : "over"; // of a call whose end alone was told nobody knows
}

function talkedFor(call: Call): string {
  const from = new Date(call.answered_at ?? call.started_at).getTime();
  return span((new Date(call.ended_at ?? call.started_at).getTime() - from) / 1000);
}

const RESULT: Record<Outcome, (call: Call) => string> = {
  ringing: () => t("callRinging"),
  missed: () => t("callMissed"),
  voicemail: () => t("callVoicemail"),
  elsewhere: () => t("callElsewhere"),
  unanswered: () => t("callNoAnswer"),
  talking: () => t("callOngoing"),
  talked: talkedFor,
  over: () => t("callOver"),
};

/** "Missed", "no answer", "6 min 41 s". */
export function resultOf(call: Call, outcome: Outcome): string {
  return RESULT[outcome](call);
}

export function nameOf({ caller }: Call): string {
  if (caller.reason === "withheld") return t("callWithheld");
  if (isShared(caller)) return tn("callShared", peopleOf(caller));
  return callerName(caller) ?? caller.display;
}

/** The second line: what number it is, what became of the call, why its name is none or not certain. What may give way comes last. */
export function lineOf(call: Call, outcome: Outcome): string[] {
  const { caller } = call;
  const result = resultOf(call, outcome);
  const doubt = isShared(caller) ? null : doubtOf(caller);
  const why = doubt === null ? [] : [doubt];
  return isNobodys(caller) && callerName(caller) === null
    ? [result, ...why]
    : [...numberAndResult(call, outcome), ...why];
}

function numberAndResult(call: Call, outcome: Outcome): string[] {
  const result = resultOf(call, outcome);
  // A main line without a name has its number for one already; one that is withheld may be empty.
  const { display } = call.caller;
  const number = display === "" || nameOf(call) === display ? [] : [display];
  return isMissed(outcome) ? [result, ...number] : [...number, result];
}

/** Nobody of ours spoke to the caller. */
export function isMissed(outcome: Outcome): boolean {
  return outcome === "missed" || outcome === "voicemail";
}

export function iconOf(call: Call, outcome: Outcome): { name: IconName; label: string } {
  if (isMissed(outcome)) return { name: "call-missed", label: t("callMissed") };
  return call.direction === "inbound"
    ? { name: "call-in", label: t("callIncomingShort") }
    : { name: "call-out", label: t("callOutgoing") };
}

/** The number a personal contact could be made for: nobody has it. One that cannot be read would not be found again. */
export function unknownNumber({ caller }: Call): string | null {
  return isNobodys(caller) ? caller.e164 : null;
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
