/**
 * The one door to `browser.storage`: every key with its type, its default and its area. `local` outlives the
 * browser; `session` lives in memory and outlives the worker. Pages never see either.
 */
import { browser } from "wxt/browser";

import type { CallNews, CallPage, ContactPage, Moment, Settings, SyncState } from "./contract";
import type { WidgetContact } from "./phone-messages";
import type { Fault, LiveCall, PhoneSettings, Placement, Session, SignInPlace, Wish } from "./protocol";
import type { Wait } from "./run-facts";

declare const __DEFAULT_SERVER__: string;
declare const __DEMO_SERVER__: string | null;

/** The build's server before a made-up account; null where it names none. */
export const DEMO_SERVER = __DEMO_SERVER__;

/** https://github.com/ringcentral/ringcentral-embeddable: the address of the newest release. */
const RINGCENTRAL_WIDGET = "https://apps.ringcentral.com/integration/ringcentral-embeddable/latest/app.html";

/** What is remembered of a call, so that it is announced once and never after its end. */
export interface CallMemory {
  callId: string;
  /** "unknown": its time to live is over, and nobody has told what became of it. */
  state: "ringing" | "unknown" | "over";
  ringsUntil: Moment;
  /** Whether a notification was made for it. */
  announced: boolean;
  /** The rep does not want to hear of it any more. */
  dismissed: boolean;
  /** Whether it was told as missed. */
  missed: boolean;
  /** The one HubSpot contact it is from, if there is exactly one. */
  contactId: number | null;
}

/** Who a number was, by the very text it was asked with: for when the server cannot be asked. */
export interface RecentCaller {
  number: string;
  contacts: readonly WidgetContact[];
  at: Moment;
}

/** An event of a call that the server has not taken yet. */
export interface CallReport {
  id: string;
  news: CallNews;
  at: Moment;
}

/** A number that is to be dialled by the phone window. */
export interface DialRequest {
  number: string;
  at: Moment;
}

/** The sign-in that was begun last; an older one no longer counts. */
export interface SignIn {
  /** What nobody but this browser has; the server knows its hash. */
  verifier: string;
  place: SignInPlace;
  /** The tab that was opened for it. */
  tabId: number | null;
  until: Moment;
}

/** Where the caller card is. */
export interface CardPlace {
  tabId: number | null;
  /** Calls that have had their chance of a card: a second one would be one too many. */
  offered: string[];
}

type Area = "local" | "session";
/** What was read of an area, by key. */
type Content = Record<string, unknown>;

interface Item<T> {
  readonly key: string;
  readonly area: Area;
  /** Its value in what was read of its area. */
  in(content: Content): T;
  get(): Promise<T>;
  set(value: T): Promise<void>;
  /** Calls back on every change, from whatever context; returns how to stop. */
  watch(heard: (value: T) => void): () => void;
}

function item<T>(area: Area, key: string, fallback: T): Item<T> {
  // Storage is untyped; only this module writes these keys, each with the type it reads.
  const read = (value: unknown): T => (value === undefined ? fallback : (value as T));
  return {
    key,
    area,
    in: (content) => read(content[key]),
    get: async () => read((await browser.storage[area].get(key))[key]),
    set: (value) => browser.storage[area].set({ [key]: value }),
    watch: (heard) => {
      const listener = (changes: Record<string, { newValue?: unknown }>, name: string): void => {
        const change = changes[key];
        if (name === area && change !== undefined) heard(read(change.newValue));
      };
      browser.storage.onChanged.addListener(listener);
      return () => browser.storage.onChanged.removeListener(listener);
    },
  };
}

export const stored = {
  server: item<string>("local", "server", __DEFAULT_SERVER__),
  /** The one that the demo's has taken the place of. */
  serverBefore: item<string | null>("local", "serverBefore", null),
  session: item<Session>("local", "session", { state: "signedOut", problem: null }),
  /** Number of the last event that was dealt with; null before the first. */
  cursor: item<number | null>("local", "cursor", null),
  notifications: item<boolean>("local", "notifications", true),
  /** Until then no call is told by notification or card. */
  pausedUntil: item<Moment | null>("local", "pausedUntil", null),
  /** Whether the rep has allowed pages to be written on: the browser's word, whoever is signed in. */
  pagesAllowed: item<boolean>("local", "pagesAllowed", false),
  /** Hosts on whose pages the rep does not want the caller card. */
  mutedSites: item<string[]>("local", "mutedSites", []),
  /** Ids of the calls missed since the Calls tab was last opened. */
  missed: item<string[]>("local", "missed", []),
  /** By this computer's clock: it matters only where events were lost. */
  callsSeenAt: item<Moment | null>("local", "callsSeenAt", null),
  /** Outlives the browser, so that one that was closed while a call rang does not announce it again. */
  calls: item<CallMemory[]>("local", "calls", []),
  /** The run whose end is to be told by a notification. */
  awaited: item<Wait | null>("local", "awaited", null),
  /** The first-run page was opened. */
  welcomed: item<boolean>("local", "welcomed", false),
  /** The run whose held removal was answered with Keep. */
  keptRunId: item<number | null>("local", "keptRunId", null),
  phone: item<PhoneSettings>("local", "phone", { address: RINGCENTRAL_WIDGET, clientId: "" }),
  recentCallers: item<RecentCaller[]>("local", "recentCallers", []),
  callReports: item<CallReport[]>("local", "callReports", []),

  dialRequest: item<DialRequest | null>("session", "dialRequest", null),
  signIn: item<SignIn | null>("session", "signIn", null),
  sync: item<SyncState | null>("session", "sync", null),
  settings: item<Settings | null>("session", "settings", null),
  /** The first page of all contacts, so that the popup has something to paint at once. */
  firstPage: item<ContactPage | null>("session", "firstPage", null),
  recentCalls: item<CallPage | null>("session", "recentCalls", null),
  placement: item<Placement | null>("session", "placement", null),
  liveCalls: item<LiveCall[]>("session", "liveCalls", []),
  cardPlace: item<CardPlace>("session", "cardPlace", { tabId: null, offered: [] }),
  wish: item<Wish | null>("session", "wish", null),
  /** The version that waits to be installed. */
  updateReady: item<string | null>("session", "updateReady", null),
  unreachableSince: item<Moment | null>("session", "unreachableSince", null),
  /** The last requests that went wrong, newest first, and the version of the server: for the diagnostics. */
  faults: item<Fault[]>("session", "faults", []),
  serverVersion: item<string | null>("session", "serverVersion", null),
  /** Rising numbers that say "the list changed", "the calls changed". */
  contactsNews: item<number>("session", "contactsNews", 0),
  callsNews: item<number>("session", "callsNews", 0),
};

type Stored = typeof stored;
type ValueOf<I> = I extends Item<infer T> ? T : never;

/** Several at once, with one question to each area: as many questions as values would each wait for the browser. */
export async function readTogether<N extends keyof Stored>(
  names: readonly N[],
): Promise<{ [Name in N]: ValueOf<Stored[Name]> }> {
  const [local, session] = await Promise.all([contentOf("local", names), contentOf("session", names)]);
  const values = names.map((name) => [name, stored[name].in(stored[name].area === "local" ? local : session)]);
  // An object made of pairs has lost which value is whose; each was read by the item of its name.
  return Object.fromEntries(values) as { [Name in N]: ValueOf<Stored[Name]> };
}

async function contentOf(area: Area, names: readonly (keyof Stored)[]): Promise<Content> {
  const keys = names.map((name) => stored[name]).filter((each) => each.area === area);
  return keys.length === 0 ? {} : browser.storage[area].get(keys.map(({ key }) => key));
}

/** The browser default lets content scripts read `local`, where the session token is. */
export async function closeToPages(): Promise<void> {
  await browser.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
}

/** Forgets everything that belongs to the signed-in user; server address and preferences stay. */
export async function forgetUser(): Promise<void> {
  await browser.storage.session.clear();
  await browser.storage.local.remove([
    stored.cursor.key,
    stored.missed.key,
    stored.callsSeenAt.key,
    stored.calls.key,
    stored.keptRunId.key,
    stored.recentCallers.key,
    stored.callReports.key,
    stored.awaited.key,
  ]);
}
