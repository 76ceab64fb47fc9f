/**
 * The worker, as a list of what it listens to. It may die at any line: state is in storage, and everything below is
 * registered before the first await. Reactions wait for `ready`, which puts right what a death left behind.
 */
import { browser, type Browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";

import { redrawBadge } from "../badge";
import { sendReports } from "../call-reports";
import { cardTabLoaded, heardCard, notePagesAllowed, redrawCard, takeCardDown } from "../caller-card";
import {
  callsSeen,
  chooseCaller,
  dismissCall,
  hearEnds,
  hushed,
  openCaller,
  openContact,
  pressed,
  withdrawAll,
  withdrawOverdue,
} from "../calls";
import { actionProblem, ServerFault, SignedOut, Unreachable } from "../errors";
import { readWords, wordsOfPackage } from "../i18n";
import * as page from "../page";
import { dial, openPhone } from "../phone-window";
import {
  isCardMessage,
  isOverlayMessage,
  isWordsMessage,
  typeOf,
  type Answer,
  type OverlayMessage,
  type PopupMessage,
  type PopupMessageOf,
  type Session,
} from "../protocol";
import { disconnect, stayConnected } from "../push";
import { refresh, startRun, steerRun } from "../runs";
import { awaitFirstRun, awaitRun, openNotice, tellEnd } from "../run-notices";
import {
  authorize,
  authorizeDemo,
  authorizeInTab,
  changeServer,
  endAbandoned,
  finishInTab,
  leaveDemo,
  unauthorize,
} from "../session";
import { closeToPages, stored } from "../storage";
import { updateUnseen, updateWaits } from "../updates";

const TICK = "callbook-tick";
const TICK_MINUTES = 0.5;
const OPEN_SIDE_PANEL = "open-side-panel";

export default defineBackground(() => {
  const ready = boot();
  const after = (task: () => Promise<unknown>): void => void ready.then(task).catch(report);

  browser.runtime.onMessage.addListener((message: unknown, sender, answer) => hear(message, sender, ready, answer));
  browser.runtime.onInstalled.addListener(({ reason }) => after(() => (reason === "install" ? welcome() : tick())));
  browser.runtime.onUpdateAvailable.addListener(({ version }) => after(() => updateWaits(version)));
  browser.runtime.onStartup.addListener(() => after(tick));
  browser.alarms.onAlarm.addListener(() => after(tick));
  browser.tabs.onUpdated.addListener((tabId, change) => {
    if (change.status === "complete") after(() => Promise.all([page.tabLoaded(tabId), cardTabLoaded(tabId)]));
  });
  browser.tabs.onRemoved.addListener((tabId) => after(() => Promise.all([page.tabClosed(tabId), endAbandoned()])));
  browser.notifications.onClicked.addListener((id) => after(() => Promise.all([openCaller(id), openNotice(id)])));
  browser.commands.onCommand.addListener((command, tab) => {
    // At once: after an await the key no longer counts as the person's gesture.
    if (command === OPEN_SIDE_PANEL && tab !== undefined) void browser.sidePanel.open({ windowId: tab.windowId });
  });
  browser.notifications.onButtonClicked.addListener((id, button) => after(() => pressed(id, button)));
  browser.permissions.onAdded.addListener(() => after(notePagesAllowed));
  browser.permissions.onRemoved.addListener(() => after(notePagesAllowed));
  stored.session.watch((session) => after(() => sessionChanged(session)));
  stored.sync.watch(() => after(() => Promise.all([page.redraw(), redrawBadge(), tellEnd()])));
  stored.calls.watch(() => after(redrawBadge));
  stored.liveCalls.watch(() => after(redrawCard));
  stored.notifications.watch(() => after(hushed));
  stored.pausedUntil.watch((until) =>
    after(() => Promise.all([hushed(), until === null ? redrawCard() : takeCardDown()])),
  );
  stored.missed.watch(() => after(redrawBadge));
  stored.keptRunId.watch(() => after(redrawBadge));
  stored.unreachableSince.watch(() => after(redrawBadge));

  after(tick);
  after(notePagesAllowed);
});

async function boot(): Promise<void> {
  await Promise.all([closeToPages(), readWords()]);
  await endAbandoned();
  // An alarm is lost on update and on re-enabling: ask for it on every boot.
  if ((await browser.alarms.get(TICK)) === undefined) {
    await browser.alarms.create(TICK, { periodInMinutes: TICK_MINUTES });
  }
}

/** The first-run page, once: an unpacked extension is installed with every start of the browser. */
async function welcome(): Promise<void> {
  if (await stored.welcomed.get()) return;
  await stored.welcomed.set(true);
  await browser.tabs.create({ url: browser.runtime.getURL("/welcome.html") });
}

/** The net under the socket, every 30 s and on every boot. */
async function tick(): Promise<void> {
  await endAbandoned();
  await withdrawOverdue();
  await updateUnseen();
  await Promise.all([page.redraw(), redrawCard(), redrawBadge(), tellEnd()]);
  await leaveDemo();
  if ((await stored.session.get()).state !== "signedIn") return;
  await Promise.all([stayConnected(), refresh(), sendReports(), hearEnds()]);
}

async function sessionChanged(session: Session): Promise<void> {
  if (session.state === "signedOut") {
    await leaveDemo();
    disconnect();
    await page.takeDown();
    await takeCardDown();
    await withdrawAll();
  }
  await redrawBadge();
}

type Reply = (answer: unknown) => void;

/** True keeps the answer's channel open (Chrome's way to answer later). */
function hear(message: unknown, sender: Browser.runtime.MessageSender, ready: Promise<void>, reply: Reply): boolean {
  const answer = sender.id === browser.runtime.id ? answerTo(message, sender) : null;
  if (answer === null) return false;
  void ready.then(answer).then(reply, (error: unknown) => {
    report(error);
    reply(null);
  });
  return true;
}

/** How to answer; null where nobody may ask this. A page may be hostile: only what lies over it is heard from there. */
function answerTo(message: unknown, { tab, url }: Browser.runtime.MessageSender): (() => Promise<unknown>) | null {
  const onPage = tab === undefined ? null : answerToPage(message, tab);
  if (onPage !== null) return onPage;
  const isOurs = url?.startsWith(browser.runtime.getURL("/")) === true;
  return isOurs && isPopupMessage(message) ? () => answerPopup(message) : null;
}

function answerToPage(message: unknown, tab: Browser.tabs.Tab): (() => Promise<unknown>) | null {
  const tabId = tab.id;
  if (isWordsMessage(message)) return wordsOfPackage;
  if (isCardMessage(message)) return () => heardCard(message, tab);
  return isOverlayMessage(message) && tabId !== undefined ? () => answerOverlay(message.type, tabId) : null;
}

async function answerOverlay(type: OverlayMessage["type"], tabId: number): Promise<unknown> {
  if (type === "overlay-got-it") await page.gotIt();
  if (type === "overlay-thrown-out") await page.refused(tabId);
  return page.viewFor(tabId);
}

async function answerPopup(message: PopupMessage): Promise<Answer> {
  try {
    await obey(message);
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: actionProblem(error) };
  }
}

type Doings = { [T in PopupMessage["type"]]: (message: PopupMessageOf<T>) => unknown };

/** What is done about each message. A sign-in is not waited for: the window that asked for it is about to close. */
const DOINGS: Doings = {
  authorize: ({ tabId }) => void signIn(authorize(), tabId).catch(report),
  "authorize-demo": ({ tabId }) => void signIn(authorizeDemo(), tabId).catch(report),
  "authorize-in-tab": () => void authorizeInTab().catch(report),
  "finish-in-tab": async ({ answer }) => {
    if (await finishInTab(answer)) await beginWork(null);
  },
  unauthorize: ({ everything }) => unauthorize(everything),
  "change-server": ({ address }) => changeServer(address),
  sync: syncNow,
  steer: ({ move }) => steerRun(move),
  "show-on-page": ({ tabId }) => page.moveTo(tabId),
  refresh: async () => {
    await stayConnected();
    await refresh();
  },
  hello: () => undefined,
  "calls-seen": callsSeen,
  "dismiss-call": ({ callId }) => dismissCall(callId),
  "choose-caller": ({ number, contactId }) => chooseCaller(number, contactId),
  "open-contact": ({ contactId }) => openContact(contactId),
  "open-phone": openPhone,
  dial: ({ number }) => dial(number),
};

/** One of those above. What else is in it is not looked at: it comes from a window of ours. */
function isPopupMessage(message: unknown): message is PopupMessage {
  return Object.hasOwn(DOINGS, typeOf(message) ?? "");
}

function obey<T extends PopupMessage["type"]>(message: PopupMessageOf<T>): unknown {
  return DOINGS[message.type](message);
}

async function signIn(attempt: Promise<boolean>, tabId: number | null): Promise<void> {
  if (await attempt) await beginWork(tabId);
}

/** There is a new session. */
async function beginWork(tabId: number | null): Promise<void> {
  if (tabId !== null) await page.place(tabId, null);
  await awaitFirstRun();
  disconnect(); // a socket of the session before this one
  await tick();
}

async function syncNow({ kind, acceptRemovals, tabId }: PopupMessageOf<"sync">): Promise<void> {
  const run = await startRun(kind, acceptRemovals);
  await awaitRun(run);
  if (tabId !== null) await page.place(tabId, run.id);
}

/** The edge of the worker. What the person is told of anyway is no news here; nothing personal is logged. */
function report(error: unknown): void {
  if (error instanceof Unreachable || error instanceof SignedOut || error instanceof ServerFault) return;
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : "Unknown failure");
}
