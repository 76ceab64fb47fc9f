/** A call in words: what became of it, its two lines, its icon, its day. */
import { callerName, isCompanyLine, isShared, peopleOf } from "../call-words";
import type { Call } from "../contract";
import { t, tn } from "../i18n";
import type { IconName } from "./icons";
import { dayName, span } from "./wording";

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

/** "Missed", "no answer", "6 min 41 s". */
export function resultOf(call: Call, outcome: Outcome): string {
  return RESULT[outcome](call);
}

export function nameOf({ caller }: Call): string {
  if (caller.reason === "withheld") return t("callWithheld");
  if (isShared(caller)) return tn("callShared", peopleOf(caller));
  return callerName(caller) ?? caller.display;
}

/** The second line: what number it is, what became of the call, why there is no name. What may give way comes last. */
export function lineOf(call: Call, outcome: Outcome): string[] {
  const { caller } = call;
  const result = resultOf(call, outcome);
  if (caller.reason === "withheld") return [result, t("callNumberHidden")];
  if (isCompanyLine(caller)) return [...numberAndResult(call, outcome), t("companyMainLine")];
  if (caller.candidates.length === 0) return [result, t("callNotInContacts")];
  return numberAndResult(call, outcome);
}

function numberAndResult(call: Call, outcome: Outcome): string[] {
  const result = resultOf(call, outcome);
  // A main line without a name has its number for one already.
  const number = nameOf(call) === call.caller.display ? [] : [call.caller.display];
  return outcome === "missed" ? [result, ...number] : [...number, result];
}

export function iconOf(call: Call, outcome: Outcome): { name: IconName; label: string } {
  if (outcome === "missed") return { name: "call-missed", label: t("callMissed") };
  return call.direction === "inbound"
    ? { name: "call-in", label: t("callIncomingShort") }
    : { name: "call-out", label: t("callOutgoing") };
}

/** The number a personal contact could be made for: nobody has it. One that cannot be read would not be found again. */
export function unknownNumber({ caller }: Call): string | null {
  return caller.label === "none" ? caller.e164 : null;
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
