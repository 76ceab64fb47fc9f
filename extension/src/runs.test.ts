import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Refused } from "./errors";
import { heardProgress, refresh, steerRun } from "./runs";
import { stored } from "./storage";
import { alicesAccount, ended, run, syncState } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();
const running = syncState({ run: run({ id: 8 }) });

beforeEach(async () => {
  vi.stubGlobal("fetch", fetched);
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  await stored.sync.set(running);
});

afterEach(() => {
  fetched.mockReset();
  vi.unstubAllGlobals();
});

const answer = (body: unknown, status = 200): void =>
  void fetched.mockResolvedValueOnce(Response.json(body, { status }));
const asked = (): unknown[] =>
  fetched.mock.calls.map(([address]) => (typeof address === "string" ? new URL(address).pathname : null));

test("a paused run is drawn as the server answered, without asking once more", async () => {
  answer(run({ id: 8, state: "paused", paused_at: "2026-11-21T14:15:00.000Z" }));
  await steerRun("pause");
  expect(asked()).toEqual(["/api/sync/pause"]);
  expect((await stored.sync.get())?.run?.state).toBe("paused");
});

test("after a cancelled run the rest is asked for: the next sync is planned anew", async () => {
  const cancelled = ended({ id: 8, state: "cancelled" });
  answer(cancelled);
  answer(syncState({ last_run: cancelled, next_sync_at: "2026-11-21T14:40:00.000Z" }));
  await steerRun("cancel");
  expect(asked()).toEqual(["/api/sync/cancel", "/api/sync"]);
  expect(await stored.sync.get()).toMatchObject({ run: null, next_sync_at: "2026-11-21T14:40:00.000Z" });
});

test("where there is no run any more the refusal is told, and what there is instead is drawn", async () => {
  answer({ error: { kind: "no_run", message: "", request_id: "r" } }, 409);
  answer(syncState());
  await expect(steerRun("resume")).rejects.toBeInstanceOf(Refused);
  expect((await stored.sync.get())?.run).toBeNull();
});

test("of two answers the one to the later question counts, whichever comes last", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockReturnValueOnce(promise);
  const first = refresh();
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
  answer(syncState({ event: 20 }));
  await refresh();
  resolve(Response.json(syncState({ event: 10 })));
  expect((await first).event).toBe(20);
  expect((await stored.sync.get())?.event).toBe(20);
});

test.each([
  ["a pause", syncState({ run: run({ id: 8 }) }), run({ id: 8, state: "paused" }), { run: { state: "paused" } }],
  ["a start", syncState(), run({ id: 9 }), { run: { id: 9 } }],
  ["an end", syncState({ run: run({ id: 8 }) }), ended({ id: 8 }), { run: null, last_run: { id: 8 } }],
])("%s that is told while the server is asked is not undone by its answer", async (_, before, news, after) => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  fetched.mockReturnValueOnce(promise);
  const asking = refresh();
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
  fetched.mockRejectedValue(new TypeError("Failed to fetch")); // what is asked because of the news is not answered
  await heardProgress(news);
  resolve(Response.json(before));
  await asking;
  expect(await stored.sync.get()).toMatchObject(after);
});
