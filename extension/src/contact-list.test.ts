import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ContactList } from "./contact-list";
import type { ContactPage, ContactQuery } from "./contract";
import { bianca } from "./testing/samples";

const TOTAL = 98_431;
const waiting: { query: ContactQuery; answer: (page: ContactPage) => void; fail: (error: Error) => void }[] = [];
const changed = vi.fn<() => void>();
const arrived = vi.fn<() => void>();
const failed = vi.fn<(error: unknown) => void>();
let list: ContactList;

beforeEach(() => {
  vi.useFakeTimers();
  waiting.length = 0;
  const load = (query: ContactQuery): Promise<ContactPage> => {
    const { promise, resolve, reject } = Promise.withResolvers<ContactPage>();
    waiting.push({ query, answer: resolve, fail: reject });
    return promise;
  };
  list = new ContactList(load, changed, arrived, failed);
});

afterEach(() => {
  vi.useRealTimers();
});

function page({ offset, q }: ContactQuery, total = TOTAL): ContactPage {
  const contacts = Array.from({ length: Math.min(50, total - offset) }, (_, place) => ({
    ...bianca,
    id: offset + place + 1,
    name: q || `Row ${offset + place}`,
  }));
  return {
    contacts,
    counts: { all: total, hubspot: total, personal: 0 },
    total,
    next: null,
    letters: null,
    searched_as: null,
  };
}

/** Answers the request in the given place. */
async function answer(place: number, total?: number): Promise<void> {
  const request = waiting[place];
  if (request === undefined) throw new Error(`There is no request ${place}`);
  request.answer(page(request.query, total));
  await vi.advanceTimersByTimeAsync(0);
}

test("the first page brings letters and the total", async () => {
  list.refresh();
  expect(waiting[0]?.query).toEqual({ source: "all", q: "", offset: 0, limit: 50, letters: true });
  await answer(0);
  expect(list.view().page?.total).toBe(TOTAL);
  expect(list.view().rowAt(49)?.name).toBe("Row 49");
  expect(list.view().rowAt(50)).toBeUndefined();
});

test("pages come as they are looked at, each once", async () => {
  list.refresh();
  await answer(0);
  list.need(50_090, 50_110);
  list.need(50_090, 50_110);
  expect(waiting.slice(1).map(({ query }) => query.offset)).toEqual([50_050, 50_100]);
  await answer(1);
  expect(list.view().rowAt(50_099)?.name).toBe("Row 50099");
});

test("of a fast drag only where it stops is fetched, and never more than three at once", async () => {
  list.refresh();
  await answer(0);
  for (let row = 1_000; row <= 90_000; row += 1_000) list.need(row, row + 10);
  expect(waiting.length).toBe(1 + 3);
  await answer(1);
  expect(waiting.at(-1)?.query.offset).toBe(90_000);
});

test("typing asks at once, for three answers at a time, and in the end for what was typed last", async () => {
  for (const text of ["b", "bi", "bia", "bian", "bianc"]) list.search(text);
  expect(waiting.map(({ query }) => query.q)).toEqual(["b", "bi", "bia"]);
  await answer(0, 900);
  expect(waiting.map(({ query }) => query.q)).toEqual(["b", "bi", "bia", "bianc"]);
  expect(list.view()).toMatchObject({ typed: "bianc", q: "b", page: { total: 900 } });
  await answer(1, 300);
  await answer(3, 3);
  await answer(2, 30);
  expect(list.view()).toMatchObject({ q: "bianc", page: { total: 3 } });
  expect(waiting).toHaveLength(4);
});

test("a search that failed does not stop the next", async () => {
  for (const text of ["b", "bi", "bia", "bian"]) list.search(text);
  waiting[0]?.fail(new Error("unreachable"));
  await vi.advanceTimersByTimeAsync(0);
  await answer(3, 3);
  expect(list.view()).toMatchObject({ q: "bian", page: { total: 3 } });
});

test("an answer to an older question is dropped", async () => {
  list.search("bianca");
  list.search("noor");
  await answer(1, 3);
  await answer(0, 5);
  expect(list.view()).toMatchObject({ q: "noor", page: { total: 3 } });
});

test("rows of the list on the screen are not mixed with those of the one on its way", async () => {
  list.refresh();
  await answer(0);
  list.search("noor");
  list.need(500, 510);
  expect(waiting.at(-1)?.query).toMatchObject({ q: "", offset: 500 });
  await answer(1, 700);
  await answer(2);
  expect(list.view().rowAt(505)).toBeUndefined();
  list.need(500, 510);
  expect(waiting.at(-1)?.query).toMatchObject({ q: "noor", offset: 500 });
});

test("the old rows stay until the new list is here, and a new list is a new epoch", async () => {
  list.refresh();
  await answer(0);
  const { epoch } = list.view();
  list.search("noor");
  expect(list.view().rowAt(0)?.name).toBe("Row 0");
  await answer(1, 3);
  expect(list.view().rowAt(0)?.name).toBe("noor");
  expect(list.view().epoch).not.toBe(epoch);
});

test("a burst of news is one refresh, of what is in view, without a blank in between", async () => {
  list.refresh();
  await answer(0);
  list.need(500, 510);
  await answer(1);
  const { epoch } = list.view();
  list.refreshSoon();
  list.refreshSoon();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(waiting.slice(2).map(({ query }) => query.offset)).toEqual([500]);
  expect(list.view().rowAt(505)).toBeDefined();
  await answer(2, 700);
  expect(list.view()).toMatchObject({ epoch, page: { total: 700 } });
});

test("news during a search do not lose the search", async () => {
  list.refresh();
  await answer(0);
  list.search("noor");
  list.refreshSoon();
  await vi.advanceTimersByTimeAsync(2_000);
  await answer(waiting.length - 1, 3);
  expect(list.view()).toMatchObject({ q: "noor", page: { total: 3 } });
});

test("a failed page can be asked for again", async () => {
  list.refresh();
  await answer(0);
  list.need(500, 510);
  waiting[1]?.fail(new Error("unreachable"));
  await vi.advanceTimersByTimeAsync(0);
  expect(failed).toHaveBeenCalledTimes(1);
  list.need(500, 510);
  expect(waiting).toHaveLength(3);
});

test("rows that were waited for are told apart from what is only asked", async () => {
  list.search("noor");
  expect([changed.mock.calls.length, arrived.mock.calls.length]).toEqual([1, 0]);
  await answer(0, 700);
  list.need(500, 510);
  await answer(1, 700);
  expect([changed.mock.calls.length, arrived.mock.calls.length]).toEqual([1, 2]);
});

test("a filter picked while a search is being cleared still brings the letters", async () => {
  list.search("noor");
  await answer(0, 3);
  list.search("");
  list.filter("personal");
  expect(waiting.at(-1)?.query).toMatchObject({ source: "personal", q: "", letters: true });
});

test("another source begins at the top", () => {
  list.need(500, 510);
  list.filter("personal");
  expect(waiting.at(-1)?.query).toMatchObject({ source: "personal", offset: 0 });
});
