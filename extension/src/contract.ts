/**
 * What the server says and takes, as types. Field names are the server's own (snake_case), moments are
 * ISO-8601 strings in UTC. Nothing here runs.
 */

export type Moment = string;
export type IntervalMinutes = 5 | 20;

export interface Account {
  portal_id: number;
  portal_name: string;
  ui_domain: string;
  user_email: string | null;
}

export type ConnectionState = "connected" | "reconnect_needed" | "paused";

export interface Connection {
  state: ConnectionState;
  /** Since when it is in this state. */
  since: Moment;
  account: Account;
}

export type RunKind = "full" | "recent";
export type RunTrigger = "first" | "manual" | "automatic";
export type RunState = "queued" | "running" | "waiting" | "finished" | "incomplete" | "failed" | "cancelled";
export type RunProblem =
  | "throttled"
  | "hubspot_unreachable"
  | "hubspot_error"
  | "reconnect_needed"
  | "totals_differ"
  | "records_failed"
  | "removal_held"
  | "internal";

export interface Run {
  id: number;
  kind: RunKind;
  trigger: RunTrigger;
  state: RunState;
  requested_at: Moment;
  started_at: Moment | null;
  finished_at: Moment | null;
  duration_s: number | null;
  /** Recent runs only: what changed after this moment is read. */
  changed_since: Moment | null;
  read: number;
  total: number | null;
  seconds_left: number | null;
  added: number;
  updated: number;
  removed: number;
  unchanged: number;
  failed: number;
  requests: number;
  throttled: number;
  remote_total: number | null;
  local_total: number | null;
  /** Rows a brake kept although HubSpot no longer lists them; normally 0. */
  removal_held: number;
  /** When waiting: the moment it goes on. */
  retry_at: Moment | null;
  problem: RunProblem | null;
}

export interface SourceCounts {
  all: number;
  hubspot: number;
  personal: number;
}

export interface SyncState {
  connection: Connection;
  counts: SourceCounts & { without_phone: number };
  /** The run in progress: queued, running or waiting. */
  run: Run | null;
  /** The last run that ended. */
  last_run: Run | null;
  /** When the cache was last proven complete. */
  last_synced_at: Moment | null;
  next_sync_at: Moment | null;
  interval_minutes: IntervalMinutes;
  /** Number of the newest event. */
  event: number;
}

export interface Settings {
  interval_minutes: IntervalMinutes;
  default_country: string | null;
  effective_country: string;
}

export type SettingsChange = Partial<Pick<Settings, "interval_minutes" | "default_country">>;

export type ContactSource = "hubspot" | "personal";
export type SourceFilter = "all" | ContactSource;
export type PhoneKind = "phone" | "mobile" | "whatsapp";

export interface Phone {
  kind: PhoneKind;
  raw: string;
  e164: string | null;
  extension: string | null;
  display: string;
}

export interface ContactRow {
  id: number;
  source: ContactSource;
  name: string;
  company: string | null;
  job_title: string | null;
  letter: string;
  phone: Phone | null;
}

export interface Contact extends ContactRow {
  email: string | null;
  phones: Phone[];
  hubspot_url: string | null;
  modified_at: Moment | null;
}

export interface LetterOffset {
  letter: string;
  offset: number;
  count: number;
}

export interface ContactPage {
  contacts: ContactRow[];
  /** How many match the search text, by source. */
  counts: SourceCounts;
  /** How many match the search text and the source. */
  total: number;
  next: string | null;
  letters?: LetterOffset[];
  /** Set when the search text is a phone number. */
  searched_as: { e164: string; display: string } | null;
}

export interface ContactQuery {
  source: SourceFilter;
  q: string;
  offset: number;
  limit: number;
  letters: boolean;
}

export type CallerLabel = "exact" | "other_form" | "shared" | "none";
export type CallerReason = "not_found" | "unreadable" | "withheld";

export interface Caller {
  /** As it was asked. */
  number: string;
  e164: string | null;
  extension: string | null;
  display: string;
  country: string | null;
  label: CallerLabel;
  reason: CallerReason | null;
  candidates: (ContactRow & { matched: Phone })[];
}

export type CallDirection = "inbound" | "outbound";
export type CallState = "ringing" | "answered" | "ended" | "missed" | "answered_elsewhere";

export interface Call {
  id: number;
  call_id: string;
  direction: CallDirection;
  state: CallState;
  number: string;
  started_at: Moment;
  answered_at: Moment | null;
  ended_at: Moment | null;
  caller: Caller;
}

export interface CallPage {
  calls: Call[];
  next: string | null;
  total: number;
}

export type PushEvent = { number: number; at: Moment } & (
  | { kind: "progress"; data: { run: Run } }
  | { kind: "contacts"; data: Record<string, never> }
  | { kind: "call"; data: { call: Call; rings_until: Moment } }
);

export interface EventPage {
  events: PushEvent[];
  newest: number;
  /** The cursor was too old or of another cache: forget what is known and begin at `newest`. */
  start_again: boolean;
}

export interface Health {
  status: string;
  service: string;
  version: string;
}

export interface SessionGrant {
  token: string;
  expires_at: Moment;
  account: Account;
}

export interface Ticket {
  ticket: string;
  expires_at: Moment;
}

export interface ErrorBody {
  error: { kind: string; message: string; request_id: string; fields?: { where: string; what: string }[] };
}

/** Kinds the server puts on the address that ends the sign-in. */
export const AUTHORIZE_REFUSALS = [
  "consent_denied",
  "exchange_failed",
  "scope_missing",
  "hubspot_unreachable",
  "server_misconfigured",
] as const;
export type AuthorizeRefusal = (typeof AUTHORIZE_REFUSALS)[number];
