import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { reportCall, sendReports } from "./call-reports";
import type { CallNews } from "./contract";
import { forgetUser, stored } from "./storage";
import { alicesAccount, call } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();

function news(state: CallNews["state"], callId = "s-1"): CallNews {
  return { call_id: callId, direction: "inbound", state, number: "+12065550142", name: null };
}

const taken = (): Promise<Response> => Promise.resolve(Response.json(call(), { status: 202 }));
const refused = (status: number): Promise<Response> => Promise.resolve(Response.json({}, { status }));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-21T14:16:00Z") });
  vi.stubGlobal("fetch", fetched);
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The bodies that were sent, in order. */
function sent(): Record<string, unknown>[] {
  return fetched.mock.calls.map(([, init]) => JSON.parse(typeof init?.body === "string" ? init.body : "null"));
}

test("is sent at once", async () => {
  fetched.mockImplementation(taken);
  await reportCall(news("ringing"));
  expect(sent()).toEqual([{ ...news("ringing"), ago_ms: 0 }]);
  expect(await stored.callReports.get()).toEqual([]);
});

test("is kept while the server is out of reach, and sent in order with how long ago it was", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await reportCall(news("ringing"));
  await reportCall(news("ended"));
  fetched.mockClear();
  fetched.mockImplementation(taken);
  vi.setSystemTime(new Date("2026-11-21T14:20:00Z"));
  await sendReports();
  expect(sent()).toEqual([
    { ...news("ringing"), ago_ms: 240_000 },
    { ...news("ended"), ago_ms: 240_000 },
  ]);
  expect(await stored.callReports.get()).toEqual([]);
});

test.each([500, 429, 502])("is kept when the server answers %i", async (status) => {
  fetched.mockImplementation(() => refused(status));
  await reportCall(news("ringing"));
  expect(await stored.callReports.get()).toHaveLength(1);
});

test("what the server refuses for good does not hold up the rest", async () => {
  fetched.mockImplementationOnce(() => refused(422)).mockImplementation(taken);
  await reportCall(news("ringing", "bad"));
  await reportCall(news("ringing", "good"));
  expect(sent().map(({ call_id: id }) => id)).toEqual(["bad", "good"]);
  expect(await stored.callReports.get()).toEqual([]);
});

test("the oldest go when there are too many", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  const reports = Array.from({ length: 200 }, (_, place) => ({ id: String(place), news: news("ringing"), at: "" }));
  await stored.callReports.set(reports);
  await reportCall(news("ended"));
  const kept = await stored.callReports.get();
  expect(kept).toHaveLength(200);
  expect(kept[0]?.id).toBe("1");
  expect(kept.at(-1)?.news.state).toBe("ended");
});

test("two that come together are sent once each, in order", async () => {
  fetched.mockImplementation(taken);
  await Promise.all([reportCall(news("ringing")), reportCall(news("answered")), sendReports()]);
  expect(sent().map(({ state }) => state)).toEqual(["ringing", "answered"]);
});

test("is kept with its own moment while another one is on its way", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockReturnValueOnce(promise).mockImplementation(taken);
  const first = reportCall(news("ringing"));
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
  const second = reportCall(news("answered"));
  await vi.waitFor(async () => expect(await stored.callReports.get()).toHaveLength(2)); // the window may close now
  vi.setSystemTime(new Date("2026-11-21T14:16:09Z"));
  resolve(await taken());
  await Promise.all([first, second]);
  const [ringing, answered] = sent();
  expect([ringing?.["state"], answered?.["state"]]).toEqual(["ringing", "answered"]);
  expect(answered?.["ago_ms"]).toBeGreaterThan(8_000);
});

test("without a session nothing is kept", async () => {
  await stored.session.set({ state: "signedOut", problem: null });
  await reportCall(news("ringing"));
  expect(await stored.callReports.get()).toEqual([]);
  expect(fetched).not.toHaveBeenCalled();
});

test("a report of who has left meanwhile is not sent in the name of who has come", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await reportCall(news("ringing"));
  await reportCall(news("ended"));
  fetched.mockReset();
  fetched.mockImplementation(async () => {
    await forgetUser();
    return taken();
  });
  await sendReports();
  expect(sent()).toHaveLength(1);
});
