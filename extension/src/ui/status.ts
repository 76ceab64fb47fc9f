/**
 * Which footer and which strip the state calls for: decided here, drawn elsewhere. At most one strip, the worst
 * problem first; "Synced" is said of nothing but the moment the server proved the cache complete.
 */
import type { Moment, Run, RunProblem, SyncState } from "../contract";
import { grouped, t, tn } from "../i18n";
import { clock, clockOrDay, nextIn, readOfTotalShort, syncedAgo } from "./wording";

export interface StatusFacts {
  sync: SyncState | null;
  unreachableSince: Moment | null;
  /** The run whose held removal was answered with Keep. */
  keptRunId: number | null;
}

export interface Footer {
  dot: "ok" | "warn" | "bad" | "none" | "spin";
  words: string[];
}

export type StripAction = "try-now" | "reconnect" | "keep-removed" | "sync-now" | "show-problems";

export interface Strip {
  kind: "unreachable" | "reconnect" | "held" | "waiting" | "incomplete" | "failed";
  tone: "warn" | "bad";
  icon: "server" | "link-off" | "alert" | "clock";
  title: string;
  detail: string | null;
  action: StripAction | null;
  /** The run whose progress the strip shows. */
  run: Run | null;
}

const REASON: Record<RunProblem, () => string> = {
  throttled: () => t("reasonThrottled"),
  hubspot_unreachable: () => t("reasonHubSpotUnreachable"),
  hubspot_error: () => t("reasonHubSpotError"),
  reconnect_needed: () => t("reasonReconnect"),
  scope_missing: () => t("failingRefusedMend"),
  server_misconfigured: () => t("misconfiguredDetail"),
  totals_differ: () => t("reasonTotalsDiffer"),
  records_failed: () => t("reasonRecordsFailed"),
  removal_held: () => t("reasonRemovalHeld"),
  internal: () => t("reasonInternal"),
};

export function isFirstSync(sync: SyncState | null): boolean {
  return sync?.run?.trigger === "first";
}

function nextWords(sync: SyncState, now: Date): string[] {
  return sync.next_sync_at === null ? [] : [nextIn(sync.next_sync_at, now)];
}

function runningFooter(run: Run): Footer {
  if (run.problem !== null) return { dot: "warn", words: [t("continuesByItself")] };
  if (run.trigger === "first") return { dot: "none", words: [t("canClose")] };
  return { dot: "spin", words: [t("syncingNow"), readOfTotalShort(run)] };
}

function isSound({ last_synced_at: syncedAt, last_run: last }: SyncState): boolean {
  return syncedAt !== null && (last === null || (last.state !== "failed" && last.state !== "incomplete"));
}

function restingFooter(sync: SyncState, now: Date): Footer {
  const { last_synced_at: syncedAt } = sync;
  const known = syncedAt === null ? t("notSyncedYet") : syncedAgo(syncedAt, now);
  if (sync.connection.state === "reconnect_needed") {
    return { dot: "bad", words: [syncedAt === null ? known : t("lastSynced", { moment: clockOrDay(syncedAt, now) })] };
  }
  if (sync.connection.state === "paused") return { dot: "none", words: [t("syncPaused"), known] };
  return { dot: isSound(sync) ? "ok" : "warn", words: [known, ...nextWords(sync, now)] };
}

export function footerFor({ sync, unreachableSince }: StatusFacts, now: Date): Footer {
  if (unreachableSince !== null) return { dot: "bad", words: [t("needsServer")] };
  if (sync === null) return { dot: "none", words: [t("asking")] };
  return sync.run === null ? restingFooter(sync, now) : runningFooter(sync.run);
}

function unreachableStrip(since: Moment, now: Date): Strip {
  return {
    kind: "unreachable",
    tone: "bad",
    icon: "server",
    title: t("serverUnreachable"),
    detail: t("noAnswerSince", { moment: clockOrDay(since, now) }),
    action: "try-now",
    run: null,
  };
}

function reconnectStrip(since: Moment, now: Date): Strip {
  return {
    kind: "reconnect",
    tone: "bad",
    icon: "link-off",
    title: t("reconnectTitle"),
    detail: t("accessRemovedAt", { moment: clockOrDay(since, now) }),
    action: "reconnect",
    run: null,
  };
}

function waitingStrip(run: Run): Strip {
  const until = run.retry_at === null ? t("continuingSoon") : t("continuingAt", { moment: clock(run.retry_at) });
  return {
    kind: "waiting",
    tone: "warn",
    icon: "clock",
    title: run.problem === "throttled" ? t("slowDown") : t("hubSpotNoAnswer"),
    detail: `${t("readSoFar", { read: readOfTotalShort(run) })} · ${until}`,
    action: null,
    run,
  };
}

function heldStrip(run: Run, sync: SyncState): Strip {
  const total = grouped(run.local_total ?? sync.counts.hubspot);
  return {
    kind: "held",
    tone: "warn",
    icon: "alert",
    title: t("goneInHubSpot", { gone: grouped(run.removal_held), total }),
    detail: null,
    action: "keep-removed",
    run: null,
  };
}

/** "98,400 of 98,412 contacts", when both are known. */
function incompleteTitle(run: Run, sync: SyncState): string {
  const held = run.local_total ?? sync.counts.hubspot;
  if (run.remote_total === null) return t("syncIncomplete");
  return t("readOfTotalContacts", { read: grouped(held), total: grouped(run.remote_total) });
}

function incompleteStrip(run: Run, sync: SyncState): Strip {
  const unread = run.failed > 0 ? tn("couldNotBeRead", run.failed) : null;
  return {
    kind: "incomplete",
    tone: "warn",
    icon: "alert",
    title: incompleteTitle(run, sync),
    detail: unread ?? (run.problem === null ? null : REASON[run.problem]()),
    action: unread === null ? null : "show-problems",
    run: null,
  };
}

/** What a person can do about a run that failed; what only the server's admin can mend has no button. */
function remedyFor(problem: RunProblem): StripAction | null {
  if (problem === "scope_missing") return "reconnect";
  return problem === "server_misconfigured" ? null : "sync-now";
}

function failedStrip(run: Run): Strip {
  const problem = run.problem ?? "internal";
  return {
    kind: "failed",
    tone: "warn",
    icon: "alert",
    title: problem === "scope_missing" ? t("failingRefused") : t("lastSyncFailed"),
    detail: REASON[problem](),
    action: remedyFor(problem),
    run: null,
  };
}

/** Neither a pause nor another try helps: this is told whatever state the run is in. */
function isForPeople({ problem }: Run): boolean {
  return problem === "scope_missing" || problem === "server_misconfigured";
}

function lastRunStrip(sync: SyncState, keptRunId: number | null): Strip | null {
  const last = sync.last_run;
  if (last === null || sync.run !== null) return null;
  if (last.removal_held > 0) return last.id === keptRunId ? null : heldStrip(last, sync);
  if (last.state === "incomplete") return isForPeople(last) ? failedStrip(last) : incompleteStrip(last, sync);
  return last.state === "failed" ? failedStrip(last) : null;
}

export function stripFor({ sync, unreachableSince, keptRunId }: StatusFacts, now: Date): Strip | null {
  if (unreachableSince !== null) return unreachableStrip(unreachableSince, now);
  if (sync === null) return null;
  if (sync.connection.state === "reconnect_needed") return reconnectStrip(sync.connection.since, now);
  // Also while it tries again: nothing is well before a step has come out right. A rest without a problem is none.
  if (sync.run !== null && sync.run.problem !== null) return waitingStrip(sync.run);
  return lastRunStrip(sync, keptRunId);
}
