/**
 * Where the progress of the first or a manual run is shown on a page. Nothing is written on a page unless the
 * popup was opened over it: `activeTab` allows that one tab, until it goes to another origin.
 */
import { browser } from "wxt/browser";

import type { SyncState } from "./contract";
import { OVERLAY_SCRIPT, type OverlayUpdate, type OverlayView, type Placement } from "./protocol";
import { isActive, isShownOnPages, runFor } from "./run-facts";
import { stored } from "./storage";
import { turns } from "./turns";

const inTurn = turns();

/** Shows a run on the tab; `runId` null waits for the first or manual run that is about to exist. */
export function place(tabId: number, runId: number | null): Promise<void> {
  return inTurn(async () => {
    await stored.placement.set({ tabId, runId, stage: "modal", since: new Date().toISOString(), refusedTabId: null });
    await draw(tabId);
  });
}

/** "Show on this page", in the popup over another tab. */
export function moveTo(tabId: number): Promise<void> {
  return inTurn(async () => {
    const run = (await stored.sync.get())?.run;
    if (run === null || run === undefined || !isShownOnPages(run)) return;
    const old = (await stored.placement.get())?.tabId;
    if (typeof old === "number" && old !== tabId) await send(old, null);
    const since = new Date().toISOString();
    await stored.placement.set({ tabId, runId: run.id, stage: "modal", since, refusedTabId: null });
    await draw(tabId);
  });
}

/** "Got it": from now on the banner. */
export function gotIt(): Promise<void> {
  return inTurn(async () => {
    const placement = await stored.placement.get();
    if (placement !== null) await stored.placement.set({ ...placement, stage: "banner" });
  });
}

/** The page on this tab does not let anything of ours stay: the popup says so. */
export function refused(tabId: number): Promise<void> {
  return inTurn(async () => {
    const placement = await stored.placement.get();
    if (placement?.tabId === tabId) await stored.placement.set({ ...placement, tabId: null, refusedTabId: tabId });
  });
}

/** Brings the page up to what is known. */
export function redraw(): Promise<void> {
  return inTurn(() => draw(null));
}

/** The tab loaded a page again: put the run back on it, as far as activeTab still reaches. */
export function tabLoaded(tabId: number): Promise<void> {
  return inTurn(async () => {
    if ((await stored.placement.get())?.tabId === tabId) await draw(null);
  });
}

export function tabClosed(tabId: number): Promise<void> {
  return inTurn(async () => {
    const placement = await stored.placement.get();
    if (placement?.tabId === tabId) await stored.placement.set({ ...placement, tabId: null });
  });
}

/** What the overlay on this tab should draw. */
export async function viewFor(tabId: number): Promise<OverlayView | null> {
  const placement = await stored.placement.get();
  return placement?.tabId === tabId ? viewOf(placement, await stored.sync.get()) : null;
}

export function takeDown(): Promise<void> {
  return inTurn(async () => {
    const tabId = (await stored.placement.get())?.tabId;
    if (typeof tabId === "number") await send(tabId, null);
    await stored.placement.set(null);
  });
}

/**
 * The last drawing of a run is its end; after it the placement is done with. A page that does not take it although
 * the popup was just opened over it (`asked`) never will; any other may, once the popup is opened over it again.
 */
async function draw(asked: number | null): Promise<void> {
  const state = await stored.sync.get();
  const placement = adopt(await stored.placement.get(), state);
  const view = viewOf(placement, state);
  if (placement === null || view === null || placement.tabId === null) return;
  const { tabId } = placement;
  const drawn = (await send(tabId, view)) || ((await inject(tabId)) && (await send(tabId, view)));
  if (!isActive(view.run)) await stored.placement.set(null);
  else await stored.placement.set(drawn ? placement : { ...placement, tabId: null, refusedTabId: asked });
}

/** A placement that waits takes the run that has come, also if it was over before we looked. */
export function adopt(placement: Placement | null, state: SyncState | null): Placement | null {
  if (placement === null || placement.runId !== null || state === null) return placement;
  const run = runFor(placement, state);
  return run === null ? placement : { ...placement, runId: run.id };
}

function viewOf(placement: Placement | null, state: SyncState | null): OverlayView | null {
  if (placement === null || state === null) return null;
  const run = placement.runId === null ? null : runFor(placement, state);
  if (run === null) return null;
  return { stage: placement.stage, portalName: state.connection.account.portal_name, run };
}

/** False when nothing on that tab listens: no overlay there, or the page is on its way out. */
async function send(tabId: number, view: OverlayView | null): Promise<boolean> {
  const update: OverlayUpdate = { type: "overlay-view", view };
  return browser.tabs.sendMessage(tabId, update).then(
    (answer: unknown) => answer === true,
    () => false,
  );
}

/** False when the page cannot be written on: the browser's own pages, the store, an origin out of reach. */
async function inject(tabId: number): Promise<boolean> {
  return browser.scripting.executeScript({ target: { tabId }, files: [OVERLAY_SCRIPT] }).then(
    () => true,
    () => false,
  );
}
