/** Which calls count as newly missed: each once, by what the server tells of it, until the list is looked at. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { isMissed } from "./call-memory";
import { callsSeen, hearEnds, heardCall, recountMissed, withdrawAll, withdrawOverdue } from "./calls";
import { Unreachable } from "./errors";
import { forgetUser, stored } from "./storage";
import { alicesAccount, call, NOW } from "./testing/samples";

const RINGS_UNTIL = "2026-11-21T14:16:50.000Z";

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date", "setTimeout", "clearTimeout"] });
  Object.assign(fakeBrowser.notifications, {
    create: async () => "",
    update: async () => true,
    clear: async () => true,
    getAll: async () => ({}),
  });
  await signIn();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function signIn(): Promise<void> {
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
}

test("a missed call counts once, until the list is opened", async () => {
  const missed = call({ state: "missed", ended_at: "2026-11-21T14:15:58.000Z" });
  await heardCall(missed, RINGS_UNTIL);
  await heardCall(missed, RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual(["call-1"]);
  await callsSeen();
  await heardCall(missed, RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual([]);
});

test("a call is missed whatever the clock here says, and is not once it was answered after all", async () => {
  await callsSeen();
  const before = { started_at: "2026-11-21T13:00:00.000Z", ended_at: "2026-11-21T13:00:20.000Z" };
  await heardCall(call({ ...before, state: "missed" }), RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual(["call-1"]);
  await heardCall(call({ ...before, state: "answered", ended_at: null }), RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual([]);
  await heardCall(call({ ...before, state: "missed" }), RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual(["call-1"]);
});

test("a ring whose end nobody told is what the server says of it, and open lists are read again", async () => {
  const missed = { calls: [call({ state: "missed", rings_ms: 0 })], next: null, total: 1 };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(missed)));
  await heardCall(call(), RINGS_UNTIL);
  const news = await stored.callsNews.get();
  vi.setSystemTime(new Date(RINGS_UNTIL));
  await withdrawOverdue();
  expect(await stored.callsNews.get()).toBeGreaterThan(news);
  await hearEnds();
  expect(await stored.missed.get()).toEqual(["call-1"]);
  expect((await stored.calls.get())[0]).toMatchObject({ state: "over", missed: true });
});

test("is asked for again until the server has said it, and not where it has been told meanwhile", async () => {
  const fetched = vi.fn<() => Promise<Response>>().mockRejectedValue(new TypeError("Failed to fetch"));
  vi.stubGlobal("fetch", fetched);
  await heardCall(call(), RINGS_UNTIL);
  vi.setSystemTime(new Date(RINGS_UNTIL));
  await withdrawOverdue();
  await expect(hearEnds()).rejects.toBeInstanceOf(Unreachable);
  fetched.mockImplementation(async () => {
    await heardCall(call({ state: "answered" }), RINGS_UNTIL);
    return Response.json({ calls: [call({ state: "missed", rings_ms: 0 })], next: null, total: 1 });
  });
  await hearEnds();
  expect(await stored.missed.get()).toEqual([]);
  expect((await stored.liveCalls.get()).map((one) => one.call.state)).toEqual(["answered"]);
  fetched.mockClear();
  await hearEnds();
  expect(fetched).not.toHaveBeenCalled();
});

test("a test call whose time is over is in no list, and over", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ calls: [], next: null, total: 0 })));
  await heardCall(call(), RINGS_UNTIL);
  vi.setSystemTime(new Date(RINGS_UNTIL));
  await withdrawOverdue();
  await hearEnds();
  expect((await stored.calls.get())[0]).toMatchObject({ state: "over", missed: false });
});

test("what was counted from the list, and seen, is not news when an event tells it once more", async () => {
  const missed = call({ state: "missed", ended_at: "2026-11-21T14:15:58.000Z" });
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ calls: [missed], next: null, total: 1 })));
  await stored.callsSeenAt.set("2026-11-20T09:00:00.000Z");
  await recountMissed();
  expect(await stored.missed.get()).toEqual(["call-1"]);
  await callsSeen();
  await heardCall(missed, RINGS_UNTIL);
  expect(await stored.missed.get()).toEqual([]);
});

test.each([
  ["an event", () => heardCall(call({ state: "missed" }), RINGS_UNTIL)],
  ["the list", () => recountMissed()],
])("%s that is taken in while somebody signs out leaves nothing of theirs", async (_, takeIn) => {
  const missed = { calls: [call({ state: "missed" }), call({ call_id: "2" })], next: null, total: 2 };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(missed)));
  await stored.callsSeenAt.set("2026-11-20T09:00:00.000Z");
  for (const ahead of [0, 1, 2, 4, 8, 16]) {
    // oxlint-disable no-await-in-loop -- each at another moment
    await signIn();
    const takenIn = takeIn();
    for (let turns = 0; turns < ahead; turns += 1) await Promise.resolve();
    await forgetUser();
    await stored.session.set({ state: "signedOut", problem: null });
    await Promise.allSettled([withdrawAll(), takenIn]);
    expect(await stored.calls.get(), `${ahead}`).toEqual([]);
    expect(await stored.liveCalls.get()).toEqual([]);
    expect(await stored.missed.get()).toEqual([]);
    // oxlint-enable no-await-in-loop
  }
});

test("only an inbound call that nobody took is missed", () => {
  expect(isMissed(call({ state: "missed" }))).toBe(true);
  expect(isMissed(call({ state: "voicemail" }))).toBe(true);
  expect(isMissed(call({ state: "missed", direction: "outbound" }))).toBe(false);
  expect(isMissed(call({ state: "answered_elsewhere" }))).toBe(false);
});
