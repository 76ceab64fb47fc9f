/**
 * What can be said of a run without asking anyone. Its progress never goes back, whatever order the news comes in.
 */
import type { Moment, Run, RunState, SyncState } from "./contract";

const ACTIVE: readonly RunState[] = ["queued", "running", "waiting", "paused"];

export function isActive(run: Run): boolean {
  return ACTIVE.includes(run.state);
}

export function isPaused(run: Run): boolean {
  return run.state === "paused";
}

/** Runs a person asked for, or waits for: only these are shown on a page. */
export function isShownOnPages(run: Run): boolean {
  return run.trigger === "first" || run.trigger === "manual";
}

/** The newer of two reports of one run; what was read stays read unless the total was revised. */
export function advanced(known: Run | null, news: Run): Run {
  if (known === null || known.id !== news.id || known.total !== news.total) return news;
  return { ...news, read: Math.max(known.read, news.read) };
}

/** The state after a progress event. Late news of a run that has ended, or of an older one, changes nothing. */
export function withProgress(state: SyncState, news: Run): SyncState {
  const ended = state.last_run?.id ?? 0;
  const current = state.run?.id ?? 0;
  if (news.id < Math.max(ended + 1, current)) return state;
  const run = advanced(state.run, news);
  return isActive(run) ? { ...state, run } : { ...state, run: null, last_run: run };
}

/** How far apart the two clocks may be when "was it over before?" is asked. */
const CLOCK_SKEW_MS = 2 * 60_000;

/** What is waited for: this run, or (null) the next one on pages that was asked for since then. */
export interface Wait {
  runId: number | null;
  since: Moment;
}

function isMeant(run: Run, since: Moment): boolean {
  if (!isShownOnPages(run)) return false;
  return isActive(run) || new Date(run.requested_at).getTime() > new Date(since).getTime() - CLOCK_SKEW_MS;
}

/** The run that is waited for, also if it was over before anybody looked; null while there is none. */
export function runFor({ runId, since }: Wait, { run, last_run: last }: SyncState): Run | null {
  if (runId !== null) return [run, last].find((one) => one?.id === runId) ?? null;
  const newest = run ?? last;
  return newest !== null && isMeant(newest, since) ? newest : null;
}
