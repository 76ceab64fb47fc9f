import { describe, expect, test } from "vitest";

import { callerLine, callerTitle, onlyCandidate } from "./call-words";
import type { Caller } from "./contract";
import { caller, candidate } from "./testing/samples";

const nobody = { candidates: [], people: 0 };
const three = [1, 2, 3].map((id) => candidate({ id, name: `Person ${id}` }));

describe.each<[string, Partial<Caller>, string, string]>([
  ["a contact", {}, "Bianca Ferraro", "Portico Legal · (415) 555-0132"],
  [
    "the number in another form",
    { label: "other_form" },
    "Bianca Ferraro",
    "Portico Legal · (415) 555-0132 · same number in another form",
  ],
  [
    "a shared number",
    { label: "shared", people: 3, candidates: three },
    "Incoming call",
    "Shared by 3 people · (415) 555-0132",
  ],
  [
    "a shared number and a pick",
    { label: "shared", people: 3, candidates: three, chosen: 2 },
    "Person 2",
    "Portico Legal · (415) 555-0132 · your choice",
  ],
  [
    "a company's main line, never one of its people",
    { label: "company_line", company: "Portico Legal" },
    "Portico Legal",
    "Company main line · (415) 555-0132",
  ],
  [
    "a name the phone system sent",
    { ...nobody, label: "carrier", carrier_name: "FERRARO B" },
    "FERRARO B",
    "(415) 555-0132 · reported by carrier",
  ],
  [
    "nobody",
    { ...nobody, label: "none", reason: "not_found" },
    "Incoming call",
    "(415) 555-0132 · not in your contacts",
  ],
  [
    "no number",
    { ...nobody, label: "none", reason: "unreadable", display: "sip:4711" },
    "Incoming call",
    "sip:4711 · not readable as a number",
  ],
  ["withheld", { ...nobody, label: "none", reason: "withheld", display: "" }, "Incoming call", "Number withheld"],
  [
    "withheld, which the phone system has a word for",
    { ...nobody, label: "carrier", reason: "withheld", carrier_name: "Anonymous", display: "anonymous" },
    "Incoming call",
    "Number withheld",
  ],
  [
    "a colleague at an extension",
    { ...nobody, label: "carrier", reason: "unreadable", carrier_name: "Bob Jones", display: "101" },
    "Bob Jones",
    "101 · reported by carrier",
  ],
  [
    "a contact of a company that is written from right to left",
    { candidates: [candidate({ company: "شركة النور" })] },
    "Bianca Ferraro",
    "\u2068شركة النور\u2069 · (415) 555-0132",
  ],
])("%s", (_, change, title, line) => {
  test("is said in two lines", () => {
    expect(callerTitle(caller(change))).toBe(title);
    expect(callerLine(caller(change))).toBe(line);
  });
});

test("a call kept from before the pick was told has none", () => {
  const { chosen: _, ...old } = caller({ label: "shared", people: 3, candidates: three });
  expect(onlyCandidate(old as Caller)).toBeNull(); // as the server tells a row of an older version
});
