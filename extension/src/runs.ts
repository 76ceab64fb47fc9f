/**
 * What is known of the user's runs: asked from the server, moved on by progress events, kept for every
 * surface to draw.
 */
import { api } from "./api";
import type { Run, RunKind, RunMove, SyncState } from "./contract";
import { Refused } from "./errors";
import { advanced, isActive, withProgress } from "./run-facts";
import { stored } from "./storage";
import { turns } from "./turns";

const inTurn = turns();

function withoutStepBack(known: SyncState | null, news: SyncState): SyncState {
  return news.run === null ? news : { ...news, run: advanced(known?.run ?? null, news.run) };
}

async function sessionToken(): Promise<string | null> {
  const session = await stored.session.get();
  return session.state === "signedIn" ? session.token : null;
}

/** Asks the server how things stand (which also makes a run that is due). */
export function refresh(): Promise<SyncState> {
  return inTurn(ask);
}

async function ask(): Promise<SyncState> {
  const asker = await sessionToken();
  const state = withoutStepBack(await stored.sync.get(), await api.sync());
  // The user may have signed out while the answer was on its way.
  if ((await sessionToken()) === asker) await stored.sync.set(state);
  return state;
}

/** A progress event arrived. When a run ends, the counts and the next sync change with it. */
export async function heardProgress(run: Run): Promise<void> {
  if (!(await tookIn(run)) || !isActive(run)) await refresh();
}

/** False when there is no state yet that the run could be part of. */
function tookIn(run: Run): Promise<boolean> {
  return inTurn(async () => {
    const known = await stored.sync.get();
    if (known !== null) await stored.sync.set(withProgress(known, run));
    return known !== null;
  });
}

/** Pauses, resumes or cancels the run in progress. A refusal says that it is not as it was thought to be. */
export async function steerRun(move: RunMove): Promise<void> {
  try {
    await heardProgress(await api.steerRun(move));
  } catch (error) {
    if (error instanceof Refused) await refresh();
    throw error;
  }
}

/** Starts a run, or joins the one in progress. */
export async function startRun(kind: RunKind, acceptRemovals: boolean): Promise<Run> {
  const run = await api.startRun(kind, acceptRemovals);
  if (!(await tookIn(run))) await refresh();
  return run;
}
