import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { stored } from "./storage";
import { updateUnseen, updateWaits } from "./updates";

const reload = vi.fn<() => void>();
const contexts = vi.fn<() => Promise<{ contextType: string }[]>>();
const ringing = {
  callId: "1",
  state: "ringing",
  ringsUntil: "",
  announced: true,
  contactId: null,
  dismissed: false,
  missed: false,
} as const;

beforeEach(() => {
  Object.assign(fakeBrowser.runtime, { reload, getContexts: contexts });
  contexts.mockResolvedValue([{ contextType: "BACKGROUND" }]);
});

test("an update is taken at once where nobody would notice", async () => {
  await updateWaits("0.2.0");
  expect(reload).toHaveBeenCalledOnce();
});

test("nothing is restarted without an update", async () => {
  await updateUnseen();
  expect(reload).not.toHaveBeenCalled();
});

test("it waits while a window of ours is open, and is taken when it is closed", async () => {
  contexts.mockResolvedValue([{ contextType: "BACKGROUND" }, { contextType: "SIDE_PANEL" }]);
  await updateWaits("0.2.0");
  expect(reload).not.toHaveBeenCalled();
  expect(await stored.updateReady.get()).toBe("0.2.0");
  contexts.mockResolvedValue([{ contextType: "BACKGROUND" }]);
  await updateUnseen();
  expect(reload).toHaveBeenCalledOnce();
});

test("it waits while a phone rings, and while a sync is shown on a page", async () => {
  await stored.calls.set([ringing]);
  await updateWaits("0.2.0");
  await stored.calls.set([{ ...ringing, state: "over" }]);
  await stored.placement.set({ tabId: 3, runId: 7, stage: "banner", since: "", refusedTabId: null });
  await updateUnseen();
  expect(reload).not.toHaveBeenCalled();
});
