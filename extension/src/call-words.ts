/** What is said of a caller, the same in notification, card and list of calls. Never more certain than it is. */
import type { Caller } from "./contract";
import { t, tn } from "./i18n";

export type Candidate = Caller["candidates"][number];

/** A company's main line and nobody's own: its people are not callers. */
export function isCompanyLine({ label }: Caller): boolean {
  return label === "company_line";
}

/** Whom the rep has picked among those who share the number. */
export function chosenCandidate({ candidates, chosen }: Caller): Candidate | null {
  return candidates.find(({ id }) => id === chosen) ?? null;
}

/** The only person it can be, or the one the rep says it is; null if there is none. */
export function onlyCandidate(caller: Caller): Candidate | null {
  const only = caller.candidates.length === 1 && !isCompanyLine(caller) ? caller.candidates[0] : undefined;
  return chosenCandidate(caller) ?? only ?? null;
}

/** How many the number leads to. */
export function peopleOf({ people, candidates }: Caller): number {
  return Math.max(people ?? 0, candidates.length); // a call of before they were counted has no `people`
}

/** Several people have the number and nobody was picked. */
export function isShared(caller: Caller): boolean {
  return caller.candidates.length > 1 && !isCompanyLine(caller) && chosenCandidate(caller) === null;
}

/** Nobody in the contacts: what can be done is to look in HubSpot, or to add somebody. */
export function isNobodys({ label }: Caller): boolean {
  return label === "none" || label === "carrier";
}

/**
 * The person's name, the company's on its main line, or what the phone system reports; null when there is none. What is
 * reported of a number that is withheld ("Anonymous") is no name.
 */
export function callerName(caller: Caller): string | null {
  if (caller.reason === "withheld") return null;
  if (caller.label === "carrier") return caller.carrier_name;
  const only = onlyCandidate(caller);
  return only === null && isCompanyLine(caller) ? caller.company : (only?.name ?? null);
}

export function callerTitle(caller: Caller): string {
  return callerName(caller) ?? t("callIncoming");
}

/** Company and number; for a caller without one certain name, why. */
export function callerLine(caller: Caller): string {
  if (caller.reason === "withheld") return t("callWithheld");
  if (isShared(caller)) return join(tn("callShared", peopleOf(caller)), caller.display);
  const only = onlyCandidate(caller);
  const doubt = doubtOf(caller);
  if (only !== null) return join(only.company, caller.display, doubt);
  return isNobodys(caller) ? join(caller.display, doubt) : join(doubt, caller.display);
}

/** Why the name is not certain, or why there is none; null on an exact match. */
export function doubtOf(caller: Caller): string | null {
  if (caller.reason === "withheld") return t("callNumberHidden");
  if (caller.label === "carrier") return t("callerFromCarrier"); // a colleague's extension has a name and is no number
  if (caller.reason === "unreadable") return t("callUnreadable");
  if (chosenCandidate(caller) !== null) return t("callerChosen");
  if (isCompanyLine(caller)) return t("companyMainLine");
  if (caller.label === "other_form") return t("callerOtherForm");
  return caller.label === "none" ? t("callNotInContacts") : null;
}

/** Letters of a script that runs from right to left; beside them a number would be turned about. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

function join(...parts: (string | null)[]): string {
  const said = parts.flatMap((part) => (part === null || part === "" ? [] : [part]));
  return said.map((part) => (RIGHT_TO_LEFT.test(part) ? `\u2068${part}\u2069` : part)).join(" · ");
}
