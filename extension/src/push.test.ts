import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import type { Call, PushEvent } from "./contract";
import { catchUp, disconnect, stayConnected } from "./push";
import { forgetUser, stored } from "./storage";
import { alicesAccount, call, ended, NOW, run, syncState } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();
const create = vi.fn<() => Promise<string>>();
const answers: Record<string, unknown> = {};

class FakeSocket extends EventTarget {
  static readonly opened: FakeSocket[] = [];
  closed = false;
  constructor(readonly address: string) {
    super();
    FakeSocket.opened.push(this);
  }
  close(): void {
    this.closed = true;
  }
  says(message: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
  ends(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date", "setTimeout", "clearTimeout"] });
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.opened.length = 0;
  Object.assign(fakeBrowser.notifications, { create });
  Object.assign(answers, { "/api/sync": syncState({ event: 12 }), "/api/tickets": { ticket: "once" }, events: [] });
  answers["/api/calls/search"] = { calls: [], next: null, total: 0 };
  fetched.mockImplementation((address) => Promise.resolve(serverAnswer(new URL(new Request(address).url))));
  await stored.server.set("https://callbook.example");
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
});

afterEach(() => {
  disconnect();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function serverAnswer(url: URL): Response {
  return Response.json(url.pathname === "/api/events" ? answers["events"] : answers[url.pathname]);
}

function page(events: PushEvent[], change: object = {}): void {
  answers["events"] = { events, newest: events.at(-1)?.number ?? 0, start_again: false, ...change };
}

function ring(number: number, callId = "call-1", change: Partial<Call> = {}): PushEvent {
  const data = { call: call({ call_id: callId, ...change }) };
  return { number, kind: "call", at: NOW.toISOString(), data };
}

test("without a cursor the present state is where to begin", async () => {
  await catchUp();
  expect(await stored.cursor.get()).toBe(12);
  expect(await stored.sync.get()).toMatchObject({ event: 12 });
});

test("what was missed before the first sign-in is history, also when it is told once more; what rings is told", async () => {
  const missed = call({ state: "missed", call_id: "m" });
  answers["/api/calls/search"] = { calls: [call(), missed], next: null, total: 2 };
  await catchUp();
  expect(create).toHaveBeenCalledTimes(1);
  page([ring(13, "m", { state: "missed" }), ring(14, "n", { state: "missed" })]);
  await catchUp();
  expect(await stored.missed.get()).toEqual(["n"]);
});

test("what happened meanwhile is dealt with in order, and not twice", async () => {
  await stored.cursor.set(12);
  page([ring(13), { number: 14, kind: "contacts", at: "", data: {} }, ring(15, "call-2")]);
  await catchUp();
  expect(await stored.cursor.get()).toBe(15);
  expect(create).toHaveBeenCalledTimes(2);
  await catchUp(); // the same answer again
  expect(create).toHaveBeenCalledTimes(2);
  expect(await stored.contactsNews.get()).toBe(1);
});

test("what rings when everything is read anew is announced, as the event of it may be gone", async () => {
  await stored.cursor.set(3);
  page([], { newest: 90, start_again: true });
  answers["/api/calls/search"] = { calls: [call()], next: null, total: 1 };
  await catchUp();
  expect(create).toHaveBeenCalledTimes(1);
  expect((await stored.liveCalls.get()).map((one) => one.call.call_id)).toEqual(["call-1"]);
});

test.each([-600_000, 600_000])("a call rings as long as the server says, on a clock wrong by %s ms", async (ms) => {
  await stored.cursor.set(12);
  page([ring(13)]);
  vi.setSystemTime(NOW.getTime() + ms);
  await catchUp();
  expect(create).toHaveBeenCalledTimes(1);
  expect((await stored.liveCalls.get())[0]?.ringsUntil).toBe(new Date(NOW.getTime() + ms + 35_000).toISOString());
});

test("told to start again, it begins at the newest and reads all anew", async () => {
  await stored.cursor.set(3);
  await stored.callsSeenAt.set("2026-11-20T09:00:00.000Z");
  page([], { newest: 90, start_again: true });
  answers["/api/calls/search"] = { calls: [call({ state: "missed", call_id: "m" })], next: null, total: 1 };
  await catchUp();
  expect(await stored.cursor.get()).toBe(90);
  expect(await stored.missed.get()).toEqual(["m"]);
  expect(await stored.contactsNews.get()).toBe(1);
});

test("the socket opens with a ticket, after the cursor", async () => {
  await stored.cursor.set(12);
  page([ring(13)]);
  await stayConnected();
  expect(FakeSocket.opened.map((socket) => socket.address)).toEqual([
    "wss://callbook.example/api/events/socket?ticket=once&after=13",
  ]);
  await stayConnected(); // it is alive: nothing to do
  expect(FakeSocket.opened).toHaveLength(1);
});

test("progress comes over the socket", async () => {
  await stayConnected();
  FakeSocket.opened[0]?.says({ number: 13, kind: "progress", at: "", data: { run: run({ id: 9, read: 500 }) } });
  await vi.waitFor(async () => expect((await stored.sync.get())?.run).toMatchObject({ id: 9, read: 500 }));
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(13));
});

test("told over the socket to start again, it reads all anew and hears what comes then", async () => {
  await stored.cursor.set(3);
  await stored.callsSeenAt.set("2026-11-20T09:00:00.000Z");
  page([]);
  answers["/api/calls/search"] = { calls: [call({ state: "missed", call_id: "m" })], next: null, total: 1 };
  await stayConnected();
  answers["/api/sync"] = syncState({ event: 90 });
  FakeSocket.opened[0]?.says({ kind: "start_again", newest: 90 });
  FakeSocket.opened[0]?.says(ring(91));
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(91));
  expect(await stored.sync.get()).toMatchObject({ event: 90 });
  expect(await stored.missed.get()).toContain("m");
  expect(await stored.contactsNews.get()).toBe(1);
  expect(FakeSocket.opened).toHaveLength(1);
});

test("pings are no events, but a sign of life", async () => {
  await stayConnected();
  vi.setSystemTime(NOW.getTime() + 40_000);
  FakeSocket.opened[0]?.says({ kind: "ping" });
  vi.setSystemTime(NOW.getTime() + 60_000);
  await stayConnected();
  expect(FakeSocket.opened).toHaveLength(1);
  vi.setSystemTime(NOW.getTime() + 100_000); // 60 s of silence
  page([]);
  await stayConnected();
  expect(FakeSocket.opened).toHaveLength(2);
  expect(FakeSocket.opened[0]?.closed).toBe(true);
});

test("a ring that waited for a sleeping computer to wake is asked for anew: it was told long ago how long it rings", async () => {
  await stored.cursor.set(12);
  page([]);
  await stayConnected();
  vi.setSystemTime(NOW.getTime() + 300_000);
  page([ring(13, "call-1", { state: "missed", rings_ms: 0 })]);
  FakeSocket.opened[0]?.says(ring(13));
  await vi.advanceTimersByTimeAsync(1_500);
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(13));
  expect(create).not.toHaveBeenCalled();
  expect(FakeSocket.opened.map(({ closed }) => closed)).toEqual([true, false]);
});

test("a call is told, however long the server takes to say what became of a run before it", async () => {
  await stored.cursor.set(12);
  page([]);
  await stayConnected();
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockReturnValueOnce(promise);
  FakeSocket.opened[0]?.says({ number: 13, kind: "progress", at: "", data: { run: ended({ id: 9 }) } });
  FakeSocket.opened[0]?.says({ number: 14, kind: "progress", at: "", data: { run: run({ id: 10 }) } });
  FakeSocket.opened[0]?.says(ring(15));
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(15));
  expect(create).toHaveBeenCalledTimes(1);
  resolve(Response.json(syncState()));
});

test("how long a call rings counts from when it was told, not from its turn", async () => {
  await stored.cursor.set(12);
  page([]);
  await stayConnected();
  create.mockImplementationOnce(async () => {
    vi.setSystemTime(NOW.getTime() + 20_000);
    return "";
  });
  FakeSocket.opened[0]?.says(ring(13));
  FakeSocket.opened[0]?.says(ring(14, "call-2"));
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(14));
  const until = (await stored.liveCalls.get()).map(({ ringsUntil }) => ringsUntil);
  expect(new Set(until)).toEqual(new Set([new Date(NOW.getTime() + 35_000).toISOString()]));
});

test("a session that ended on the server ends here", async () => {
  await stayConnected();
  FakeSocket.opened[0]?.ends(4401);
  await vi.waitFor(async () => expect(await stored.session.get()).toMatchObject({ problem: "session_expired" }));
});

test("a line that broke is opened again from the cursor", async () => {
  await stayConnected();
  page([]);
  FakeSocket.opened[0]?.ends(1006);
  await vi.advanceTimersByTimeAsync(1_500);
  await vi.waitFor(() => expect(FakeSocket.opened).toHaveLength(2));
});

const BOBS = { state: "signedIn", token: "bobs", expiresAt: "", account: alicesAccount, problem: null } as const;

async function bobSignsIn(): Promise<void> {
  await forgetUser();
  await stored.session.set(BOBS);
}

test("what was asked for as one user is not told to the next", async () => {
  await stored.cursor.set(12);
  page([ring(13), ring(14, "call-2")]);
  create.mockImplementationOnce(async () => {
    await bobSignsIn();
    return "";
  });
  await catchUp();
  expect(create).toHaveBeenCalledTimes(1);
  expect((await stored.liveCalls.get()).map(({ call: { call_id } }) => call_id)).not.toContain("call-2");
  expect(await stored.cursor.get()).not.toBe(14);
});

test("the line of one user is not the next one's, and what comes over it is dropped", async () => {
  await stayConnected();
  await bobSignsIn();
  FakeSocket.opened[0]?.says(ring(13));
  await stayConnected();
  expect(FakeSocket.opened.map(({ closed }) => closed)).toEqual([true, false]);
  FakeSocket.opened[1]?.says(ring(14, "bobs-call"));
  await vi.waitFor(async () => expect(await stored.cursor.get()).toBe(14));
  expect(create).toHaveBeenCalledTimes(1);
  expect((await stored.liveCalls.get()).map(({ call: { call_id } }) => call_id)).toEqual(["bobs-call"]);
});
