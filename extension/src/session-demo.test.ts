/** The demo account: another server for as long as somebody is signed in there. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { authorize, authorizeDemo, changeServer, leaveDemo, unauthorize } from "./session";
import { stored } from "./storage";
import { alicesAccount } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();
const OURS = "https://callbook.example";
const DEMO = "https://demo.example"; // of vitest.config.ts
const BACK = "https://callbook.chromiumapp.org/";
const grant = { token: "demo-token", expires_at: "2026-12-21T00:00:00Z", account: { ...alicesAccount, demo: true } };

beforeEach(async () => {
  vi.stubGlobal("fetch", fetched);
  await stored.server.set(OURS);
  fetched.mockImplementation((address) =>
    Promise.resolve(Response.json(new Request(address).url.endsWith("/health") ? { service: "callbook" } : grant)),
  );
  windowEnds(() => Promise.resolve(`${BACK}?code=one-time`));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function windowEnds(end: () => Promise<string | undefined>) {
  // Chrome's typings also know the old form with a callback, which returns nothing.
  const open: (details: { url: string }) => Promise<string | undefined> = fakeBrowser.identity.launchWebAuthFlow;
  return vi.mocked(open).mockImplementation(end);
}

function asked(): string[] {
  return fetched.mock.calls.map(([address]) => new URL(new Request(address).url).origin);
}

test("it is entered at its own server, and left with the session", async () => {
  const opened = windowEnds(() => Promise.resolve(`${BACK}?code=one-time`));
  expect(await authorizeDemo()).toBe(true);
  expect(opened.mock.calls[0]?.[0].url.startsWith(`${DEMO}/auth/start?`)).toBe(true);
  expect(new Set(asked())).toEqual(new Set([DEMO]));
  await leaveDemo(); // not as long as somebody is signed in
  expect(await stored.server.get()).toBe(DEMO);
  fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 204 })));
  await unauthorize(false);
  await leaveDemo();
  expect(await stored.server.get()).toBe(OURS);
  await leaveDemo(); // once
  expect(await stored.server.get()).toBe(OURS);
});

test("entered twice, it still knows the server of before", async () => {
  windowEnds(() => Promise.resolve(undefined));
  expect(await authorizeDemo()).toBe(false);
  expect(await authorizeDemo()).toBe(false);
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "window_closed" });
  await leaveDemo();
  expect(await stored.server.get()).toBe(OURS);
});

test("a demo that does not answer is not told as one's own server", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await authorizeDemo();
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "demo_unreachable" });
});

test("who is signed in does not take their session there", async () => {
  const session = { state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null } as const;
  await stored.session.set(session);
  expect(await authorizeDemo()).toBe(false);
  expect([await stored.server.get(), await stored.session.get()]).toEqual([OURS, session]);
});

test("a server that was chosen in the demo stays", async () => {
  await authorizeDemo();
  await changeServer("https://other.example");
  await leaveDemo();
  expect(await stored.server.get()).toBe("https://other.example");
});

test("after it the usual way in leads to one's own server", async () => {
  windowEnds(() => Promise.resolve(undefined));
  await authorizeDemo();
  await leaveDemo();
  fetched.mockClear();
  await authorize();
  expect(new Set(asked())).toEqual(new Set([OURS]));
});
