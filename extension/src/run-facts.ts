/**
 * What can be said of a run without asking anyone. Its progress never goes back, whatever order the news comes in.
 */
import type { Run, RunState, SyncState } from "./contract";

const ACTIVE: readonly RunState[] = ["queued", "running", "waiting"];

export function isActive(run: Run): boolean {
  return ACTIVE.includes(run.state);
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
