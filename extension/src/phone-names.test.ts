import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Caller } from "./contract";
import { Unreachable } from "./errors";
import { ANSWER_WITHIN_MS, CallerNames, contactsOf, REMEMBERED_NUMBERS, withRecent } from "./phone-names";
import type { RecentCaller } from "./storage";
import { caller } from "./testing/samples";

const ask = vi.fn<(numbers: readonly string[]) => Promise<Caller[]>>();
const late = vi.fn<(numbers: readonly string[]) => void>();
let recent: RecentCaller[] = [];
let names = namesOf();

function namesOf(): CallerNames {
  return new CallerNames({
    ask,
    recent: () => Promise.resolve(recent),
    remember: async (found) => {
      recent = withRecent(recent, found, "2026-11-21T14:16:00Z");
    },
    onLate: late,
  });
}

const nobody = (): Caller => caller({ label: "none", candidates: [], people: 0, reason: "not_found" });

beforeEach(() => {
  vi.useFakeTimers();
  recent = [];
  names = namesOf();
});

afterEach(() => {
  vi.useRealTimers();
});

test("the answer has the very texts of the question, and none for nobody", async () => {
  ask.mockResolvedValueOnce([caller(), caller(), nobody(), nobody()]);
  const phoneNumbers = ["+1 (415) 555-0132", "4155550132", "anonymous", "101"];
  const answer = await names.answer({ phoneNumbers });
  expect(new Set(Object.keys(answer))).toEqual(new Set(["+1 (415) 555-0132", "4155550132"]));
  expect(answer["4155550132"]?.[0]).toMatchObject({ id: "21", name: "Bianca Ferraro", company: "Portico Legal" });
  expect(ask).toHaveBeenCalledWith(phoneNumbers);
});

test("at most 100 are asked for at once", async () => {
  ask.mockImplementation((numbers) => Promise.resolve(numbers.map(() => caller())));
  const phoneNumbers = Array.from({ length: 250 }, (_, place) => `+1206555${1000 + place}`);
  expect(Object.keys(await names.answer({ phoneNumbers }))).toHaveLength(250);
  expect(ask.mock.calls.map(([numbers]) => numbers.length)).toEqual([100, 100, 50]);
});

test.each([
  ["no list", "+12065550142"],
  ["nothing", undefined],
  ["no texts", [7, null, {}]],
  ["empty and overlong texts", ["", "  ", "1".repeat(201)]],
  ["texts that no server takes", ["\0", "\ud800"]],
])("%s is asked of nobody", async (_, phoneNumbers) => {
  expect(await names.answer({ phoneNumbers })).toEqual({});
  expect(ask).not.toHaveBeenCalled();
});

test("a number that is a word of JavaScript's is a number like any other", async () => {
  ask.mockResolvedValueOnce([caller(), caller()]);
  const answer = await names.answer({ phoneNumbers: ["constructor", "toString"] });
  expect(Object.keys(answer)).toEqual(["constructor", "toString"]);
});

test("what the server does not say in time is said from the recent callers, and put right when it comes", async () => {
  recent = [{ number: "1", contacts: contactsOf(caller()), at: "2026-11-21T14:00:00Z" }];
  const { promise, resolve } = Promise.withResolvers<Caller[]>();
  ask.mockReturnValueOnce(promise);
  const answered = names.answer({ phoneNumbers: ["1", "2"] });
  await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS);
  expect(Object.keys(await answered)).toEqual(["1"]);
  expect(late).not.toHaveBeenCalled();
  resolve([caller(), caller()]);
  await vi.advanceTimersByTimeAsync(1);
  expect(late).toHaveBeenCalledWith(["1", "2"]);
});

test("an unreachable server is not waited for", async () => {
  recent = [{ number: "1", contacts: contactsOf(caller()), at: "2026-11-21T14:00:00Z" }];
  ask.mockRejectedValueOnce(new Unreachable());
  expect(Object.keys(await names.answer({ phoneNumbers: ["1", "2"] }))).toEqual(["1"]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(late).not.toHaveBeenCalled();
});

test("each of several says that it is one of several, until the rep has said who it is", () => {
  const [one] = caller().candidates;
  if (one === undefined) throw new Error("The sample has a candidate");
  const two = [21, 22].map((id) => ({ ...one, id }));
  const shared = caller({ label: "shared", people: 3, candidates: two });
  expect(contactsOf(shared).map(({ name }) => name)).toEqual(["Bianca Ferraro (1 of 3)", "Bianca Ferraro (1 of 3)"]);
  const chosen = contactsOf({ ...shared, chosen: 21 });
  expect(chosen.map(({ name }) => name)).toEqual(["Bianca Ferraro", "Bianca Ferraro (1 of 3)"]);
});

test("a company's main line is the company, and not who works there", () => {
  const line = { label: "company_line", company: "Portico Legal" } as const;
  expect(contactsOf(caller(line))).toMatchObject([{ id: "line:+14155550132", name: "Portico Legal" }]);
  expect(contactsOf(caller({ ...line, company: null }))).toEqual([]);
});

test("the recent callers are so many, newest first, and nobody who is nobody any more", () => {
  const many = Array.from({ length: REMEMBERED_NUMBERS }, (_, place) => ({
    number: String(place),
    contacts: contactsOf(caller()),
    at: "2026-11-21T14:00:00Z",
  }));
  const next = withRecent(many, { new: contactsOf(caller()), 7: [] }, "2026-11-21T14:16:00Z");
  expect(next).toHaveLength(REMEMBERED_NUMBERS);
  expect(next[0]?.number).toBe("new");
  expect(next.some(({ number }) => number === "7")).toBe(false);
});
