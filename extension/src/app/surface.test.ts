import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import type { ContactPage } from "../contract";
import { stored } from "../storage";
import { alicesAccount, bianca, ended, personal, run, syncState } from "../testing/samples";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { Surface } from "./surface";

const fetched = vi.fn<typeof fetch>();
const told = vi.fn<(message: unknown) => Promise<unknown>>();
const heard = vi.fn<(type: string, listener: () => void) => void>();
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
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  Object.assign(fakeBrowser.runtime, { sendMessage: told });
  Object.assign(fakeBrowser.tabs, { query: () => Promise.resolve([{ id: 3, windowId: 5 }]) });
  vi.stubGlobal("addEventListener", heard);
  told.mockResolvedValue({ ok: true });
  fetched.mockReturnValue(new Promise(() => undefined)); // a server that takes its time
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(place: "popup" | "panel" = "popup"): Promise<void> {
  const surface = new Surface(place, (state, does) => {
    drawn.push(state);
    actions = does;
  });
  await surface.start();
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
  expect(told.mock.calls).toEqual([[{ type: "hello" }]]);
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
  expect(last().calls.calls).toBeNull();
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

const ana = { first_name: "Ana", last_name: null, company: null, job_title: null, email: null, phones: [] };

function asked(method: string): string[] {
  const of = fetched.mock.calls.filter(([, init]) => (init?.method ?? "GET") === method);
  return of.map(([address]) =>
    JSON.stringify(address)
      .replaceAll('"', "")
      .replace(/^.*?\/api/u, "/api"),
  );
}

test("a personal contact that was added is looked for at once", async () => {
  await stored.session.set(signedIn);
  await open();
  await vi.advanceTimersByTimeAsync(20);
  fetched.mockClear();
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal(), { status: 201 })));
  expect(await actions?.saveContact(null, ana)).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(asked("POST")).toEqual(["/api/contacts", "/api/contacts/search"]);
  expect(told).toHaveBeenLastCalledWith({ type: "refresh" });
});

test("a personal contact that was changed is shown as it is now", async () => {
  await stored.session.set(signedIn);
  await open();
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal({ name: "Ana" }))));
  expect(await actions?.saveContact(77, ana)).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(last().contact?.name).toBe("Ana");
  expect(asked("PUT")).toEqual(["/api/contacts/77"]);
});

test("what the server does not take comes back field by field, and nothing is asked again", async () => {
  await stored.session.set(signedIn);
  await open();
  await vi.advanceTimersByTimeAsync(20);
  fetched.mockClear();
  const fields = [{ where: "email", what: "too long" }];
  const refusal = { error: { kind: "invalid", message: "", request_id: "r", fields } };
  fetched.mockImplementation(() => Promise.resolve(Response.json(refusal, { status: 422 })));
  expect(await actions?.saveContact(null, ana)).toEqual({ problem: "invalid", fields });
  expect(asked("GET")).toEqual([]);
});

test("deleting everything is the worker's to do", async () => {
  await stored.session.set(signedIn);
  await open();
  expect(await actions?.deleteData()).toBeNull();
  expect(told).toHaveBeenCalledWith({ type: "unauthorize", everything: true });
});

test("what could not be read is asked for when somebody wants to see it", async () => {
  await stored.session.set(signedIn);
  await open();
  const problem = {
    remote_id: "5",
    category: "refused",
    name: null,
    hubspot_url: null,
    seen_at: "2026-11-21T14:00:00Z",
  };
  fetched.mockImplementation(() => Promise.resolve(Response.json({ problems: [problem], total: 1 })));
  expect(last().problems).toBeNull();
  expect(await actions?.openProblems()).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(last().problems?.total).toBe(1);
});

test("the diagnostics go on the clipboard with the versions, and without the account", async () => {
  const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue();
  vi.stubGlobal("navigator", { userAgent: "Chrome/156.0.0.0", clipboard: { writeText } });
  Object.assign(fakeBrowser.runtime, { getManifest: () => ({ version: "0.1.0" }) });
  await stored.session.set(signedIn);
  await stored.sync.set(syncState());
  await open();
  await actions?.copyDiagnostics();
  const [text = ""] = writeText.mock.calls[0] ?? [];
  expect(text).toContain("extension: 0.1.0");
  expect(text).not.toMatch(/Brightmoor|alice|4711/iu);
});

test("a number is called with the phone window; without a phone, with whatever telephones on this computer", async () => {
  const assign = vi.fn<(address: string) => void>();
  vi.stubGlobal("location", { assign });
  await open();
  actions?.dial("+1 (415) 555-0132");
  expect(told).toHaveBeenCalledWith({ type: "dial", number: "+1 (415) 555-0132" });
  expect(assign).not.toHaveBeenCalled();
  await stored.phone.set({ address: "", clientId: "" });
  actions?.dial("+1 (415) 555-0132");
  expect(assign).toHaveBeenCalledWith("tel:+14155550132");
});

test("without a network it says so, and looks again as soon as that changes", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  await stored.session.set(signedIn);
  await stored.server.set("https://callbook.example");
  await open();
  expect(last().offline).toBe(true);
  told.mockClear();
  heard.mock.calls.find(([type]) => type === "online")?.[1]();
  expect(told).toHaveBeenCalledWith({ type: "refresh" });
});

test("a server on this computer is not out of reach for want of a network", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  await stored.server.set("http://127.0.0.1:8000");
  await open();
  expect(last().offline).toBe(false);
});

test("a worker that gives no answer within 3 s is to be started again, unless it answers after all", async () => {
  const { promise, resolve } = Promise.withResolvers<{ ok: true }>();
  told.mockReturnValue(promise);
  await open();
  await vi.advanceTimersByTimeAsync(2_900);
  expect(last().restart).toBeNull();
  await vi.advanceTimersByTimeAsync(200);
  expect(last().restart).toBe("stuck");
  resolve({ ok: true });
  await vi.advanceTimersByTimeAsync(20);
  expect(last().restart).toBeNull();
});

test("a version that waits is offered, and taken by a restart", async () => {
  const reload = vi.fn<() => void>();
  Object.assign(fakeBrowser.runtime, { reload });
  await stored.updateReady.set("0.2.0");
  await open();
  expect(last().restart).toBe("update");
  actions?.restart();
  expect(reload).toHaveBeenCalledOnce();
});

test("the popup opens the side panel of its window within the click, and closes", async () => {
  const close = vi.fn<() => void>();
  const openPanel = vi.fn<(where: object) => Promise<void>>().mockResolvedValue();
  vi.stubGlobal("window", { close });
  Object.assign(fakeBrowser, { sidePanel: { open: openPanel } });
  await open();
  await vi.advanceTimersByTimeAsync(20);
  actions?.openPanel?.();
  expect(openPanel.mock.calls).toEqual([[{ windowId: 5 }]]); // before anything was awaited
  await vi.advanceTimersByTimeAsync(0);
  expect(close).toHaveBeenCalledOnce();
});

test("the side panel offers no side panel, and no page to show a sync on", async () => {
  await stored.session.set(signedIn);
  await open("panel");
  await vi.advanceTimersByTimeAsync(20);
  expect(actions?.openPanel).toBeNull();
  expect(last().tabId).toBeNull();
  await actions?.sync("full", false);
  expect(told).toHaveBeenCalledWith({ type: "sync", kind: "full", acceptRemovals: false, tabId: null });
});

test("the keys are told as they are set now", async () => {
  const set = [{ name: "_execute_action", shortcut: "Alt+Shift+C" }, { name: "open-side-panel" }];
  Object.assign(fakeBrowser, { commands: { getAll: () => Promise.resolve(set) } });
  await open();
  expect((await actions?.commands())?.map(({ shortcut }) => shortcut)).toEqual(["Alt+Shift+C", ""]);
});
