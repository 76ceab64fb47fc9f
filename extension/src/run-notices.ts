/**
 * One notification when a run is over that somebody waits for: the first, and a full one asked for here. It is told by its
 * true outcome, at most once, and not while the popup is open: who looks at it knows.
 */
import { browser } from "wxt/browser";

import type { Run, SyncState } from "./contract";
import { isActive, runFor, type Wait } from "./run-facts";
import { endOf } from "./run-words";
import { stored } from "./storage";
import { turns } from "./turns";
import { showPopup } from "./windows";

const inTurn = turns();
const NOTICE = "run:";

function isNoticed({ trigger, kind }: Run): boolean {
  return trigger === "first" || (trigger === "manual" && kind === "full");
}

/** From here on somebody waits for the first run that is about to exist. */
export function awaitFirstRun(): Promise<void> {
  return inTurn(() => stored.awaited.set({ runId: null, since: new Date().toISOString() }));
}

/** Somebody asked for this run. */
export function awaitRun(run: Run): Promise<void> {
  return inTurn(async () => {
    if (isNoticed(run)) await stored.awaited.set({ runId: run.id, since: run.requested_at });
  });
}

/** The state has changed: is it over? */
export function tellEnd(): Promise<void> {
  return inTurn(async () => {
    const [awaited, state] = [await stored.awaited.get(), await stored.sync.get()];
    if (awaited === null || state === null) return;
    const run = runFor(awaited, state);
    const next = stillAwaited(awaited, run, state);
    // First: a worker that dies after it says nothing, instead of saying it twice.
    if (next !== awaited) await stored.awaited.set(next);
    if (run !== null && !isActive(run) && (await isWanted(run))) await show(run);
  });
}

/** What is waited for from here on. */
function stillAwaited(awaited: Wait, run: Run | null, { last_run: last }: SyncState): Wait | null {
  if (run === null) return isPassed(awaited, last) ? null : awaited;
  if (!isActive(run)) return null;
  return awaited.runId === null && isNoticed(run) ? { ...awaited, runId: run.id } : awaited;
}

/** Other runs have followed it while nobody looked: its end is no news any more. */
function isPassed({ runId }: Wait, last: Run | null): boolean {
  return runId !== null && last !== null && last.id > runId;
}

/** Who cancels a run knows. */
async function isWanted(run: Run): Promise<boolean> {
  if (!isNoticed(run) || run.state === "cancelled" || !(await stored.notifications.get())) return false;
  const open = await browser.runtime.getContexts({ contextTypes: ["POPUP"] });
  return open.length === 0;
}

async function show(run: Run): Promise<void> {
  const { title, detail } = endOf(run);
  const iconUrl = browser.runtime.getURL("/icon/128.png");
  await browser.notifications.create(`${NOTICE}${run.id}`, { type: "basic", iconUrl, title, message: detail });
}

/** A click on it opens the popup. */
export async function openNotice(notificationId: string): Promise<void> {
  if (!notificationId.startsWith(NOTICE)) return;
  await browser.notifications.clear(notificationId);
  await showPopup();
}
