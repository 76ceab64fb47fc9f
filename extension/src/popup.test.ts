import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import type { ContactPage } from "./contract";
import { Popup } from "./entrypoints/popup/popup";
import { stored } from "./storage";
import { alicesAccount, bianca, ended, run, syncState } from "./testing/samples";
import type { PopupActions, PopupState } from "./ui/popup-state";

const fetched = vi.fn<typeof fetch>();
const told = vi.fn<(message: unknown) => Promise<unknown>>();
const drawn: PopupState[] = [];
let actions: PopupActions | undefined;

const firstPage: ContactPage = {
  contacts: [bianca],
  counts: { all: 1, hubspot: 1, personal: 0 },
  total: 1,
  next: null,
  letters: [{ letter: "F", offset: 0, count: 1 }],
  searched_as: null,
};
const signedIn = { state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null } as const;

beforeEach(() => {
  vi.useFakeTimers();
  drawn.length = 0;
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
  Object.assign(fakeBrowser.runtime, { sendMessage: told });
  Object.assign(fakeBrowser.tabs, { query: () => Promise.resolve([{ id: 3 }]) });
  told.mockResolvedValue({ ok: true });
  fetched.mockReturnValue(new Promise(() => undefined)); // a server that takes its time
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(): Promise<void> {
  const popup = new Popup((state, does) => {
    drawn.push(state);
    actions = does;
  });
  await popup.start();
}

function last(): PopupState {
  const state = drawn.at(-1);
  if (state === undefined) throw new Error("Nothing was drawn");
  return state;
}

test("it paints what was known last before anyone answers", async () => {
  await stored.session.set(signedIn);
  await stored.sync.set(syncState());
  await stored.firstPage.set(firstPage);
  await open();
  expect(drawn[0]?.sync).toEqual(syncState());
  expect(drawn[0]?.contacts.rowAt(0)).toEqual(bianca);
  expect(told).toHaveBeenCalledWith({ type: "refresh" });
});

test("signed out it asks the server for nothing", async () => {
  await open();
  expect(drawn[0]?.session).toEqual({ state: "signedOut", problem: null });
  expect(fetched).not.toHaveBeenCalled();
  expect(told).not.toHaveBeenCalled();
});

test("what the worker learns is drawn", async () => {
  await stored.session.set(signedIn);
  await open();
  await stored.sync.set(syncState({ run: run() }));
  await stored.missed.set(["a", "b"]);
  await vi.advanceTimersByTimeAsync(20);
  expect(last().sync?.run).toEqual(run());
  expect(last().missed).toBe(2);
});

test("while a run lasts it asks every 2 s, and then no more", async () => {
  await stored.session.set(signedIn);
  await stored.sync.set(syncState({ run: run() }));
  await open();
  told.mockClear();
  await vi.advanceTimersByTimeAsync(4_100);
  expect(told).toHaveBeenCalledTimes(2);
  await stored.sync.set(syncState({ last_run: ended() }));
  told.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).not.toHaveBeenCalled();
});

test("when the session ends nothing of the user stays in the window", async () => {
  await stored.session.set(signedIn);
  await stored.firstPage.set(firstPage);
  await open();
  await stored.session.set({ state: "signedOut", problem: "session_expired" });
  await vi.advanceTimersByTimeAsync(20);
  expect(last().contacts.page).toBeNull();
  expect(last().calls).toBeNull();
});

test("a page of contacts that comes after signing out is not kept", async () => {
  await stored.session.set(signedIn);
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockImplementation(async () => (await promise).clone());
  await open();
  await stored.session.set({ state: "signedOut", problem: null });
  resolve(Response.json(firstPage));
  await vi.advanceTimersByTimeAsync(20);
  expect(await stored.firstPage.get()).toBeNull();
});

test("a manual sync names the tab that the popup was opened over", async () => {
  await stored.session.set(signedIn);
  await open();
  await vi.advanceTimersByTimeAsync(20);
  expect(await actions?.sync("full", false)).toBeNull();
  expect(told).toHaveBeenCalledWith({ type: "sync", kind: "full", acceptRemovals: false, tabId: 3 });
});

test("what the worker could not do is said", async () => {
  await stored.session.set(signedIn);
  await open();
  told.mockResolvedValue({ ok: false, problem: "not_connected" });
  expect(await actions?.sync("recent", false)).toBe("not_connected");
});
