/**
 * Who a number is, for the widget: answered by the very texts it asked with, before a ringing screen has to show
 * something else. What the server cannot say in time is said from the recent callers, and put right when it can.
 */
import { peopleOf } from "./call-words";
import type { Caller } from "./contract";
import { actionProblem } from "./errors";
import { grouped, t } from "./i18n";
import { PHONE_TYPES, SERVICE, type Unread, type WidgetContact, type WidgetPhone } from "./phone-messages";
import type { RecentCaller } from "./storage";

export const ANSWER_WITHIN_MS = 900;
const BATCH = 100;
const MOST_ASKED = 1_000;
const LONGEST_NUMBER = 200;
export const REMEMBERED_NUMBERS = 500;

export type NamesByNumber = Record<string, readonly WidgetContact[]>;

interface Sources {
  /** At most 100 numbers, as they were written; answers in their order. */
  ask: (numbers: readonly string[]) => Promise<Caller[]>;
  recent: () => Promise<readonly RecentCaller[]>;
  remember: (found: NamesByNumber) => Promise<void>;
  /** These were answered before the server had said who they are. */
  onLate: (numbers: readonly string[]) => void;
}

export class CallerNames {
  constructor(private readonly from: Sources) {}

  async answer({ phoneNumbers }: Unread): Promise<NamesByNumber> {
    const asked = numbersIn(phoneNumbers);
    if (asked.length === 0) return {};
    const found = new Map<string, WidgetContact[]>();
    const all = Promise.all(batchesOf(asked).map((batch) => this.askInto(found, batch)));
    await Promise.race([all, passed(ANSWER_WITHIN_MS)]);
    const inTime = new Set(found.keys());
    const late = asked.filter((number) => !inTime.has(number));
    if (late.length > 0) void all.then(() => this.tellLate(late, found));
    const recent = late.length > 0 ? await this.from.recent() : [];
    return answerOf(asked, found, recent);
  }

  private async askInto(found: Map<string, WidgetContact[]>, batch: readonly string[]): Promise<void> {
    try {
      const callers = await this.from.ask(batch);
      const answered = batch.map((number, place) => [number, contactsOf(callers[place])] as const);
      for (const [number, contacts] of answered) found.set(number, contacts);
      await this.from.remember(Object.fromEntries(answered));
    } catch (error) {
      actionProblem(error); // no answer is none; anything else is a fault of ours
    }
  }

  private tellLate(late: readonly string[], found: ReadonlyMap<string, WidgetContact[]>): void {
    const known = late.filter((number) => found.has(number));
    if (known.length > 0) this.from.onLate(known);
  }
}

/** Texts that the server takes; of the others nobody knows who they are. */
function numbersIn(phoneNumbers: unknown): string[] {
  if (!Array.isArray(phoneNumbers)) return [];
  const texts = phoneNumbers.filter((one): one is string => typeof one === "string" && isAskable(one));
  return [...new Set(texts)].slice(0, MOST_ASKED);
}

function isAskable(text: string): boolean {
  return text.trim() !== "" && text.length <= LONGEST_NUMBER && !text.includes("\0") && text.isWellFormed();
}

function batchesOf(numbers: readonly string[]): string[][] {
  const starts = Array.from({ length: Math.ceil(numbers.length / BATCH) }, (_, place) => place * BATCH);
  return starts.map((start) => numbers.slice(start, start + BATCH));
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** No key for a number that is nobody's: that is how the widget is told so. */
function answerOf(
  asked: readonly string[],
  found: ReadonlyMap<string, WidgetContact[]>,
  recent: readonly RecentCaller[],
): NamesByNumber {
  const remembered = new Map(recent.map(({ number, contacts }) => [number, contacts]));
  const all = asked.map((number) => [number, found.get(number) ?? remembered.get(number) ?? []] as const);
  return Object.fromEntries(all.filter(([, contacts]) => contacts.length > 0));
}

/**
 * The ringing screen shows the first and nothing of the others, so that each of several says that it is one of several,
 * unless the rep has said who it is. A company's main line is the company, and nobody who works there.
 */
export function contactsOf(caller: Caller | undefined): WidgetContact[] {
  if (caller === undefined) return [];
  if (caller.label === "company_line") return lineOf(caller);
  const { candidates, chosen } = caller;
  const people = peopleOf(caller);
  return candidates.map((one) => ({
    id: String(one.id),
    name: people > 1 && one.id !== chosen ? oneOf(one.name, people) : one.name,
    type: SERVICE,
    phoneNumbers: [phoneOf(one.matched)],
    ...(one.company !== null && { company: one.company }),
    ...(one.job_title !== null && { jobTitle: one.job_title }),
  }));
}

function oneOf(name: string, people: number): string {
  return t("phoneOneOfSeveral", { name, count: grouped(people) });
}

function lineOf({ company, e164, candidates }: Caller): WidgetContact[] {
  const line = candidates[0]?.matched;
  if (!company || e164 === null || line === undefined) return [];
  return [{ id: `line:${e164}`, name: company, type: SERVICE, company, phoneNumbers: [phoneOf(line)] }];
}

type Matched = Caller["candidates"][number]["matched"];

function phoneOf({ e164, raw, kind }: Matched): WidgetPhone {
  return { phoneNumber: e164 ?? raw, phoneType: PHONE_TYPES[kind] };
}

/** The newest first; whoever is nobody any more is forgotten. */
export function withRecent(known: readonly RecentCaller[], found: NamesByNumber, at: string): RecentCaller[] {
  const news = Object.entries(found);
  const named = news.filter(([, contacts]) => contacts.length > 0);
  const fresh = named.map(([number, contacts]): RecentCaller => ({ number, contacts, at }));
  const others = known.filter(({ number }) => !Object.hasOwn(found, number));
  return [...fresh, ...others].slice(0, REMEMBERED_NUMBERS);
}
