/**
 * What somebody who helps has to know, as plain text: versions, states, counts, moments and the ids under which the
 * server's log knows what went wrong. Every line is named here one by one, so that nothing personal can come along: no
 * name, number, address, account or token.
 */
import type { Moment, Run, Settings, SyncState } from "./contract";
import type { Fault, Placement, Session } from "./protocol";

export interface DiagnosticFacts {
  now: Date;
  /** The extension's. */
  version: string;
  /** What the browser calls itself. */
  browser: string;
  serverVersion: string | null;
  server: string;
  session: Session;
  sync: SyncState | null;
  settings: Settings | null;
  notifications: boolean;
  unreachableSince: Moment | null;
  missed: number;
  placement: Placement | null;
  faults: readonly Fault[];
}

type Line = readonly [name: string, value: string | number | boolean | null];

/** Only what a version can be made of: what another server calls its version is anyone's text. */
function versionIn(text: string | null): string {
  return text === null ? "unknown" : (/^[\w.+-]{1,40}$/u.exec(text)?.[0] ?? "unreadable");
}

/** Chrome's own version and the platform are enough. */
function browserIn(text: string): string {
  const engine = /Chrom(?:e|ium)\/[\d.]+/u.exec(text)?.[0] ?? "unknown";
  return `${engine} ${/Windows|Mac OS|CrOS|Linux/u.exec(text)?.[0] ?? ""}`.trim();
}

/** An address names a company. */
function placeOf(server: string): string {
  if (!URL.canParse(server)) return "none";
  const { protocol, hostname } = new URL(server);
  const here = /^(localhost|127\..+|\[::1\])$/u.test(hostname);
  return `${protocol.replace(":", "")}, ${here ? "this machine" : "elsewhere"}`;
}

function general(facts: DiagnosticFacts): Line[] {
  const { session, placement } = facts;
  return [
    ["at", facts.now.toISOString()],
    ["extension", facts.version],
    ["browser", browserIn(facts.browser)],
    ["server", placeOf(facts.server)],
    ["server version", versionIn(facts.serverVersion)],
    ["server unreachable since", facts.unreachableSince],
    ["session", session.state],
    ["session expires", session.state === "signedIn" ? session.expiresAt : null],
    ["sign-in problem", session.state === "authorizing" ? null : session.problem],
    ["notifications", facts.notifications],
    ["missed calls", facts.missed],
    ["shown on a page", placement === null ? null : placement.stage],
    ["default country set", (facts.settings?.default_country ?? null) !== null],
  ];
}

function state({ connection, counts, ...sync }: SyncState): Line[] {
  return [
    ["connection", connection.state],
    ["connection since", connection.since],
    [
      "contacts",
      `${counts.all} (HubSpot ${counts.hubspot}, personal ${counts.personal}, no phone ${counts.without_phone})`,
    ],
    ["last synced", sync.last_synced_at],
    ["next sync", sync.next_sync_at],
    ["interval", `${sync.interval_minutes} min`],
    ["newest event", sync.event],
    ...runLines("run", sync.run),
    ...runLines("last run", sync.last_run),
  ];
}

const RUN_FACTS = [
  "kind",
  "trigger",
  "state",
  "problem",
  "requested_at",
  "started_at",
  "finished_at",
  "retry_at",
  "changed_since",
  "duration_s",
  "read",
  "total",
  "added",
  "updated",
  "removed",
  "unchanged",
  "failed",
  "requests",
  "throttled",
  "remote_total",
  "local_total",
  "removal_held",
] as const satisfies readonly (keyof Run)[];

function runLines(name: string, run: Run | null): Line[] {
  return run === null ? [[name, null]] : [[name, run.id], ...RUN_FACTS.map((fact): Line => [`  ${fact}`, run[fact]])];
}

function faultLine({ at, method, route, status, kind, requestId }: Fault): Line {
  return ["fault", [at, method, route, status, kind, `request ${requestId ?? "unknown"}`].join(" ")];
}

export function diagnosticsOf(facts: DiagnosticFacts): string {
  const sync = facts.sync === null ? [["sync", null] as const] : state(facts.sync);
  const lines: Line[] = [...general(facts), ...sync, ...facts.faults.map(faultLine)];
  return ["Callbook diagnostics", ...lines.map(([name, value]) => `${name}: ${value ?? "-"}`)].join("\n");
}
