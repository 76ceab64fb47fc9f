import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { stored } from "../storage";
import { alicesAccount, bianca, call, personal } from "../testing/samples";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { Surface } from "./surface";

const fetched = vi.fn<typeof fetch>();
const drawn: PopupState[] = [];
let actions: PopupActions | undefined;

const firstPage = {
  contacts: [bianca],
  counts: { all: 1, hubspot: 1, personal: 0 },
  total: 1,
  next: null,
  letters: null,
  searched_as: null,
};

beforeEach(() => {
  vi.useFakeTimers();
  drawn.length = 0;
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  vi.stubGlobal("addEventListener", vi.fn());
  Object.assign(fakeBrowser.runtime, { sendMessage: () => Promise.resolve({ ok: true }) });
  Object.assign(fakeBrowser.tabs, { query: () => Promise.resolve([{ id: 3, windowId: 5 }]) });
  fetched.mockReturnValue(new Promise(() => undefined)); // a server that takes its time
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(): Promise<void> {
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  const surface = new Surface("popup", (state, does) => {
    drawn.push(state);
    actions = does;
  });
  await surface.start();
}

test("of what is known it draws one picture, the tab below in it", async () => {
  await open();
  expect(drawn.map(({ tabId }) => tabId)).toEqual([3]);
  await vi.advanceTimersByTimeAsync(100);
  expect(drawn).toHaveLength(1);
});

test("rows are drawn as they come, once, in no later frame", async () => {
  await open();
  fetched.mockImplementation(() => Promise.resolve(Response.json(firstPage)));
  actions?.search("bianca");
  await vi.advanceTimersByTimeAsync(0);
  expect(drawn.at(-1)?.contacts).toMatchObject({ typed: "bianca", q: "bianca" });
  expect(drawn).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(100);
  expect(drawn).toHaveLength(2);
});

test("of a contact that is open the last call is read again when calls change", async () => {
  await open();
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal({ last_call: call() }))));
  await actions?.openContact(77);
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal({ last_call: call({ state: "missed" }) }))));
  await stored.callsNews.set(1);
  await vi.advanceTimersByTimeAsync(20);
  expect(drawn.at(-1)?.contact?.last_call?.state).toBe("missed");
});

test("reading a contact again does not bring back one that is not open any more, nor ask for one that was deleted", async () => {
  await open();
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal({ id: 77 }))));
  await actions?.openContact(77);
  fetched.mockReturnValueOnce(promise);
  await stored.callsNews.set(2);
  fetched.mockImplementation(() => Promise.resolve(Response.json(personal({ id: 78 }))));
  await actions?.openContact(78);
  resolve(Response.json(personal({ id: 77 })));
  await vi.advanceTimersByTimeAsync(20);
  expect(drawn.at(-1)?.contact?.id).toBe(78);
  await actions?.deleteContact(78);
  fetched.mockClear();
  await stored.callsNews.set(3);
  await vi.advanceTimersByTimeAsync(20);
  const asked = fetched.mock.calls.map(([address]) => (typeof address === "string" ? address : ""));
  expect(asked.filter((address) => address.endsWith("/api/contacts/78"))).toEqual([]);
});
