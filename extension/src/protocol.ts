/**
 * The messages between popup, worker and what is drawn on pages, and the state they share through storage.
 * The worker answers every message; overlay and caller card may send only their own.
 */
import type { Account, Call, Moment, Run, RunKind, RunMove } from "./contract";
import type { ActionProblem, SignInProblem } from "./errors";

/** Where HubSpot's consent is asked for. */
export type SignInPlace = "window" | "tab";

export type Session =
  | { state: "signedOut"; problem: SignInProblem | null }
  | { state: "authorizing"; startedAt: Moment; place: SignInPlace }
  | {
      state: "signedIn";
      token: string;
      expiresAt: Moment;
      account: Account;
      /** Why the last try to reconnect failed. */
      problem: SignInProblem | null;
    };

/** Null where nobody is signed in. */
export function tokenOf(session: Session): string | null {
  return session.state === "signedIn" ? session.token : null;
}

/** The RingCentral widget: where it is loaded from, and the app it signs in as. */
export interface PhoneSettings {
  address: string;
  clientId: string;
}

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

/** A call that rings, goes on, or was just answered elsewhere. */
export interface LiveCall {
  call: Call;
  ringsUntil: Moment;
  /** When its present state was first heard of here. */
  heardAt: Moment;
}

/** What the caller card on a page draws: the first calls, and how many more there are. */
export interface CardView {
  calls: readonly LiveCall[];
  more: number;
  /** How many contacts a caller nobody knows was looked for among. */
  searched: number;
}

/** What a card is answered: `view` is null where no call is shown, `problem` why what was asked for did not come about. */
export interface CardAnswer {
  view: CardView | null;
  problem: ActionProblem | null;
}

/** What a person asked for on a surface that cannot do it itself: the popup does it when it opens next. */
export interface Wish {
  kind: "add" | "search";
  number: string;
  at: Moment;
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
  | { type: "authorize-demo"; tabId: number | null }
  | { type: "authorize-in-tab" }
  /** What the tab was led back with. */
  | { type: "finish-in-tab"; answer: string }
  /** `everything` also deletes what is the person's own. */
  | { type: "unauthorize"; everything: boolean }
  | { type: "sync"; kind: RunKind; acceptRemovals: boolean; tabId: number | null }
  | { type: "steer"; move: RunMove }
  | { type: "show-on-page"; tabId: number }
  | { type: "refresh" }
  /** Is anybody there? */
  | { type: "hello" }
  | { type: "calls-seen" }
  | { type: "dismiss-call"; callId: string }
  /** The person picked on a number that several share; null takes the pick back. */
  | { type: "choose-caller"; number: string; contactId: number | null }
  | { type: "open-contact"; contactId: number }
  | { type: "change-server"; address: string }
  | { type: "open-phone" }
  /** Opens the phone window, if it is not open, and has it call the number. */
  | { type: "dial"; number: string };

export type PopupMessageOf<T extends PopupMessage["type"]> = Extract<PopupMessage, { type: T }>;

/** Thrown out: the page has removed it again and again. */
export type OverlayMessage = { type: "overlay-ask" | "overlay-got-it" | "overlay-thrown-out" };

/** From overlay or card, where the browser gave it no words to draw with. */
export type WordsMessage = { type: "words-ask" };

/** From the caller card: each is about a call it shows. */
export type CardMessage =
  | { type: "card-ask" }
  | { type: "card-mute" }
  | { type: "card-dismiss"; callId: string }
  | { type: "card-open"; callId: string; contactId: number }
  | { type: "card-choose"; callId: string; contactId: number | null }
  | { type: "card-add" | "card-search"; callId: string };

export type Answer = { ok: true } | { ok: false; problem: ActionProblem };

/** Worker to overlay: draw this; null means the run is no longer shown here. */
export interface OverlayUpdate {
  type: "overlay-view";
  view: OverlayView | null;
}

/** Worker to caller card: draw this; null means that no call is shown here any more. */
export interface CardUpdate {
  type: "card-view";
  view: CardView | null;
}

/** All pages: over which one a call will ring is not known before. */
export const PAGE_ORIGINS = ["http://*/*", "https://*/*"];

export const OVERLAY_SCRIPT = "/overlay.js";
export const CARD_SCRIPT = "/card.js";

const OVERLAY_TYPES = {
  "overlay-ask": true,
  "overlay-got-it": true,
  "overlay-thrown-out": true,
} satisfies Record<OverlayMessage["type"], true>;

/** Of which kind each field must be. */
const CARD_FIELDS = {
  "card-ask": {},
  "card-mute": {},
  "card-dismiss": { callId: ["string"] },
  "card-open": { callId: ["string"], contactId: ["number"] },
  "card-choose": { callId: ["string"], contactId: ["number", "object"] },
  "card-add": { callId: ["string"] },
  "card-search": { callId: ["string"] },
} satisfies Record<CardMessage["type"], Record<string, readonly string[]>>;

const FIELDS_OF = new Map<string, Record<string, readonly string[]>>(Object.entries(CARD_FIELDS));

export function typeOf(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("type" in message)) return null;
  return typeof message.type === "string" ? message.type : null;
}

export function isWordsMessage(message: unknown): message is WordsMessage {
  return typeOf(message) === ("words-ask" satisfies WordsMessage["type"]);
}

export function isOverlayMessage(message: unknown): message is OverlayMessage {
  return Object.hasOwn(OVERLAY_TYPES, typeOf(message) ?? "");
}

/** A message of the card's, with every field of the kind it must be. */
export function isCardMessage(message: unknown): message is CardMessage {
  const fields = FIELDS_OF.get(typeOf(message) ?? "");
  if (fields === undefined) return false;
  const given = new Map<string, unknown>(Object.entries(message ?? {}));
  return Object.entries(fields).every(([name, kinds]) => kinds.includes(typeof given.get(name)));
}

export function isCardUpdate(message: unknown): message is CardUpdate {
  return typeOf(message) === "card-view";
}

export function isOverlayUpdate(message: unknown): message is OverlayUpdate {
  return typeOf(message) === "overlay-view";
}
