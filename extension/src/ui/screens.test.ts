import { expect, test, vi } from "vitest";

import { drawn } from "../testing/page";
import { call, caller, ended, NOW, run } from "../testing/samples";
import { SCREENS } from "../testing/screens";
import { endOf } from "../run-words";
import { isFresh } from "./call-handlers";
import { byDay, lineOf, nameOf, outcomeOf, unknownNumber } from "./call-lines";
import { initialsOf, tintOf } from "./contact-row";
import { rowAfterKey } from "./contact-grid";
import { countries } from "./countries";
import { onAnyKey, onGridKey, onSearchKey, type Moves, type Place } from "./keyboard";

test.each([
  ["Bianca Ferraro", "BF"],
  ["Jean-Luc van der Berg", "JB"],
  ["émile", "É"],
  ["bianca@portico.example", "BP"],
  ["+1 415 555 0132", "#"],
  ["李 小龙", "李小"],
])("initials of %s are %s", (name, letters) => {
  expect(initialsOf(name)).toBe(letters);
});

test("a contact keeps its tint, and neighbours differ", () => {
  const tints = Array.from({ length: 60 }, (_, id) => tintOf(id));
  expect(new Set(tints).size).toBe(6);
  expect(tintOf(21)).toBe(tintOf(21));
});

test.each([
  [call(), "ringing"],
  [call({ started_at: "2026-11-21T14:00:00Z" }), "ringing"], // whatever this computer's clock says
  [call({ state: "missed" }), "missed"],
  [call({ state: "answered_elsewhere" }), "elsewhere"],
  [call({ state: "ended", direction: "outbound" }), "unanswered"],
  [call({ state: "ended" }), "over"],
  [call({ state: "answered", answered_at: "2026-11-21T14:15:55Z" }), "talking"],
] as const)("what became of a call: %#", (one, outcome) => {
  expect(outcomeOf(one)).toBe(outcome);
});

test("what was asked for on a page is done in the popup that opens then, not in one that opens hours later", () => {
  const wish = { kind: "add", number: "+14155550132", at: NOW.toISOString() } as const;
  expect(isFresh(wish, new Date(NOW.getTime() + 60_000))).toBe(true);
  expect(isFresh(wish, new Date(NOW.getTime() + 60_001))).toBe(false);
});

test("a call's two lines", () => {
  const talked = call({ state: "ended", answered_at: "2026-11-21T14:00:00Z", ended_at: "2026-11-21T14:06:41Z" });
  expect([nameOf(talked), ...lineOf(talked, "talked")]).toEqual(["Bianca Ferraro", "(415) 555-0132", "6 min 41 s"]);
  const unknown = call({ state: "missed", caller: caller({ label: "none", candidates: [], reason: "not_found" }) });
  expect([nameOf(unknown), ...lineOf(unknown, "missed")]).toEqual(["(415) 555-0132", "Missed", "not in your contacts"]);
  const hidden = call({
    state: "missed",
    caller: caller({ label: "none", candidates: [], reason: "withheld", display: "" }),
  });
  expect([nameOf(hidden), ...lineOf(hidden, "missed")]).toEqual([
    "Number withheld",
    "Missed",
    "the caller hid the number",
  ]);
});

test("a company's main line is the company's, however few people it has", () => {
  const line = { label: "company_line", company: "Portico Legal", display: "(415) 555-0100" } as const;
  const missed = call({ state: "missed", caller: caller(line) });
  expect([nameOf(missed), ...lineOf(missed, "missed")]).toEqual([
    "Portico Legal",
    "Missed",
    "(415) 555-0100",
    "Company main line",
  ]);
  const nameless = call({ state: "missed", caller: caller({ ...line, company: null }) });
  expect([nameOf(nameless), ...lineOf(nameless, "missed")]).toEqual(["(415) 555-0100", "Missed", "Company main line"]);
});

test("a shared number counts all it leads to, not only those that are told", () => {
  const [one] = caller().candidates;
  if (one === undefined) throw new Error("The sample has a candidate");
  const shared = call({ caller: caller({ label: "shared", people: 31, candidates: [one, { ...one, id: 22 }] }) });
  expect(nameOf(shared)).toBe("Shared by 31 people");
});

test.each([
  [caller(), null],
  [caller({ label: "none", candidates: [], reason: "not_found" }), "+14155550132"],
  [caller({ label: "none", candidates: [], reason: "unreadable", e164: null }), null],
  [caller({ label: "none", candidates: [], reason: "withheld", e164: null }), null],
  [caller({ label: "company_line", candidates: [] }), null],
])("who can be added from a call: %#", (who, number) => {
  expect(unknownNumber(call({ caller: who }))).toBe(number);
});

test("calls stand in their days", () => {
  const yesterday = call({ id: 2, started_at: "2026-11-20T10:00:00.000Z" });
  const days = byDay([call(), call({ id: 3 }), yesterday], NOW);
  expect(days.map(({ day, calls }) => [day, calls.length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
  ]);
});

test.each([
  ["ArrowDown", 5, 6],
  ["ArrowUp", 0, 0],
  ["PageDown", 5, 11],
  ["PageUp", 5, 0],
  ["Home", 50, 0],
  ["End", 5, 99],
  ["x", 5, null],
])("%s from row %i leads to %s", (key, from, to) => {
  expect(rowAfterKey(key, from, 100, 400)).toBe(to);
});

const place: Place = {
  selected: 2,
  total: 10,
  viewPx: 400,
  typed: "",
  letters: [
    { letter: "B", offset: 4, count: 3 },
    { letter: "C", offset: 7, count: 3 },
  ],
};

function press(key: string, on: typeof onGridKey, at: Partial<Place> = {}): Moves {
  const moves: Moves = { select: vi.fn(), open: vi.fn(), copy: vi.fn(), search: vi.fn(), focusSearch: vi.fn() };
  const event = { key, preventDefault: vi.fn(), stopPropagation: vi.fn() };
  on(event as unknown as KeyboardEvent, { ...place, ...at }, moves); // only these are looked at
  return moves;
}

test("in the list Enter opens, c copies, letters jump with and without an accent, C jumps to C", () => {
  expect(press("Enter", onGridKey).open).toHaveBeenCalled();
  expect(press("c", onGridKey).copy).toHaveBeenCalled();
  expect(press("b", onGridKey).select).toHaveBeenCalledWith(4);
  expect(press("ć", onGridKey).select).toHaveBeenCalledWith(7);
  expect(press("C", onGridKey).select).toHaveBeenCalledWith(7);
});

test("in the search field letters are typed and the caret keeps Home and End", () => {
  expect(press("c", onSearchKey).copy).not.toHaveBeenCalled();
  expect(press("End", onSearchKey).select).not.toHaveBeenCalled();
  expect(press("ArrowDown", onSearchKey).select).toHaveBeenCalledWith(3);
});

test("Esc clears first; with nothing to clear it is the browser's", () => {
  expect(press("Escape", onSearchKey, { typed: "no" }).search).toHaveBeenCalledWith("");
  expect(press("Escape", onAnyKey, { typed: "no" }).search).toHaveBeenCalledWith("");
  expect(press("Escape", onAnyKey).search).not.toHaveBeenCalled();
  expect(press("Escape", onSearchKey).search).not.toHaveBeenCalled();
});

test("before anything is deleted, what will be gone is read out with the question", () => {
  const page = drawn(SCREENS["unauthorize?"]?.());
  const about = page.querySelector("[role=alertdialog]")?.getAttribute("aria-describedby") ?? "";
  expect(page.querySelector(`#${about}`)?.textContent).toMatch(/contacts are deleted/u);
  vi.unstubAllGlobals();
});

test("a run's end is told as it was", () => {
  expect(endOf(ended())).toMatchObject({ title: "Contacts are up to date", detail: "98,412 read in 6 min 52 s" });
  expect(endOf(ended({ state: "incomplete", failed: 12 }))).toMatchObject({
    tone: "warn",
    detail: "12 could not be read",
  });
  expect(endOf(run({ state: "failed", problem: "internal" }))).toMatchObject({ tone: "bad" });
});

test("countries have names, in order", () => {
  const names = countries().map(({ name }) => name);
  expect(names).toContain("Germany");
  expect(names.length).toBeGreaterThan(240);
  expect(names.every((name) => name.length > 2)).toBe(true);
});
