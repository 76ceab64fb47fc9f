/** Why a caller is taken for whom: the match in a word and its reason, what ranks one candidate before another. */
import {
  callerLine,
  callerName,
  chosenCandidate,
  isNobodys,
  isShared,
  onlyCandidate,
  peopleOf,
  type Candidate,
} from "../call-words";
import type { Caller } from "../contract";
import { grouped, t, tn } from "../i18n";
import { updatedAgo } from "./wording";

interface Match {
  words: string;
  /** The reason, for whoever asks. */
  why: string;
  certain: boolean;
}

const FIELD: Record<Candidate["matched"]["kind"], () => string> = {
  phone: () => t("phoneWork"),
  mobile: () => t("phoneMobile"),
  whatsapp: () => t("phoneWhatsApp"),
  company: () => t("companyMainLine"),
};

/** Which of their numbers it is. */
function fieldOf({ matched }: Candidate): string {
  return FIELD[matched.kind]();
}

function doubtful(words: string, why: string): Match {
  return { words, why, certain: false };
}

function exact({ candidates: [only] }: Caller): Match {
  const why = only === undefined ? "" : t("matchExactWhy", { field: fieldOf(only) });
  return { words: t("matchExact"), why, certain: true };
}

/** Null where the name says it all: a number that several share, and one that was withheld. */
const MATCH: Record<Caller["label"], (caller: Caller, searched: number) => Match | null> = {
  exact,
  other_form: () => doubtful(t("matchOtherForm"), t("matchOtherFormWhy")),
  company_line: () => doubtful(t("companyMainLine"), t("matchCompanyWhy")),
  carrier: () => doubtful(t("matchCarrier"), t("matchCarrierWhy")),
  shared: () => null,
  none: noMatch,
};

export function matchOf(caller: Caller, searched: number): Match | null {
  if (chosenCandidate(caller) !== null) return doubtful(t("matchChosen"), tn("peopleShare", peopleOf(caller)));
  return MATCH[caller.label](caller, searched);
}

function noMatch({ reason, display }: Caller, searched: number): Match | null {
  if (reason === "withheld") return null;
  const why =
    reason === "unreadable" ? t("matchUnreadableWhy") : t("searchedAs", { count: grouped(searched), number: display });
  return doubtful(reason === "unreadable" ? t("matchUnreadable") : t("matchNone"), why);
}

/** Why a candidate stands where it does: theirs, lately spoken to, by which number. */
export function rankedBy(candidate: Candidate, now: Date): string[] {
  const { is_mine: isMine, last_contacted_at: contactedAt } = candidate;
  const contacted = contactedAt === null || contactedAt === undefined ? [] : [contactedAt];
  return [
    ...(isMine ? [t("yourContact")] : []),
    ...contacted.map((moment) => t("lastContacted", { ago: updatedAgo(moment, now) })),
    fieldOf(candidate),
  ];
}

/** One whole sentence, for a screen reader. */
export function spokenCaller(caller: Caller): string {
  const name = callerName(caller);
  if (isShared(caller)) return [t("callIncoming"), tn("peopleShare", peopleOf(caller))].join(". ");
  if (name === null) return [t("callIncoming"), callerLine(caller)].join(". ");
  if (isNobodys(caller)) return [t("callIncomingFrom", { who: name }), callerLine(caller)].join(". ");
  const company = onlyCandidate(caller)?.company ?? name;
  return t("callIncomingFrom", { who: company === name ? name : [name, company].join(", ") });
}
