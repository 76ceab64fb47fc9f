import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { stored } from "./storage";
import { alicesAccount, syncState } from "./testing/samples";
import background from "./entrypoints/background";

type Hear = (message: unknown, sender: object, reply: (answer: unknown) => void) => boolean;

const setAccessLevel = vi.fn<(level: object) => Promise<void>>();
const createAlarm = vi.fn<(name: string, info: object) => Promise<void>>();
const getAlarm = vi.fn<(name: string) => Promise<object | undefined>>();
type Installed = (details: { reason: string }) => void;
const onInstalled = vi.fn<(heard: Installed) => void>();
const onCommand = vi.fn<(heard: (command: string, tab?: object) => void) => void>();
const openPanel = vi.fn<(where: object) => Promise<void>>();
const openTab = vi.fn<(what: object) => Promise<void>>();
const listeners = { message: vi.fn<(hear: Hear) => void>(), alarm: vi.fn<() => void>(), updated: vi.fn<() => void>() };

beforeEach(() => {
  Object.assign(fakeBrowser.storage.local, { setAccessLevel });
  Object.assign(fakeBrowser.alarms, { create: createAlarm, get: getAlarm, onAlarm: { addListener: listeners.alarm } });
  Object.assign(fakeBrowser.runtime.onMessage, { addListener: listeners.message });
  Object.assign(fakeBrowser.tabs.onUpdated, { addListener: listeners.updated });
  Object.assign(fakeBrowser.action, {
    setBadgeText: vi.fn(),
    setBadgeTextColor: vi.fn(),
    setBadgeBackgroundColor: vi.fn(),
    setTitle: vi.fn(),
  });
  Object.assign(fakeBrowser.runtime, {
    onInstalled: { addListener: onInstalled },
    onUpdateAvailable: { addListener: vi.fn() },
    getContexts: () => Promise.resolve([]),
  });
  Object.assign(fakeBrowser.tabs, { create: openTab });
  Object.assign(fakeBrowser, { commands: { onCommand: { addListener: onCommand } }, sidePanel: { open: openPanel } });
  Object.assign(fakeBrowser.notifications, { getAll: () => Promise.resolve({}) });
});

function boot(): Hear {
  background.main();
  const hear = listeners.message.mock.calls.at(-1)?.[0];
  if (hear === undefined) throw new Error("Nothing listens for messages");
  return hear;
}

const popup = { id: "callbook", url: "chrome-extension://callbook/popup.html" };
const page = { id: "callbook", url: "https://page.example/", tab: { id: 3 } };

test("every listener is there before the first await", () => {
  boot();
  expect(listeners.message).toHaveBeenCalledTimes(1);
  expect(listeners.alarm).toHaveBeenCalledTimes(1);
  expect(listeners.updated).toHaveBeenCalledTimes(1);
});

test("the alarm is every 30 s, Chrome's least for a packed extension, and made only when it is lost", async () => {
  boot();
  await vi.waitFor(() => expect(createAlarm).toHaveBeenCalledWith("callbook-tick", { periodInMinutes: 0.5 }));
  createAlarm.mockClear();
  getAlarm.mockResolvedValue({ name: "callbook-tick" });
  boot();
  await vi.waitFor(() => expect(getAlarm).toHaveBeenCalledTimes(2));
  expect(createAlarm).not.toHaveBeenCalled();
});

test("pages cannot read where the token is", async () => {
  boot();
  await vi.waitFor(() => expect(setAccessLevel).toHaveBeenCalledWith({ accessLevel: "TRUSTED_CONTEXTS" }));
});

test("a sign-in that died with the last worker is over", async () => {
  await stored.session.set({ state: "authorizing", startedAt: "2026-11-21T14:00:00Z", place: "window" });
  boot();
  await vi.waitFor(async () => expect(await stored.session.get()).toMatchObject({ problem: "interrupted" }));
});

test("a sign-in at the demo that died with the last worker leaves the server of before", async () => {
  await stored.session.set({ state: "authorizing", startedAt: "2026-11-21T14:00:00Z", place: "window" });
  await stored.server.set("https://demo.example");
  await stored.serverBefore.set("https://callbook.example");
  boot();
  await vi.waitFor(async () => expect(await stored.server.get()).toBe("https://callbook.example"));
  expect(await stored.serverBefore.get()).toBeNull();
});

test("a page's script may ask for its overlay and nothing else", () => {
  const hear = boot();
  const reply = vi.fn();
  expect(hear({ type: "overlay-ask" }, page, reply)).toBe(true);
  expect(hear({ type: "unauthorize" }, page, reply)).toBe(false);
  expect(hear({ type: "steer", move: "cancel" }, page, reply)).toBe(false);
  expect(hear({ type: "change-server", address: "https://evil.example" }, page, reply)).toBe(false);
});

test("what lies over a page gets the words that the browser has not given it", async () => {
  const fetched = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", fetched);
  fetched.mockImplementation(() => Promise.resolve(Response.json({ gotIt: { message: "Got it" } })));
  const reply = vi.fn<(answer: unknown) => void>();
  expect(boot()({ type: "words-ask" }, page, reply)).toBe(true);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ gotIt: { message: "Got it" } }));
  vi.unstubAllGlobals();
});

test("neither strangers nor nonsense are answered", () => {
  const hear = boot();
  const reply = vi.fn();
  expect(hear({ type: "refresh" }, { id: "another", url: "chrome-extension://another/" }, reply)).toBe(false);
  expect(hear({ type: "format-disk" }, popup, reply)).toBe(false);
  expect(hear("refresh", popup, reply)).toBe(false);
  expect(hear(null, popup, reply)).toBe(false);
  // What every object has is no message.
  expect(hear({ type: "toString" }, popup, reply)).toBe(false);
  expect(hear({ type: "toString" }, page, reply)).toBe(false);
});

test("whether anybody is there is answered, and nothing else comes of it", async () => {
  const reply = vi.fn<(answer: unknown) => void>();
  expect(boot()({ type: "hello" }, popup, reply)).toBe(true);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ ok: true }));
});

test("a sign-in is answered at once: the popup that asked for it is about to close", async () => {
  const server = Promise.withResolvers<Response>();
  vi.stubGlobal("fetch", () => server.promise);
  const reply = vi.fn<(answer: unknown) => void>();
  boot()({ type: "authorize", tabId: 3 }, popup, reply);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ ok: true }));
  expect(await stored.session.get()).toMatchObject({ state: "authorizing" });
  server.reject(new TypeError("Failed to fetch"));
  await vi.waitFor(async () => expect(await stored.session.get()).toMatchObject({ problem: "server_unreachable" }));
  vi.unstubAllGlobals();
});

test("the popup is answered with how it went", async () => {
  const hear = boot();
  const reply = vi.fn<(answer: unknown) => void>();
  expect(hear({ type: "sync", kind: "full", acceptRemovals: false, tabId: null }, popup, reply)).toBe(true);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ ok: false, problem: "signed_out" }));
});

test("an overlay is told what its own tab shows", async () => {
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  await stored.sync.set(syncState({ last_run: null }));
  const hear = boot();
  const reply = vi.fn<(answer: unknown) => void>();
  hear({ type: "overlay-ask" }, page, reply);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith(null));
});

test("the first-run page opens with the installation, once", async () => {
  boot();
  onInstalled.mock.calls.at(-1)?.[0]({ reason: "install" });
  await vi.waitFor(() => expect(openTab.mock.calls).toEqual([[{ url: "chrome-extension://callbook/welcome.html" }]]));
  onInstalled.mock.calls.at(-1)?.[0]({ reason: "install" });
  onInstalled.mock.calls.at(-1)?.[0]({ reason: "update" });
  await stored.welcomed.get();
  await vi.waitFor(() => expect(getAlarm).toHaveBeenCalled());
  expect(openTab).toHaveBeenCalledTimes(1);
});

test("the key for the side panel opens it before anything is awaited", () => {
  openPanel.mockResolvedValue();
  boot();
  onCommand.mock.calls.at(-1)?.[0]("open-side-panel", { windowId: 8 });
  expect(openPanel.mock.calls).toEqual([[{ windowId: 8 }]]);
});

test("the alarm asks what became of a ring whose end nobody told", async () => {
  const list = { calls: [], next: null, total: 0 };
  const asked: string[] = [];
  const fetched = async (address: string): Promise<Response> => {
    asked.push(new URL(address).pathname);
    return asked.at(-1) === "/api/calls/search" ? Response.json(list) : new Response(null, { status: 503 });
  };
  vi.stubGlobal("fetch", fetched);
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  const rang = { callId: "c", ringsUntil: "", announced: true, dismissed: false, missed: false, contactId: null };
  await stored.calls.set([{ ...rang, state: "unknown" }]);
  boot();
  await vi.waitFor(() => expect(asked).toContain("/api/calls/search"));
  vi.unstubAllGlobals();
});
