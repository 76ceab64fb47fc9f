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
  isPopupMessage,
  isWordsMessage,
  type Answer,
  type OverlayMessage,
  type PopupMessage,
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
  await Promise.all([stayConnected(), refresh(), sendReports()]);
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

/** How to answer; null where nobody may ask this. */
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
    if (message.type !== "hello") await obey(message);
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: actionProblem(error) };
  }
}

async function obey(message: Exclude<PopupMessage, { type: "hello" }>): Promise<void> {
  if (isAboutTheSession(message)) return obeyAboutTheSession(message);
  if (isAboutThePhone(message)) return obeyAboutThePhone(message);
  if (isAboutCalls(message)) return obeyAboutCalls(message);
  switch (message.type) {
    case "sync":
      return syncNow(message);
    case "steer":
      return steerRun(message.move);
    case "show-on-page":
      return page.moveTo(message.tabId);
    case "refresh":
      await stayConnected();
      await refresh();
      return;
  }
}

type CallsMessage = Extract<PopupMessage, { type: "calls-seen" | "dismiss-call" | "choose-caller" | "open-contact" }>;

const ABOUT_CALLS: readonly string[] = [
  "calls-seen",
  "dismiss-call",
  "choose-caller",
  "open-contact",
] satisfies CallsMessage["type"][];

function isAboutCalls(message: PopupMessage): message is CallsMessage {
  return ABOUT_CALLS.includes(message.type);
}

async function obeyAboutCalls(message: CallsMessage): Promise<void> {
  switch (message.type) {
    case "calls-seen":
      return callsSeen();
    case "dismiss-call":
      return dismissCall(message.callId);
    case "choose-caller":
      return chooseCaller(message.number, message.contactId);
    case "open-contact":
      return openContact(message.contactId);
  }
}

type PhoneMessage = Extract<PopupMessage, { type: "open-phone" | "dial" }>;

function isAboutThePhone(message: PopupMessage): message is PhoneMessage {
  return message.type === "open-phone" || message.type === "dial";
}

function obeyAboutThePhone(message: PhoneMessage): Promise<void> {
  return message.type === "dial" ? dial(message.number) : openPhone();
}

type SessionMessage = Extract<
  PopupMessage,
  { type: "authorize" | "authorize-demo" | "authorize-in-tab" | "finish-in-tab" | "unauthorize" | "change-server" }
>;

const ABOUT_THE_SESSION: readonly string[] = [
  "authorize",
  "authorize-demo",
  "authorize-in-tab",
  "finish-in-tab",
  "unauthorize",
  "change-server",
] satisfies SessionMessage["type"][];

function isAboutTheSession(message: PopupMessage): message is SessionMessage {
  return ABOUT_THE_SESSION.includes(message.type);
}

async function obeyAboutTheSession(message: SessionMessage): Promise<void> {
  switch (message.type) {
    case "authorize":
      void signIn(authorize(), message.tabId).catch(report); // the popup is about to close: it is answered at once
      return;
    case "authorize-demo":
      void signIn(authorizeDemo(), message.tabId).catch(report); // likewise
      return;
    case "authorize-in-tab":
      void authorizeInTab().catch(report); // likewise
      return;
    case "finish-in-tab":
      if (await finishInTab(message.answer)) await beginWork(null);
      return;
    case "unauthorize":
      return unauthorize(message.everything);
    case "change-server":
      return changeServer(message.address);
  }
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

async function syncNow(message: Extract<PopupMessage, { type: "sync" }>): Promise<void> {
  const run = await startRun(message.kind, message.acceptRemovals);
  await awaitRun(run);
  if (message.tabId !== null) await page.place(message.tabId, run.id);
}

/** The edge of the worker. What the person is told of anyway is no news here; nothing personal is logged. */
function report(error: unknown): void {
  if (error instanceof Unreachable || error instanceof SignedOut || error instanceof ServerFault) return;
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : "Unknown failure");
}
