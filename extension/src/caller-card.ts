/**
 * The caller card on the page the rep looks at (the active tab of the focused window), where the rep has allowed pages
 * to be written on. It is injected when a call rings and nothing of it stays; each call gets one chance of a card, so
 * that a worker that dies and comes back never shows a second one.
 */
import { browser, type Browser } from "wxt/browser";

import { isQuiet, phaseOf, phaseOnPage } from "./call-facts";
import { chooseCaller, dismissCall, openContact } from "./calls";
import { actionProblem, type ActionProblem } from "./errors";
import {
  CARD_SCRIPT,
  PAGE_ORIGINS,
  type CardAnswer,
  type CardMessage,
  type CardUpdate,
  type CardView,
  type LiveCall,
  type Wish,
} from "./protocol";
import { stored, type CardPlace } from "./storage";
import { turns } from "./turns";
import { showPopup } from "./windows";

const inTurn = turns();
const MOST_CARDS = 2;
const MOST_CANDIDATES = 5;
const REMEMBERED_CALLS = 50;

/** What a page is told: the calls that are drawn, and of a caller no more than is drawn of them. */
export function cardView(live: readonly LiveCall[], searched: number, now: Date): CardView | null {
  const calls = live.filter((one) => phaseOnPage(one, now) !== null);
  if (calls.length === 0) return null;
  return { calls: calls.slice(0, MOST_CARDS).map(trimmed), more: Math.max(0, calls.length - MOST_CARDS), searched };
}

function trimmed(live: LiveCall): LiveCall {
  const { caller } = live.call;
  const chosen = caller.candidates.filter(({ id }) => id === caller.chosen);
  const others = caller.candidates.filter(({ id }) => id !== caller.chosen);
  const candidates = [...chosen, ...others].slice(0, MOST_CANDIDATES);
  return { ...live, call: { ...live.call, caller: { ...caller, candidates } } };
}

/** Brings the page up to what is known. */
export function redrawCard(): Promise<void> {
  return inTurn(() => draw(null));
}

/** The tab loaded a page while it had the card. */
export function cardTabLoaded(tabId: number): Promise<void> {
  return inTurn(async () => {
    if ((await stored.cardPlace.get()).tabId === tabId) await draw(tabId);
  });
}

/** `reloaded` is a tab whose page took the card with it when it went. */
async function draw(reloaded: number | null): Promise<void> {
  const now = new Date();
  const live = await stored.liveCalls.get();
  const before = await stored.cardPlace.get();
  const fresh = live.filter((one) => isRingingHere(one, now) && !before.offered.includes(one.call.call_id));
  const place = fresh.length > 0 ? await offer(fresh, before, now) : before;
  if (place.tabId === null) return;
  const view = cardView(live, await countSearched(), now);
  const drawn =
    (await send(place.tabId, view)) || (await put(place.tabId, view, fresh.length > 0 || reloaded !== null));
  if (!drawn || view === null) await stored.cardPlace.set({ ...place, tabId: null });
}

function isRingingHere(live: LiveCall, now: Date): boolean {
  return live.call.direction === "inbound" && phaseOf(live, now) === "ringing";
}

async function countSearched(): Promise<number> {
  return (await stored.sync.get())?.counts.all ?? 0;
}

/** Notes that these calls have had their chance, and moves the card to the page the rep looks at, if it may be there. */
async function offer(calls: readonly LiveCall[], before: CardPlace, now: Date): Promise<CardPlace> {
  const offered = [...before.offered, ...calls.map(({ call }) => call.call_id)].slice(-REMEMBERED_CALLS);
  const quiet = isQuiet(await stored.pausedUntil.get(), now);
  const tabId = quiet ? null : await tabInFront();
  const place = { tabId: tabId ?? before.tabId, offered };
  await stored.cardPlace.set(place);
  if (before.tabId !== null && place.tabId !== before.tabId) await send(before.tabId, null);
  return place;
}

/** The active tab of the focused window, if the rep has allowed its page and not muted its site. */
async function tabInFront(): Promise<number | null> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  if (tab?.id === undefined || !(await isAllowed(tab))) return null;
  const { focused } = await browser.windows.get(tab.windowId);
  return focused ? tab.id : null;
}

/** A tab's address is told only where its page may be written on; `activeTab` alone is not the rep's leave for calls. */
async function isAllowed({ url }: Browser.tabs.Tab): Promise<boolean> {
  if (url === undefined || !/^https?:/u.test(url)) return false;
  const { host, origin } = new URL(url);
  if ((await stored.mutedSites.get()).includes(host)) return false;
  return browser.permissions.contains({ origins: [`${origin}/*`] });
}

/** What the card on this tab should draw. */
async function cardFor(tabId: number): Promise<CardView | null> {
  if ((await stored.cardPlace.get()).tabId !== tabId) return null;
  return cardView(await stored.liveCalls.get(), await countSearched(), new Date());
}

/** Does what was asked on a card. Only the tab that has it is heard, and only about calls and people it shows. */
export async function heardCard(message: CardMessage, tab: Browser.tabs.Tab): Promise<CardAnswer> {
  const view = tab.id === undefined ? null : await cardFor(tab.id);
  if (tab.id === undefined || view === null) return { view: null, problem: null };
  const problem = await problemOf(done(message, view, tab));
  return { view: await cardFor(tab.id), problem };
}

async function problemOf(work: Promise<void>): Promise<ActionProblem | null> {
  return work.then(() => null, actionProblem);
}

async function done(message: CardMessage, view: CardView, tab: Browser.tabs.Tab): Promise<void> {
  if (message.type === "card-mute") return muteSite(tab);
  if (message.type === "card-ask") return;
  const live = view.calls.find(({ call }) => call.call_id === message.callId);
  if (live !== undefined) await obey(message, live);
}

type AboutACall = Exclude<CardMessage, { type: "card-ask" | "card-mute" }>;

async function obey(message: AboutACall, { call }: LiveCall): Promise<void> {
  const shows = (contactId: number | null): boolean =>
    contactId === null || call.caller.candidates.some(({ id }) => id === contactId);
  switch (message.type) {
    case "card-dismiss":
      return dismissCall(call.call_id);
    case "card-open":
      return shows(message.contactId) ? openContact(message.contactId) : undefined;
    case "card-choose":
      return shows(message.contactId) ? chooseCaller(call.number, message.contactId) : undefined;
    case "card-add":
      return leaveToPopup("add", call.caller.e164);
    case "card-search":
      return leaveToPopup("search", call.caller.e164);
  }
}

/** What a page cannot do, the popup does. */
async function leaveToPopup(kind: Wish["kind"], number: string | null): Promise<void> {
  if (number === null) return;
  await stored.wish.set({ kind, number, at: new Date().toISOString() });
  await showPopup();
}

async function muteSite({ id, url }: Browser.tabs.Tab): Promise<void> {
  if (url === undefined) return;
  const muted = await stored.mutedSites.get();
  await stored.mutedSites.set([...new Set([...muted, new URL(url).host])]);
  await inTurn(async () => {
    await stored.cardPlace.set({ ...(await stored.cardPlace.get()), tabId: null });
    if (id !== undefined) await send(id, null);
  });
}

/** Paused, or signed out: no name stays on a page. */
export function takeCardDown(): Promise<void> {
  return inTurn(async () => {
    const place = await stored.cardPlace.get();
    if (place.tabId !== null) await send(place.tabId, null);
    await stored.cardPlace.set({ ...place, tabId: null });
  });
}

/** Keeps what the surfaces show of the browser's own answer, which may change in its settings, too. */
export async function notePagesAllowed(): Promise<void> {
  await stored.pagesAllowed.set(await browser.permissions.contains({ origins: PAGE_ORIGINS }));
}

/** False when nothing on that tab listens. */
async function send(tabId: number, view: CardView | null): Promise<boolean> {
  const update: CardUpdate = { type: "card-view", view };
  return browser.tabs.sendMessage(tabId, update).then(
    (answer: unknown) => answer === true,
    () => false,
  );
}

/** False when the page must not be written on anew, or cannot after all: the store, a page that is on its way out. */
async function put(tabId: number, view: CardView | null, may: boolean): Promise<boolean> {
  if (view === null || !may) return false;
  const there = await browser.scripting.executeScript({ target: { tabId }, files: [CARD_SCRIPT] }).then(
    () => true,
    () => false,
  );
  return there && send(tabId, view);
}
