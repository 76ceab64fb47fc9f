/**
 * The browser's notifications of calls: one id per call, which what is said anew replaces. It stands as long as the
 * call rings; sounds are the phone's business.
 */
import { browser } from "wxt/browser";

import { recordOf } from "./call-memory";
import { callerLine, callerTitle } from "./call-words";
import type { Call } from "./contract";
import { t } from "./i18n";

const PREFIX = "call:";

function said(call: Call) {
  const dismiss = { title: t("dismiss") };
  const buttons = recordOf(call) === null ? [dismiss] : [{ title: t("openInHubSpot") }, dismiss];
  return { title: callerTitle(call.caller), message: callerLine(call.caller), buttons };
}

/** The call a notification is of; null for any other notification. */
export function callOf(notificationId: string): string | null {
  return notificationId.startsWith(PREFIX) ? notificationId.slice(PREFIX.length) : null;
}

export async function announce(call: Call): Promise<void> {
  const iconUrl = browser.runtime.getURL("/icon/128.png");
  await browser.notifications.create(PREFIX + call.call_id, {
    type: "basic",
    iconUrl,
    requireInteraction: true,
    silent: true,
    ...said(call),
  });
}

/** Changes what it says; one that the rep has closed stays closed. */
export async function reword(call: Call): Promise<void> {
  await browser.notifications.update(PREFIX + call.call_id, said(call));
}

export async function withdraw(callId: string): Promise<void> {
  await browser.notifications.clear(PREFIX + callId);
}

/** Takes away every call's notification but these calls'. */
export async function withdrawAllBut(callIds: readonly string[]): Promise<void> {
  const shown = Object.keys(await browser.notifications.getAll()).map(callOf);
  const over = shown.filter((id) => id !== null && !callIds.includes(id));
  await Promise.all(over.map((id) => withdraw(id ?? "")));
}
