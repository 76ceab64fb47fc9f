/**
 * Which footer and which strip the state calls for: decided here, drawn elsewhere. At most one strip, the worst
 * problem first; "Synced" is said of nothing but the moment the server proved the cache complete.
 */
import type { Moment, Run, RunProblem, RunState, SyncState } from "../contract";
import { grouped, t, tn } from "../i18n";
import { isPaused } from "../run-facts";
import { clock, clockOrDay, nextIn, readOfTotalShort, syncedAgo } from "./wording";

export interface StatusFacts {
  sync: SyncState | null;
  unreachableSince: Moment | null;
  /** This computer has no network. */
  offline: boolean;
  /** The run whose held removal was answered with Keep. */
  keptRunId: number | null;
}

export interface Footer {
  dot: "ok" | "warn" | "bad" | "none" | "spin";
  words: string[];
}

type StripAction = "try-now" | "reconnect" | "keep-removed" | "sync-now" | "show-problems" | "resume";

export interface Strip {
  kind: "offline" | "unreachable" | "reconnect" | "paused" | "held" | "waiting" | "incomplete" | "failed" | "cancelled";
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

function pausedFooter({ last_synced_at: syncedAt }: SyncState, now: Date): Footer {
  return { dot: "warn", words: [t("syncPaused"), syncedAt === null ? t("notSyncedYet") : syncedAgo(syncedAt, now)] };
}

function restingFooter(sync: SyncState, now: Date): Footer {
  const { last_synced_at: syncedAt } = sync;
  const known = syncedAt === null ? t("notSyncedYet") : syncedAgo(syncedAt, now);
  if (sync.connection.state === "reconnect_needed") {
    return { dot: "bad", words: [syncedAt === null ? known : t("lastSynced", { moment: clockOrDay(syncedAt, now) })] };
  }
  return { dot: isSound(sync) ? "ok" : "warn", words: [known, ...nextWords(sync, now)] };
}

export function footerFor({ sync, unreachableSince }: StatusFacts, now: Date): Footer {
  if (unreachableSince !== null) return { dot: "bad", words: [t("needsServer")] };
  if (sync === null) return { dot: "none", words: [t("asking")] };
  if (sync.run === null) return restingFooter(sync, now);
  return isPaused(sync.run) ? pausedFooter(sync, now) : runningFooter(sync.run);
}

/** The server cannot be reached because nobody can. */
function offlineStrip(): Strip {
  return {
    kind: "offline",
    tone: "warn",
    icon: "link-off",
    title: t("offlineTitle"),
    detail: t("offlineDetail"),
    action: "try-now",
    run: null,
  };
}

function unreachableStrip(since: Moment, offline: boolean, now: Date): Strip {
  if (offline) return offlineStrip();
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

function reconnectStrip({ connection, counts }: SyncState, now: Date): Strip {
  const moment = clockOrDay(connection.since, now);
  return {
    kind: "reconnect",
    tone: "bad",
    icon: "link-off",
    title: t("reconnectTitle"),
    detail: counts.hubspot === 0 ? t("accessRemovedNoCopy", { moment }) : t("accessRemovedAt", { moment }),
    action: "reconnect",
    run: null,
  };
}

function pausedStrip(run: Run, now: Date): Strip {
  const since = run.paused_at === null ? [] : [t("pausedSince", { moment: clockOrDay(run.paused_at, now) })];
  return {
    kind: "paused",
    tone: "warn",
    icon: "clock",
    title: t("pausedTitle"),
    detail: [t("readSoFar", { read: readOfTotalShort(run) }), ...since].join(" · "),
    action: "resume",
    run,
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

/** Before anything was proven complete: what is there is only the beginning. */
function cancelledStrip(): Strip {
  return {
    kind: "cancelled",
    tone: "warn",
    icon: "alert",
    title: t("endWasCancelled"),
    detail: t("endNothingLost"),
    action: "sync-now",
    run: null,
  };
}

/** Neither a pause nor another try helps: this is told whatever state the run is in. */
function isForPeople({ problem }: Run): boolean {
  return problem === "scope_missing" || problem === "server_misconfigured";
}

/** How a run may end so that there is something to say. */
const ENDS: Partial<Record<RunState, (last: Run, sync: SyncState) => Strip | null>> = {
  incomplete: (last, sync) => (isForPeople(last) ? failedStrip(last) : incompleteStrip(last, sync)),
  failed: failedStrip,
  cancelled: (_, sync) => (sync.last_synced_at === null ? cancelledStrip() : null),
};

function lastRunStrip(sync: SyncState, keptRunId: number | null): Strip | null {
  const last = sync.last_run;
  if (last === null || sync.run !== null) return null;
  if (last.removal_held > 0) return last.id === keptRunId ? null : heldStrip(last, sync);
  return ENDS[last.state]?.(last, sync) ?? null;
}

export function stripFor({ sync, unreachableSince, offline, keptRunId }: StatusFacts, now: Date): Strip | null {
  if (unreachableSince !== null) return unreachableStrip(unreachableSince, offline, now);
  if (sync === null) return null;
  if (sync.connection.state === "reconnect_needed") return reconnectStrip(sync, now);
  if (sync.run !== null && isPaused(sync.run)) return pausedStrip(sync.run, now);
  // Also while it tries again: nothing is well before a step has come out right. A rest without a problem is none.
  if (sync.run !== null && sync.run.problem !== null) return waitingStrip(sync.run);
  return lastRunStrip(sync, keptRunId);
}
