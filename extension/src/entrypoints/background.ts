/**
 * The worker, as a list of what it listens to. It may die at any line: state is in storage, and everything below is
 * registered before the first await. Reactions wait for `ready`, which puts right what a death left behind.
 */
import { browser, type Browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";

import { redrawBadge } from "../badge";
import { callsSeen, openCaller, withdrawAll, withdrawOverdue } from "../calls";
import { actionProblem, ServerFault, SignedOut, Unreachable } from "../errors";
import * as page from "../page";
import { isOverlayMessage, isPopupMessage, type Answer, type PopupMessage, type Session } from "../protocol";
import { disconnect, stayConnected } from "../push";
import { refresh, startRun } from "../runs";
import { authorize, changeServer, resetInterrupted, unauthorize } from "../session";
import { closeToPages, stored } from "../storage";

const TICK = "callbook-tick";
const TICK_MINUTES = 0.5;

export default defineBackground(() => {
  const ready = boot();
  const after = (task: () => Promise<unknown>): void => void ready.then(task).catch(report);

  browser.runtime.onMessage.addListener((message: unknown, sender, answer) => hear(message, sender, ready, answer));
  browser.runtime.onInstalled.addListener(() => after(tick));
  browser.runtime.onStartup.addListener(() => after(tick));
  browser.alarms.onAlarm.addListener(() => after(tick));
  browser.tabs.onUpdated.addListener((tabId, change) => {
    if (change.status === "complete") after(() => page.tabLoaded(tabId));
  });
  browser.tabs.onRemoved.addListener((tabId) => after(() => page.tabClosed(tabId)));
  browser.notifications.onClicked.addListener((id) => after(() => openCaller(id)));
  stored.session.watch((session) => after(() => sessionChanged(session)));
  stored.sync.watch(() => after(() => Promise.all([page.redraw(), redrawBadge()])));
  stored.calls.watch(() => after(redrawBadge));
  stored.missed.watch(() => after(redrawBadge));
  stored.unreachableSince.watch(() => after(redrawBadge));

  after(tick);
});

async function boot(): Promise<void> {
  await closeToPages();
  await resetInterrupted();
  // An alarm is lost on update and on re-enabling: ask for it on every boot.
  if ((await browser.alarms.get(TICK)) === undefined) {
    await browser.alarms.create(TICK, { periodInMinutes: TICK_MINUTES });
  }
}

/** The net under the socket, every 30 s and on every boot. */
async function tick(): Promise<void> {
  await withdrawOverdue();
  await Promise.all([page.redraw(), redrawBadge()]);
  if ((await stored.session.get()).state !== "signedIn") return;
  await Promise.all([stayConnected(), refresh()]);
}

async function sessionChanged(session: Session): Promise<void> {
  if (session.state === "signedOut") {
    disconnect();
    await page.takeDown();
    await withdrawAll();
  }
  await redrawBadge();
}

type Reply = (answer: unknown) => void;

/** True keeps the answer's channel open (Chrome's way to answer later). */
function hear(message: unknown, sender: Browser.runtime.MessageSender, ready: Promise<void>, reply: Reply): boolean {
  if (sender.id !== browser.runtime.id) return false;
  const tabId = sender.tab?.id;
  if (isOverlayMessage(message) && tabId !== undefined) {
    answerLater(
      ready.then(() => answerOverlay(message.type, tabId)),
      reply,
    );
    return true;
  }
  if (!isPopupMessage(message) || !sender.url?.startsWith(browser.runtime.getURL("/"))) return false;
  answerLater(
    ready.then(() => answerPopup(message)),
    reply,
  );
  return true;
}

function answerLater(work: Promise<unknown>, reply: Reply): void {
  void work.then(reply, (error: unknown) => {
    report(error);
    reply(null);
  });
}

async function answerOverlay(type: "overlay-ask" | "overlay-got-it", tabId: number): Promise<unknown> {
  if (type === "overlay-got-it") await page.gotIt();
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

async function obey(message: PopupMessage): Promise<void> {
  switch (message.type) {
    case "authorize":
      void signIn(message.tabId).catch(report); // the popup is about to close: it is answered at once
      return;
    case "unauthorize":
      return unauthorize(message.everything);
    case "sync":
      return syncNow(message);
    case "show-on-page":
      return page.moveTo(message.tabId);
    case "refresh":
      await stayConnected();
      await refresh();
      return;
    case "calls-seen":
      return callsSeen();
    case "change-server":
      return changeServer(message.address);
  }
}

async function signIn(tabId: number | null): Promise<void> {
  if (!(await authorize())) return;
  if (tabId !== null) await page.place(tabId, null);
  disconnect(); // a socket of the session before this one
  await tick();
}

async function syncNow(message: Extract<PopupMessage, { type: "sync" }>): Promise<void> {
  const run = await startRun(message.kind, message.acceptRemovals);
  if (message.tabId !== null) await page.place(message.tabId, run.id);
}

/** The edge of the worker. What the person is told of anyway is no news here; nothing personal is logged. */
function report(error: unknown): void {
  if (error instanceof Unreachable || error instanceof SignedOut || error instanceof ServerFault) return;
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : "Unknown failure");
}
