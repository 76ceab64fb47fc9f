import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { awaitFirstRun, awaitRun, openNotice, tellEnd } from "./run-notices";
import { stored } from "./storage";
import { ended, run, syncState } from "./testing/samples";

const create = vi.fn<(id: string, what: { title: string; message: string }) => Promise<void>>();
const clear = vi.fn<(id: string) => Promise<void>>();
const contexts = vi.fn<(filter: object) => Promise<object[]>>();
const openPopup = vi.fn<() => Promise<void>>();

beforeEach(() => {
  Object.assign(fakeBrowser.notifications, { create, clear });
  Object.assign(fakeBrowser.runtime, { getContexts: contexts });
  Object.assign(fakeBrowser.action, { openPopup });
  contexts.mockResolvedValue([]);
});

/** The state becomes this, and the worker hears of it. */
async function becomes(change: Parameters<typeof syncState>[0]): Promise<void> {
  await stored.sync.set(syncState(change));
  await tellEnd();
}

const full = run({ id: 7, trigger: "manual" });

test("a full sync that was asked for is told once, by its outcome", async () => {
  await awaitRun(full);
  await becomes({ run: full });
  expect(create).not.toHaveBeenCalled();
  await becomes({ run: null, last_run: ended({ id: 7, trigger: "manual" }) });
  await tellEnd();
  expect(create).toHaveBeenCalledTimes(1);
  const words = { title: "Contacts are up to date", message: "98,412 read in 6 min 52 s" };
  expect(create.mock.calls[0]).toEqual(["run:7", expect.objectContaining(words)]);
});

test.each([
  [{ state: "incomplete", failed: 12 }, "The sync is incomplete", "12 could not be read"],
  [
    { state: "failed", problem: "internal" },
    "The sync did not finish",
    "What was read is kept. Open Callbook to see why.",
  ],
] as const)("what went wrong is told as that: %o", async (change, title, message) => {
  await awaitRun(full);
  await becomes({ run: null, last_run: ended({ id: 7, trigger: "manual", ...change }) });
  expect(create).toHaveBeenCalledWith("run:7", expect.objectContaining({ title, message }));
});

test("the first sync is told, also if it was over before anybody looked", async () => {
  await awaitFirstRun();
  await becomes({ run: null, last_run: ended({ id: 7, requested_at: new Date().toISOString() }) });
  expect(create).toHaveBeenCalledTimes(1);
});

test("the first sync is told although the worker died meanwhile", async () => {
  await awaitFirstRun();
  await becomes({ run: run({ id: 7 }), last_run: null });
  expect(await stored.awaited.get()).toMatchObject({ runId: 7 });
  await becomes({ run: null, last_run: ended({ id: 7 }) });
  expect(create).toHaveBeenCalledTimes(1);
});

test.each([
  [
    "recent changes",
    run({ id: 7, trigger: "manual", kind: "recent" }),
    ended({ id: 7, trigger: "manual", kind: "recent" }),
  ],
  ["an automatic run", run({ id: 7, trigger: "automatic" }), ended({ id: 7, trigger: "automatic" })],
  ["what the person cancelled", full, ended({ id: 7, trigger: "manual", state: "cancelled" })],
])("nothing is said of %s", async (_, started, over) => {
  await awaitRun(started);
  await becomes({ run: null, last_run: over });
  expect(create).not.toHaveBeenCalled();
});

test("nothing is said where notifications are off", async () => {
  await stored.notifications.set(false);
  await awaitRun(full);
  await becomes({ run: null, last_run: ended({ id: 7, trigger: "manual" }) });
  expect(create).not.toHaveBeenCalled();
});

test("nothing is said while the popup is open, and nothing afterwards", async () => {
  contexts.mockImplementation((filter) =>
    Promise.resolve(JSON.stringify(filter) === '{"contextTypes":["POPUP"]}' ? [{}] : []),
  );
  await awaitRun(full);
  await becomes({ run: null, last_run: ended({ id: 7, trigger: "manual" }) });
  contexts.mockResolvedValue([]);
  await tellEnd();
  expect(create).not.toHaveBeenCalled();
});

test("a run that others have followed while the browser was closed is no news", async () => {
  await awaitRun(full);
  await becomes({ run: null, last_run: ended({ id: 9, trigger: "automatic" }) });
  expect(create).not.toHaveBeenCalled();
  expect(await stored.awaited.get()).toBeNull();
});

test("a click opens the popup", async () => {
  openPopup.mockResolvedValue();
  await openNotice("run:7");
  await openNotice("call:1");
  expect(clear.mock.calls).toEqual([["run:7"]]);
  expect(openPopup).toHaveBeenCalledTimes(1);
});
