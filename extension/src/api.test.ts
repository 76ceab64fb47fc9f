import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { api, endSession, probe } from "./api";
import { Refused, ServerFault, SignedOut, Unreachable } from "./errors";
import { stored } from "./storage";
import { alicesAccount, bianca, syncState } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();

beforeEach(async () => {
  vi.stubGlobal("fetch", fetched);
  await stored.server.set("https://callbook.example");
  await signIn("alices-token");
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function signIn(token: string): Promise<void> {
  const expiresAt = "2026-12-21T00:00:00Z";
  await stored.session.set({ state: "signedIn", token, expiresAt, account: alicesAccount, problem: null });
}

function answer(status: number, body: unknown): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status });
}

function error(status: number, kind: string): Response {
  return answer(status, { error: { kind, message: "for developers", request_id: "r-1" } });
}

test("a request carries the token and a deadline", async () => {
  fetched.mockResolvedValue(answer(200, syncState()));
  await expect(api.sync()).resolves.toEqual(syncState());
  const [address, init] = fetched.mock.calls[0] ?? [];
  expect(address).toBe("https://callbook.example/api/sync");
  expect(new Headers(init?.headers).get("Authorization")).toBe("Bearer alices-token");
  expect(init?.signal).toBeInstanceOf(AbortSignal);
});

test("an answer is never an old one, and a search does not ask for leave again", async () => {
  fetched.mockImplementation(() => Promise.resolve(answer(200, syncState())));
  await api.sync();
  await api.contacts({ source: "all", q: "", offset: 0, limit: 50, letters: true });
  expect(fetched.mock.calls.map(([, init]) => init?.cache)).toEqual(["no-store", "default"]);
});

test("HubSpot's failure, told by the server, is not the server's silence", async () => {
  const body = JSON.stringify({ error: { kind: "hubspot_unreachable", message: "", request_id: "r-1" } });
  fetched.mockResolvedValue(new Response(body, { status: 503, headers: { "X-Request-Id": "r-1" } }));
  await expect(api.searchHubSpot("noor")).rejects.toMatchObject({ name: "Refused", kind: "hubspot_unreachable" });
  expect(await stored.unreachableSince.get()).toBeNull();
});

test("a refusal that is only too early says until when", async () => {
  vi.setSystemTime("2026-11-21T14:00:00Z");
  const body = JSON.stringify({ error: { kind: "busy", message: "", request_id: "r-1" } });
  fetched.mockResolvedValue(new Response(body, { status: 429, headers: { "Retry-After": "90" } }));
  const refused: unknown = await api.searchHubSpot("noor").catch((problem: unknown) => problem);
  vi.useRealTimers();
  expect(refused).toMatchObject({ kind: "busy", retryAt: "2026-11-21T14:01:30.000Z" });
});

test("without a session nothing is sent", async () => {
  await stored.session.set({ state: "signedOut", problem: null });
  await expect(api.sync()).rejects.toBeInstanceOf(SignedOut);
  expect(fetched).not.toHaveBeenCalled();
});

test("an answer that comes when somebody else has signed in is none", async () => {
  await signIn("alices-token");
  const late = async (body: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve)); // long after its headers
    await signIn("bobs-token");
    body.enqueue(new TextEncoder().encode('{"contacts": []}'));
    body.close();
  };
  fetched.mockImplementation(async () => new Response(new ReadableStream({ pull: late }, { highWaterMark: 0 })));
  await expect(api.feed(null)).rejects.toBeInstanceOf(SignedOut);
});

test.each([api.unauthorize, api.deleteData])(
  "that the line said first that the session is over is no failure: %s",
  async (leave) => {
    await signIn("alices-token");
    fetched.mockImplementation(async () => {
      await endSession("alices-token"); // as the event socket does, which is closed with it
      return new Response(null, { status: 204 });
    });
    await expect(leave()).resolves.toBeUndefined();
  },
);

test("a GET is repeated once, then the server is unreachable since the first failure", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(api.sync()).rejects.toBeInstanceOf(Unreachable);
  expect(fetched).toHaveBeenCalledTimes(2);
  const since = await stored.unreachableSince.get();
  expect(since).not.toBeNull();
  await expect(api.sync()).rejects.toBeInstanceOf(Unreachable);
  expect(await stored.unreachableSince.get()).toBe(since);
});

test("an answer ends the time without one", async () => {
  await stored.unreachableSince.set("2026-11-21T14:02:00Z");
  fetched.mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValueOnce(answer(200, syncState()));
  await api.sync();
  expect(await stored.unreachableSince.get()).toBeNull();
});

test.each([502, 503, 504])("a gateway's %i is worth repeating", async (status) => {
  fetched.mockResolvedValueOnce(answer(status, {})).mockResolvedValueOnce(answer(200, syncState()));
  await expect(api.sync()).resolves.toEqual(syncState());
});

test("a gateway without its server is no answer", async () => {
  fetched.mockImplementation(() => Promise.resolve(answer(503, {})));
  await expect(api.startRun("recent", false)).rejects.toBeInstanceOf(Unreachable);
  expect(await stored.unreachableSince.get()).not.toBeNull();
});

test("a POST that changes something is never repeated", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(api.startRun("full", false)).rejects.toBeInstanceOf(Unreachable);
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("held removals are accepted only when asked", async () => {
  fetched.mockImplementation(() => Promise.resolve(answer(202, {})));
  await api.startRun("full", false);
  await api.startRun("full", true);
  const bodies = fetched.mock.calls.map(([, init]) => init?.body);
  expect(bodies).toEqual(['{"kind":"full"}', '{"kind":"full","accept_removals":true}']);
});

test.each([
  [409, "not_connected", Refused],
  [404, "not_found", Refused],
  [500, "internal", ServerFault],
])("status %i with kind %s is %o", async (status, kind, consequence) => {
  fetched.mockImplementation(() => Promise.resolve(error(status, kind)));
  const failure: unknown = await api.startRun("recent", false).catch((caught: unknown) => caught);
  expect(failure).toBeInstanceOf(consequence);
  expect(failure).toMatchObject({ status, requestId: "r-1" });
});

test("a page instead of JSON is a fault, not a crash", async () => {
  fetched.mockImplementation(() => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 500 })));
  await expect(api.startRun("recent", false)).rejects.toBeInstanceOf(ServerFault);
});

test.each(['{"counts": ', "<h1>Please sign in to the guest network</h1>"])("%s is no answer", async (body) => {
  fetched.mockImplementation(() => Promise.resolve(new Response(body)));
  await expect(api.sync()).rejects.toBeInstanceOf(Unreachable);
});

test("a session the server no longer knows ends here, with everything that belongs to it", async () => {
  await stored.sync.set(syncState());
  await stored.cursor.set(40);
  fetched.mockImplementation(() => Promise.resolve(error(401, "session_expired")));
  await expect(api.sync()).rejects.toBeInstanceOf(SignedOut);
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "session_expired" });
  expect(await stored.sync.get()).toBeNull();
  expect(await stored.cursor.get()).toBeNull();
});

test("a late refusal of the old session leaves the new one alone", async () => {
  await signIn("new-token");
  await endSession("alices-token");
  expect(await stored.session.get()).toMatchObject({ state: "signedIn", token: "new-token" });
});

test("a refusal tells which field it is about", async () => {
  const fields = [{ where: "email", what: "too long" }];
  const body = { error: { kind: "invalid", message: "for developers", request_id: "r-2", fields } };
  fetched.mockResolvedValue(answer(422, body));
  await expect(api.deleteContact(7)).rejects.toMatchObject({ kind: "invalid", fields });
});

test("what went wrong is kept for the diagnostics, without what was asked and whose it was", async () => {
  fetched.mockImplementation(() => Promise.resolve(error(404, "not_found")));
  await api.contact(4711).catch(() => null);
  await api.contacts({ source: "all", q: "bianca", offset: 0, limit: 50, letters: false }).catch(() => null);
  const faults = await stored.faults.get();
  expect(faults.map(({ method, route, kind, requestId }) => [method, route, kind, requestId])).toEqual([
    ["POST", "/api/contacts/search", "not_found", "r-1"],
    ["GET", "/api/contacts/:id", "not_found", "r-1"],
  ]);
  expect(JSON.stringify(faults)).not.toMatch(/4711|bianca/u);
});

test("of what went wrong only the last is kept", async () => {
  fetched.mockImplementation(() => Promise.resolve(error(404, "not_found")));
  for (let id = 0; id < 9; id += 1) await api.contact(id).catch(() => null); // oxlint-disable-line no-await-in-loop -- order matters
  expect(await stored.faults.get()).toHaveLength(5);
});

test("the version of one's own server is remembered, another's is not", async () => {
  fetched.mockImplementation(() => Promise.resolve(answer(200, { service: "callbook", version: "0.1.0" })));
  await probe("https://another.example");
  expect(await stored.serverVersion.get()).toBeNull();
  await probe("https://callbook.example");
  expect(await stored.serverVersion.get()).toBe("0.1.0");
});

const listed = { source: "all", q: "bianca", offset: 0, limit: 50, letters: false } as const;
const called = { filter: "missed", q: "bianca", limit: 100, before: 51 } as const;

test.each([
  ["/api/contacts/search", listed, () => api.contacts(listed)],
  ["/api/calls/search", called, () => api.calls(called)],
])("%s: what is searched for is not in the address, and may be asked twice", async (path, query, ask) => {
  fetched
    .mockRejectedValueOnce(new TypeError("Failed to fetch"))
    .mockResolvedValueOnce(answer(200, { found: [bianca] }));
  await expect(ask()).resolves.toEqual({ found: [bianca] });
  const sent = fetched.mock.calls.map(([address, init]) => [address, init?.method, init?.body]);
  const once = [`https://callbook.example${path}`, "POST", JSON.stringify(query)];
  expect(sent).toEqual([once, once]);
});

test.each([
  ["reachable", () => Promise.resolve(answer(200, { status: "ok", service: "callbook", version: "1" }))],
  ["other", () => Promise.resolve(answer(200, { service: "else" }))],
  ["other", () => Promise.resolve(new Response("<html>"))],
  ["unreachable", () => Promise.reject(new TypeError("Failed to fetch"))],
])("a probe says %s", async (reach, response) => {
  fetched.mockImplementation(response);
  expect(await probe("https://callbook.example")).toBe(reach);
});
