/**
 * The messages between popup, worker and page overlay, and the state they share through storage.
 * The worker answers every message; the overlay may send only its own two.
 */
import type { Account, Moment, Run, RunKind } from "./contract";
import type { ActionProblem, SignInProblem } from "./errors";

export type Session =
  | { state: "signedOut"; problem: SignInProblem | null }
  | { state: "authorizing"; startedAt: Moment }
  | {
      state: "signedIn";
      token: string;
      expiresAt: Moment;
      account: Account;
      /** Why the last try to reconnect failed. */
      problem: SignInProblem | null;
    };

/** Where the progress of a run is shown on a page. */
export interface Placement {
  /** The tab it is on; null once the page can no longer be written on. */
  tabId: number | null;
  /** The run it shows; null until the awaited run exists. */
  runId: number | null;
  stage: "modal" | "banner";
  /** When it was asked for: a run that was over before is not the one it waits for. */
  since: Moment;
  /** The tab that could not be written on, so that the popup can say it. */
  refusedTabId: number | null;
}

/** What the overlay draws. */
export interface OverlayView {
  stage: "modal" | "banner";
  portalName: string;
  run: Run;
}

/** A request that the server refused or failed at, as its log knows it: nothing of what was asked or sent. */
export interface Fault {
  at: Moment;
  method: string;
  /** The path with `:id` for every id. */
  route: string;
  status: number;
  kind: string;
  requestId: string | null;
}

export type PopupMessage =
  | { type: "authorize"; tabId: number | null }
  /** `everything` also deletes what is the person's own. */
  | { type: "unauthorize"; everything: boolean }
  | { type: "sync"; kind: RunKind; acceptRemovals: boolean; tabId: number | null }
  | { type: "show-on-page"; tabId: number }
  | { type: "refresh" }
  | { type: "calls-seen" }
  | { type: "change-server"; address: string };

export type OverlayMessage = { type: "overlay-ask" } | { type: "overlay-got-it" };

export type Answer = { ok: true } | { ok: false; problem: ActionProblem };

/** Worker to overlay: draw this; null means the run is no longer shown here. */
export interface OverlayUpdate {
  type: "overlay-view";
  view: OverlayView | null;
}

export const OVERLAY_SCRIPT = "/overlay.js";

const POPUP_TYPES: readonly string[] = [
  "authorize",
  "unauthorize",
  "sync",
  "show-on-page",
  "refresh",
  "calls-seen",
  "change-server",
] satisfies PopupMessage["type"][];

const OVERLAY_TYPES: readonly string[] = ["overlay-ask", "overlay-got-it"] satisfies OverlayMessage["type"][];

function typeOf(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("type" in message)) return null;
  return typeof message.type === "string" ? message.type : null;
}

/** A page's renderer may be hostile: from a tab only the overlay's own messages are heard. */
export function isPopupMessage(message: unknown): message is PopupMessage {
  return POPUP_TYPES.includes(typeOf(message) ?? "");
}

export function isOverlayMessage(message: unknown): message is OverlayMessage {
  return OVERLAY_TYPES.includes(typeOf(message) ?? "");
}

export function isOverlayUpdate(message: unknown): message is OverlayUpdate {
  return typeOf(message) === "overlay-view";
}
