/** What is said of a caller, the same in the notification and in the list of calls. */
import type { Caller } from "./contract";
import { t, tn } from "./i18n";

type Candidate = Caller["candidates"][number];

/** A company's main line and nobody's own: its people are not callers. */
export function isCompanyLine({ label }: Caller): boolean {
  return label === "company_line";
}

/** The only person it can be, or null. */
export function onlyCandidate(caller: Caller): Candidate | null {
  return caller.candidates.length === 1 && !isCompanyLine(caller) ? (caller.candidates[0] ?? null) : null;
}

/** How many the number leads to. */
export function peopleOf({ people, candidates }: Caller): number {
  return Math.max(people ?? 0, candidates.length); // a call of before they were counted has no `people`
}

export function isShared(caller: Caller): boolean {
  return caller.candidates.length > 1 && !isCompanyLine(caller);
}

/** The person's name, or the company's on its main line; null when there is no single one. */
export function callerName(caller: Caller): string | null {
  return isCompanyLine(caller) ? caller.company : (onlyCandidate(caller)?.name ?? null);
}

export function callerTitle(caller: Caller): string {
  return callerName(caller) ?? t("callIncoming");
}

/** Company and number; for a caller without one name, why there is none. */
export function callerLine(caller: Caller): string {
  if (caller.reason === "withheld") return t("callWithheld");
  if (isCompanyLine(caller)) return join(t("companyMainLine"), caller.display);
  if (isShared(caller)) return join(tn("callShared", peopleOf(caller)), caller.display);
  const only = onlyCandidate(caller);
  return only === null ? join(caller.display, t("callNotInContacts")) : join(only.company, caller.display);
}

function join(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}
