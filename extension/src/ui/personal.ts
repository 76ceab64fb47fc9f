/** A personal contact as it stands in the form, and as the server takes it. */
import type { Contact, FieldRefusal, PersonalIn, PhoneKind } from "../contract";

/** Every field of the form, as typed. */
interface Draft {
  first_name: string;
  last_name: string;
  company: string;
  job_title: string;
  email: string;
  mobile: string;
  phone: string;
}

export type Field = keyof Draft;

/** What is known already of somebody to be added. */
export interface Prefill {
  number?: string;
  name?: string;
}

const SHOWN_KINDS = ["mobile", "phone"] as const satisfies readonly PhoneKind[];
const EMPTY: Draft = { first_name: "", last_name: "", company: "", job_title: "", email: "", mobile: "", phone: "" };

/** The longest the server takes. */
export const LONGEST: Record<Field, number> = {
  first_name: 100,
  last_name: 100,
  company: 200,
  job_title: 200,
  email: 254,
  mobile: 200,
  phone: 200,
};

export function draftFor({ number, name }: Prefill): Draft {
  const [first = "", ...rest] = (name ?? "").trim().split(/\s+/u);
  return { ...EMPTY, first_name: first, last_name: rest.join(" "), phone: number ?? "" };
}

/** Numbers as they were typed, so that nothing is lost by looking. */
export function draftOf(contact: Contact): Draft {
  const number = (kind: PhoneKind): string => contact.phones.find((phone) => phone.kind === kind)?.raw ?? "";
  const { first_name, last_name, company, job_title, email } = contact;
  const texts = { first_name, last_name, company, job_title, email };
  const filled = Object.entries(texts).map(([name, text]) => [name, text ?? ""]);
  return { ...EMPTY, ...Object.fromEntries(filled), mobile: number("mobile"), phone: number("phone") };
}

function textOf(typed: string): string | null {
  return typed.trim() || null;
}

/** The body to send; a number of a kind that the form does not show is kept as it is. */
export function personalOf(draft: Draft, before: Contact | null): PersonalIn {
  const shown = SHOWN_KINDS.map((kind) => ({ kind, number: draft[kind].trim() })).filter(({ number }) => number !== "");
  const kept = (before?.phones ?? []).filter(({ kind }) => kind === "whatsapp");
  return {
    first_name: textOf(draft.first_name),
    last_name: textOf(draft.last_name),
    company: textOf(draft.company),
    job_title: textOf(draft.job_title),
    email: textOf(draft.email),
    phones: [...shown, ...kept.map(({ kind, raw }) => ({ kind, number: raw }))],
  };
}

function isField(name: string): name is Field {
  return Object.hasOwn(EMPTY, name);
}

/** The field of the form that a refusal's place means; null for the whole. */
export function fieldAt(where: string, sent: PersonalIn): Field | null {
  const [first = "", place = ""] = where.split(".").filter((part) => part !== "body");
  if (first !== "phones") return isField(first) ? first : null;
  const kind = sent.phones[Number(place)]?.kind ?? "";
  return isField(kind) ? kind : null;
}

/** What is wrong, field by field; the first word on each. */
export function refusalsOf(fields: readonly FieldRefusal[], sent: PersonalIn): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  for (const { where, what } of fields) {
    const field = fieldAt(where, sent);
    if (field !== null) found[field] ??= what;
  }
  return found;
}

/** Nothing by which anyone could be found. */
export function isEmpty({ first_name, last_name, company, email, phones }: PersonalIn): boolean {
  return [first_name, last_name, company, email].every((text) => text === null) && phones.length === 0;
}
