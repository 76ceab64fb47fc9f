import { beforeEach, expect, test, vi } from "vitest";

import { CallList } from "./call-list";
import type { CallPage, CallQuery } from "./contract";
import { call } from "./testing/samples";

const counts = { all: 250, missed: 2, unknown: 6 };
const waiting: { query: CallQuery; answer: (page: CallPage) => void; fail: (error: Error) => void }[] = [];
const changed = vi.fn<() => void>();
const failed = vi.fn<(error: unknown) => void>();
let list: CallList;

beforeEach(() => {
  waiting.length = 0;
  const load = (query: CallQuery): Promise<CallPage> => {
    const { promise, resolve, reject } = Promise.withResolvers<CallPage>();
    waiting.push({ query, answer: resolve, fail: reject });
    return promise;
  };
  list = new CallList(load, changed, failed);
});

/** `count` calls, the newest with the given id. */
function page(newest: number, count: number, next: number | null): CallPage {
  const calls = Array.from({ length: count }, (_, place) => call({ id: newest - place }));
  return { calls, next, total: counts.all, counts };
}

async function answer(place: number, given: CallPage): Promise<void> {
  const request = waiting[place];
  if (request === undefined) throw new Error(`There is no request ${place}`);
  request.answer(given);
  await Promise.resolve();
}

test("the newest come first, with the counts of every filter", async () => {
  expect(list.view()).toEqual({ filter: "all", q: "", calls: null, counts: null, more: false });
  list.refresh();
  expect(waiting[0]?.query).toEqual({ filter: "all", q: "", limit: 100, before: null });
  await answer(0, page(250, 100, 151));
  expect(list.view()).toMatchObject({ counts, more: true });
  expect(list.view().calls?.[0]?.id).toBe(250);
});

test("the end of the list brings older ones, once", async () => {
  list.refresh();
  await answer(0, page(250, 100, 151));
  list.showOlder();
  list.showOlder();
  expect(waiting.slice(1).map(({ query }) => query)).toEqual([{ filter: "all", q: "", limit: 100, before: 151 }]);
  await answer(1, page(150, 100, null));
  expect(list.view().calls?.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, place) => 250 - place));
  list.showOlder();
  expect(waiting).toHaveLength(2);
});

test("older ones that did not come can be asked for again", async () => {
  list.refresh();
  await answer(0, page(250, 100, 151));
  list.showOlder();
  waiting[1]?.fail(new Error("unreachable"));
  await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(1));
  list.showOlder();
  expect(waiting).toHaveLength(3);
});

test("another filter is another list, and an answer to the one before is dropped", async () => {
  list.refresh();
  list.pick("missed");
  expect(list.view()).toMatchObject({ filter: "missed", calls: null });
  await answer(0, page(250, 100, 151));
  expect(list.view().calls).toBeNull();
  await answer(1, page(9, 2, null));
  expect(list.view().calls?.map(({ id }) => id)).toEqual([9, 8]);
});

test("news keep as much in view as one answer can bring", async () => {
  list.refresh();
  await answer(0, page(450, 100, 351));
  list.showOlder();
  await answer(1, page(350, 100, 251));
  list.showOlder();
  await answer(2, page(250, 100, 151));
  list.refresh();
  expect(waiting[3]?.query).toEqual({ filter: "all", q: "", limit: 200, before: null });
  expect(list.view().calls).toHaveLength(300);
});

test("what was known before is shown until the answer comes, and never after it", async () => {
  list.prime(page(9, 2, null));
  expect(list.isOpen()).toBe(true);
  list.refresh();
  await answer(0, page(10, 3, null));
  list.prime(page(9, 2, null));
  expect(list.view().calls?.[0]?.id).toBe(10);
});

test("a call rings as long as the server said, whether or not it can be asked what became of it", async () => {
  vi.useFakeTimers({ now: new Date("2026-11-21T18:00:00Z"), toFake: ["Date"] }); // a clock that is hours ahead
  const states = (): unknown => list.view().calls?.map(({ state }) => state);
  list.refresh();
  const inbound = call({ id: 2, call_id: "in", rings_ms: 30_000 });
  const outbound = call({ id: 1, call_id: "out", direction: "outbound", rings_ms: 30_000 });
  await answer(0, { calls: [inbound, outbound], next: null, total: 2, counts });
  expect(states()).toEqual(["ringing", "ringing"]);
  vi.setSystemTime(new Date("2026-11-21T18:00:30Z"));
  expect(states()).toEqual(["missed", "ended"]);
  vi.useRealTimers();
});

test("of calls from before none rings", () => {
  list.prime({ calls: [call({ id: 2 }), call({ id: 1, state: "missed" })], next: null, total: 2, counts });
  expect(list.view().calls?.map(({ id }) => id)).toEqual([1]);
});
