import { expect, test } from "vitest";

import { ended, NOW, run } from "../testing/samples";
import { span } from "../run-words";
import { nextIn, percent, readOfTotal, shareRead, syncedAgo, timeLeft } from "./wording";

const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();

test.each([
  [-20_000, "Synced just now"],
  [-60_000, "Synced 1 min ago"],
  [-4 * 60_000 - 59_000, "Synced 4 min ago"],
  [-59 * 60_000, "Synced 59 min ago"],
])("%i ms: %s", (ms, words) => {
  expect(syncedAgo(at(ms), NOW)).toBe(words);
});

test("longer ago, the moment is named", () => {
  expect(syncedAgo(at(-26 * 3_600_000), NOW)).toMatch(/^Last synced Yesterday \d/u);
});

test.each([
  [16 * 60_000, "next in 16 min"],
  [15 * 60_000 + 1, "next in 16 min"],
  [30_000, "next in 1 min"],
  [-5_000, "next one is due"],
])("%i ms: %s", (ms, words) => {
  expect(nextIn(at(ms), NOW)).toBe(words);
});

test.each([
  [9.4, "9 s"],
  [401, "6 min 41 s"],
  [125, "2 min 05 s"],
  [3_720, "1 h 2 min"],
])("%d s is %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

test("time left is rounded to minutes", () => {
  expect(timeLeft(run({ seconds_left: 350 }))).toBe("about 6 min left");
  expect(timeLeft(run({ seconds_left: 61 }))).toBe("about 1 min left");
  expect(timeLeft(run({ seconds_left: 20 }))).toBe("less than a minute left");
});

test("nothing is said of the time of a run that waits or has not begun", () => {
  expect(timeLeft(run({ state: "waiting" }))).toBeNull();
  expect(timeLeft(run({ state: "queued", started_at: null }))).toBeNull();
  expect(timeLeft(run({ seconds_left: null }))).toBeNull();
});

test("when all is read, what is still to come takes a time that nobody knows", () => {
  expect(timeLeft(run({ read: 98_412, seconds_left: null }))).toBe("finishing up");
  expect(timeLeft(run({ read: 98_412, state: "paused" }))).toBeNull();
  expect(timeLeft(run({ read: 0, total: 0, seconds_left: null }))).toBeNull();
});

test("how far it is", () => {
  expect(readOfTotal(run())).toBe("41,200 of 98,412 contacts");
  expect(readOfTotal(run({ total: null, read: 1 }))).toBe("1 contact read");
  expect(readOfTotal(run({ state: "queued" }))).toBe("Waiting to start");
  expect(percent(run())).toBe("41%");
});

test("never more than all, and 100 % only when it is so", () => {
  expect(readOfTotal(run({ read: 100_000 }))).toBe("98,412 of 98,412 contacts");
  expect(percent(run({ read: 98_411 }))).toBe("99%");
  expect(percent(ended())).toBe("100%");
});

test("with nothing to read it is done at once", () => {
  expect(shareRead(run({ total: 0, read: 0 }))).toBe(1);
});
