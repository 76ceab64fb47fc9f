/**
 * The window with the phone in it: one for the whole browser, because every open phone is another device to RingCentral.
 * Which it is, the browser knows; a number to dial waits for it in storage.
 */
import { browser } from "wxt/browser";

import { stored } from "./storage";
import { turns } from "./turns";

export const PHONE_PAGE = "/phone.html";
/** The widget's own size, with the frame that a window has around it. */
const WIDTH_PX = 340;
const HEIGHT_PX = 600;
const LONGEST_NUMBER = 200;

const inTurn = turns();
/** A window that was made just now has no document yet that the browser could tell of. */
let lastMade: number | null = null;

/** Brings the window to the front, or makes it. */
export function openPhone(): Promise<void> {
  return inTurn(async () => {
    if (!(await bringToFront((await windowWithPhone()) ?? lastMade))) lastMade = await makeWindow();
  });
}

/** Has the phone window call this number as soon as it can. */
export async function dial(number: string): Promise<void> {
  const text = number.trim();
  if (text === "" || text.length > LONGEST_NUMBER) return;
  await stored.dialRequest.set({ number: text, at: new Date().toISOString() });
  await openPhone();
}

async function windowWithPhone(): Promise<number | null> {
  const documentUrls = [browser.runtime.getURL(PHONE_PAGE)];
  const [found] = await browser.runtime.getContexts({ contextTypes: ["TAB"], documentUrls });
  return found?.windowId ?? null;
}

async function bringToFront(windowId: number | null): Promise<boolean> {
  if (windowId === null) return false;
  return browser.windows.update(windowId, { focused: true }).then(
    () => true,
    () => false,
  );
}

async function makeWindow(): Promise<number | null> {
  const url = browser.runtime.getURL(PHONE_PAGE);
  const made = await browser.windows.create({ type: "popup", url, width: WIDTH_PX, height: HEIGHT_PX });
  return made?.id ?? null;
}
