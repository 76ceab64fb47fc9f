/** What is said of a caller, the same in the notification and in the list of calls. */
import type { Caller } from "./contract";
import { t, tn } from "./i18n";

/** The only person it can be, or null. */
function onlyCandidate(caller: Caller): Caller["candidates"][number] | null {
  return caller.candidates.length === 1 ? (caller.candidates[0] ?? null) : null;
}

export function isShared(caller: Caller): boolean {
  return caller.candidates.length > 1;
}

export function callerName(caller: Caller): string | null {
  return onlyCandidate(caller)?.name ?? null;
}

export function callerTitle(caller: Caller): string {
  return callerName(caller) ?? t("callIncoming");
}

/** Company and number; for a caller without one name, why there is none. */
export function callerLine(caller: Caller): string {
  if (caller.reason === "withheld") return t("callWithheld");
  if (isShared(caller)) return join(tn("callShared", caller.candidates.length), caller.display);
  const only = onlyCandidate(caller);
  return only === null ? join(caller.display, t("callNotInContacts")) : join(only.company, caller.display);
}

function join(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}
