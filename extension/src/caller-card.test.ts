import { beforeEach, describe, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { cardTabLoaded, cardView, heardCard, notePagesAllowed, redrawCard, takeCardDown } from "./caller-card";
import type { CardMessage } from "./protocol";
import { forgetUser, stored } from "./storage";
import { liveCall } from "./testing/call-screens";
import { alicesAccount, caller, candidate, NOW } from "./testing/samples";

const sent = vi.fn<(tabId: number, message: { view: unknown }) => Promise<unknown>>();
const injected = vi.fn<(what: { target: { tabId: number } }) => Promise<unknown>>();
const contains = vi.fn<(what: { origins: string[] }) => Promise<boolean>>();
const query = vi.fn<() => Promise<object[]>>();
const front = { id: 3, windowId: 1, url: "https://page.example/orders" };
/** Tabs in which a card listens. */
const listening = new Set<number>();
let focused = true;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  listening.clear();
  focused = true;
  for (const mock of [sent, injected, contains, query]) mock.mockReset();
  sent.mockImplementation((tabId) => (listening.has(tabId) ? Promise.resolve(true) : Promise.reject(new Error())));
  injected.mockImplementation(({ target }) => Promise.resolve(listening.add(target.tabId)));
  contains.mockResolvedValue(true);
  query.mockImplementation(() => Promise.resolve([front]));
  Object.assign(fakeBrowser.tabs, { sendMessage: sent, query });
  Object.assign(fakeBrowser.windows, { get: () => Promise.resolve({ focused }) });
  Object.assign(fakeBrowser.permissions, { contains });
  Object.assign(fakeBrowser.scripting, { executeScript: injected });
  return () => vi.useRealTimers();
});

async function ring(...callIds: string[]): Promise<void> {
  await stored.liveCalls.set(callIds.map((call_id) => liveCall({ call_id })));
  await redrawCard();
}

function drawnOn(tabId: number): unknown {
  return sent.mock.calls.findLast(([to]) => to === tabId)?.[1].view;
}

describe("where it is drawn", () => {
  test("on the page in front, once", async () => {
    await ring("a");
    await redrawCard();
    expect(injected).toHaveBeenCalledTimes(1);
    expect(contains).toHaveBeenCalledWith({ origins: ["https://page.example/*"] });
    expect(drawnOn(3)).toMatchObject({ calls: [{ call: { call_id: "a" } }], more: 0 });
  });

  test.each<[string, () => unknown]>([
    ["the rep has not allowed the site", () => contains.mockResolvedValue(false)],
    ["the browser is behind", () => (focused = false)],
    ["the page is the browser's own", () => query.mockResolvedValue([{ ...front, url: "chrome://version/" }])],
    ["its address is not told", () => query.mockResolvedValue([{ id: 3, windowId: 1 }])],
    ["the rep muted the site", () => stored.mutedSites.set(["page.example"])],
    ["calls are paused", () => stored.pausedUntil.set("2026-11-21T15:00:00.000Z")],
  ])("nowhere when %s, nor later", async (_, arrange) => {
    await arrange();
    await ring("a");
    contains.mockResolvedValue(true);
    focused = true;
    await stored.mutedSites.set([]);
    await stored.pausedUntil.set(null);
    await redrawCard();
    expect(injected).not.toHaveBeenCalled();
  });

  test("a second call follows the rep to another tab, and the first goes with it", async () => {
    await ring("a");
    query.mockResolvedValue([{ ...front, id: 4 }]);
    await ring("a", "b");
    expect(drawnOn(3)).toBeNull();
    expect(drawnOn(4)).toMatchObject({ calls: [{ call: { call_id: "a" } }, { call: { call_id: "b" } }] });
  });

  test("it comes back when its page is loaded again, and only then", async () => {
    await ring("a");
    listening.clear();
    await cardTabLoaded(4);
    expect(injected).toHaveBeenCalledTimes(1);
    await cardTabLoaded(3);
    expect(injected).toHaveBeenCalledTimes(2);
  });

  test("a worker that died after it noted the call does not show it a second time", async () => {
    injected.mockRejectedValueOnce(new Error("the worker died"));
    await ring("a");
    await redrawCard();
    expect(injected).toHaveBeenCalledTimes(1);
  });

  test("it is taken down when the last call is over", async () => {
    await ring("a");
    await ring();
    expect(drawnOn(3)).toBeNull();
    expect((await stored.cardPlace.get()).tabId).toBeNull();
  });
});

function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1_000);
}

describe("what a page is told", () => {
  test("two calls, and how many more there are", () => {
    const calls = ["a", "b", "c", "d"].map((call_id) => liveCall({ call_id }));
    const view = cardView(calls, 10, NOW);
    expect(view?.calls.map(({ call }) => call.call_id)).toEqual(["a", "b"]);
    expect(view?.more).toBe(2);
  });

  test("five candidates at most, with the one who was picked", () => {
    const candidates = [1, 2, 3, 4, 5, 6, 7].map((id) => candidate({ id }));
    const shared = caller({ label: "shared", people: 7, candidates, chosen: 7 });
    const view = cardView([liveCall({ caller: shared })], 10, NOW);
    expect(view?.calls[0]?.call.caller.candidates.map(({ id }) => id)).toEqual([7, 1, 2, 3, 4]);
  });

  test("neither a call past its time to live, nor one the rep makes, nor an answered one for long", () => {
    expect(cardView([liveCall()], 10, later(49))).not.toBeNull();
    expect(cardView([liveCall()], 10, later(50))).toBeNull();
    expect(cardView([liveCall({ direction: "outbound" })], 10, NOW)).toBeNull();
    expect(cardView([liveCall({ state: "answered" })], 10, later(50))).not.toBeNull();
    expect(cardView([liveCall({ state: "answered" })], 10, later(60))).toBeNull();
    expect(cardView([liveCall({ state: "answered_elsewhere" })], 10, later(2))).not.toBeNull();
    expect(cardView([liveCall({ state: "answered_elsewhere" })], 10, later(3))).toBeNull();
  });
});

describe("what a page may ask", () => {
  const fetched = vi.fn<typeof fetch>();
  const tab = { ...front, index: 0, pinned: false, highlighted: true, active: true, incognito: false } as never; // enough of a tab

  async function answerTo(message: CardMessage, from = tab) {
    return heardCard(message, from);
  }

  async function ask(message: CardMessage, from = tab) {
    return (await answerTo(message, from)).view;
  }

  beforeEach(async () => {
    fetched.mockReset();
    vi.stubGlobal("fetch", fetched);
    await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
    Object.assign(fakeBrowser.notifications, { clear: () => Promise.resolve(true) });
    Object.assign(fakeBrowser.action, { openPopup: () => Promise.resolve() });
    await ring("a");
    return () => vi.unstubAllGlobals();
  });

  test("another tab is told nothing", async () => {
    expect(await ask({ type: "card-ask" }, { ...front, id: 9 } as never)).toBeNull(); // enough of a tab
    expect(await ask({ type: "card-ask" })).toMatchObject({ calls: [{ call: { call_id: "a" } }] });
  });

  test("only people who are shown are opened or picked", async () => {
    await ask({ type: "card-open", callId: "a", contactId: 999 });
    await ask({ type: "card-choose", callId: "a", contactId: 999 });
    await ask({ type: "card-open", callId: "another", contactId: 21 });
    expect(fetched).not.toHaveBeenCalled();
  });

  test("dismissed, it is gone", async () => {
    expect(await ask({ type: "card-dismiss", callId: "a" })).toBeNull();
    expect(await stored.liveCalls.get()).toEqual([]);
  });

  test("a site can be muted on the card itself", async () => {
    expect(await ask({ type: "card-mute" })).toBeNull();
    expect(await stored.mutedSites.get()).toEqual(["page.example"]);
    expect(drawnOn(3)).toBeNull();
    await ring("b");
    expect(injected).toHaveBeenCalledTimes(1);
  });

  test("what a page cannot do is left to the popup", async () => {
    await ask({ type: "card-add", callId: "a" });
    expect(await stored.wish.get()).toMatchObject({ kind: "add", number: "+14155550132" });
  });

  test("what does not come about is said, and the card stays", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    const answer = await answerTo({ type: "card-open", callId: "a", contactId: 21 });
    expect(answer).toMatchObject({ view: { calls: [{ call: { call_id: "a" } }] }, problem: "unreachable" });
    expect(await answerTo({ type: "card-ask" })).toMatchObject({ problem: null });
  });

  test("signed out, no name stays", async () => {
    await takeCardDown();
    expect(drawnOn(3)).toBeNull();
    expect(await ask({ type: "card-ask" })).toBeNull();
  });
});

test("that pages are allowed is the browser's word, and outlasts a session", async () => {
  await notePagesAllowed();
  await forgetUser();
  expect(await stored.pagesAllowed.get()).toBe(true);
});
