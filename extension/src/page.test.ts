import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { adopt, gotIt, moveTo, place, redraw, refused, tabClosed, tabLoaded, viewFor } from "./page";
import type { OverlayUpdate, Placement } from "./protocol";
import { stored } from "./storage";
import { ended, run, syncState } from "./testing/samples";

/** Tabs on which an overlay listens. */
const listening = new Set<number>();
const sent: { tabId: number; update: OverlayUpdate }[] = [];
const inject = vi.fn<(what: { target: { tabId: number } }) => Promise<unknown>>();

beforeEach(async () => {
  listening.clear();
  sent.length = 0;
  Object.assign(fakeBrowser.tabs, {
    sendMessage: (tabId: number, update: OverlayUpdate) => {
      if (!listening.has(tabId)) return Promise.reject(new Error("Receiving end does not exist."));
      sent.push({ tabId, update });
      return Promise.resolve(true);
    },
  });
  Object.assign(fakeBrowser.scripting, { executeScript: inject });
  inject.mockImplementation(({ target }) => {
    listening.add(target.tabId);
    return Promise.resolve([]);
  });
  await stored.sync.set(syncState({ run: run({ id: 7 }), last_run: null }));
});

const placement: Placement = {
  tabId: 3,
  runId: null,
  stage: "modal",
  since: "2026-11-21T14:09:00.000Z",
  refusedTabId: null,
};

test("the overlay is injected once, then only told", async () => {
  await place(3, 7);
  await redraw();
  await redraw();
  expect(inject).toHaveBeenCalledTimes(1);
  expect(sent.map(({ update }) => update.view?.stage)).toEqual(["modal", "modal", "modal"]);
});

test("nothing is injected where nobody asked for it", async () => {
  await redraw();
  await tabLoaded(3);
  expect(inject).not.toHaveBeenCalled();
});

test("Got it leaves the banner, also after a reload", async () => {
  await place(3, 7);
  await gotIt();
  listening.clear(); // the page was loaded anew
  await tabLoaded(3);
  expect(inject).toHaveBeenCalledTimes(2);
  expect(sent.at(-1)?.update.view?.stage).toBe("banner");
  expect(await viewFor(3)).toMatchObject({ stage: "banner" });
  expect(await viewFor(4)).toBeNull();
});

test("other tabs are left alone", async () => {
  await place(3, 7);
  await tabLoaded(4);
  expect(inject).toHaveBeenCalledTimes(1);
});

test("on another origin it stops quietly", async () => {
  await place(3, 7);
  listening.clear();
  inject.mockRejectedValue(new Error("Cannot access contents of the page."));
  await tabLoaded(3);
  expect(await stored.placement.get()).toMatchObject({ tabId: null, runId: 7, refusedTabId: null });
  inject.mockClear();
  await tabLoaded(3);
  expect(inject).not.toHaveBeenCalled();
});

test("a page that cannot be written on is known as such", async () => {
  inject.mockRejectedValue(new Error("Cannot access a chrome:// URL"));
  await place(3, 7);
  expect(await stored.placement.get()).toMatchObject({ tabId: null, refusedTabId: 3 });
});

test("a page that removes what is put on it is known as such, if it is the one", async () => {
  await place(3, 7);
  await refused(4);
  expect(await stored.placement.get()).toMatchObject({ tabId: 3, refusedTabId: null });
  await refused(3);
  expect(await stored.placement.get()).toMatchObject({ tabId: null, refusedTabId: 3 });
  expect(await viewFor(3)).toBeNull();
});

test("the end of the run is drawn, and is the last drawing", async () => {
  await place(3, 7);
  await stored.sync.set(syncState({ run: null, last_run: ended({ id: 7 }) }));
  await redraw();
  expect(sent.at(-1)?.update.view?.run.state).toBe("finished");
  expect(await stored.placement.get()).toBeNull();
  sent.length = 0;
  await redraw();
  expect(sent).toEqual([]);
});

test("a run that was over before we looked is told, too", async () => {
  await stored.sync.set(syncState({ run: null, last_run: ended({ id: 7 }) }));
  await place(3, 7);
  expect(sent.at(-1)?.update.view?.run.state).toBe("finished");
});

test("Show on this page takes it down on the other", async () => {
  await place(3, 7);
  await moveTo(4);
  expect(sent.find(({ tabId, update }) => tabId === 3 && update.view === null)).toBeDefined();
  expect(await stored.placement.get()).toMatchObject({ tabId: 4, runId: 7 });
});

test("a closed tab is forgotten, the run is not", async () => {
  await place(3, 7);
  await tabClosed(3);
  expect(await stored.placement.get()).toMatchObject({ tabId: null, runId: 7 });
});

test("a placement that waits takes the first sync when it comes", () => {
  expect(adopt(placement, syncState({ run: run({ id: 7 }) }))).toMatchObject({ runId: 7 });
  expect(adopt(placement, syncState({ run: null, last_run: ended({ id: 7 }) }))).toMatchObject({ runId: 7 });
});

test("but no automatic run, and none that was over long before", () => {
  expect(adopt(placement, syncState({ run: run({ trigger: "automatic" }) }))).toEqual(placement);
  const old = ended({ requested_at: "2026-11-20T10:00:00.000Z" });
  expect(adopt(placement, syncState({ run: null, last_run: old }))).toEqual(placement);
});
