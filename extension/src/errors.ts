/**
 * What can go wrong, by what follows from it. Callers branch on the class; `ui/` makes the sentence from `kind`.
 */
import type { AuthorizeRefusal, FieldRefusal, Moment } from "./contract";

/** The server gave no answer in time, or none at all: nothing is lost, ask again later. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The server answered that it is broken: ask again later. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";
  constructor(
    readonly status: number,
    readonly requestId: string | null,
  ) {
    super(`The server failed with status ${status}`);
  }
}

/** There is no session, or it ended: the person has to authorize again. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";
}

/** The server understood and said no: asking again the same way is no use. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly kind: string,
    readonly status: number,
    readonly requestId: string | null,
    /** What it did not take, field by field. */
    readonly fields: readonly FieldRefusal[] = [],
    /** When it may be asked again, if it is only too early. */
    readonly retryAt: Moment | null = null,
  ) {
    super(`The server refused: ${kind}`);
  }
}

/** Why there is no session: what the person reads beside Authorize. */
export type SignInProblem =
  | AuthorizeRefusal
  | "window_closed"
  | "window_still_open"
  | "tab_closed"
  | "not_started_here"
  | "page_failed"
  | "foreign_answer"
  | "code_refused"
  | "server_unreachable"
  | "demo_unreachable"
  | "server_fault"
  | "interrupted"
  | "session_expired";

/** The sign-in ended without a session. */
export class SignInFailed extends Error {
  override readonly name = "SignInFailed";
  constructor(readonly problem: SignInProblem) {
    super(`Sign-in failed: ${problem}`);
  }
}

/** HubSpot failed, and the server told it: the server itself is well. */
const HUBSPOT_FAILURES = ["hubspot_unreachable", "hubspot_error", "scope_missing", "server_misconfigured"] as const;

export function isHubSpotFailure(kind: string): boolean {
  return HUBSPOT_FAILURES.some((known) => known === kind);
}

/** The refusals that have words of their own; every other is told as "refused". */
const TOLD_APART = [
  ...HUBSPOT_FAILURES,
  "not_connected",
  "reconnect_needed",
  "busy",
  "not_found",
  "read_only",
  "invalid",
  "no_run",
  "not_routed",
  "line_taken",
  "not_started_here",
] as const;

/** One word for an action that did not work, as `ui/` needs it. */
export type ActionProblem = "unreachable" | "server_fault" | "signed_out" | "refused" | (typeof TOLD_APART)[number];

export function actionProblem(error: unknown): ActionProblem {
  if (error instanceof Unreachable) return "unreachable";
  if (error instanceof ServerFault) return "server_fault";
  if (error instanceof SignedOut) return "signed_out";
  if (error instanceof Refused) return TOLD_APART.find((kind) => kind === error.kind) ?? "refused";
  throw error;
}
