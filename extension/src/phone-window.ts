/**
 * The window with the phone in it: one for the whole browser, because every open phone is another device to RingCentral.
 * A number to dial waits for it in storage.
 */
import { stored } from "./storage";
import { openWindow } from "./windows";

const LONGEST_NUMBER = 200;

export function openPhone(): Promise<void> {
  // The widget's own size, with the frame that a window has around it.
  return openWindow({ path: "/phone.html", width: 340, height: 600 });
}

/** Has the phone window call this number as soon as it can. */
export async function dial(number: string): Promise<void> {
  const text = number.trim();
  if (text === "" || text.length > LONGEST_NUMBER) return;
  await stored.dialRequest.set({ number: text, at: new Date().toISOString() });
  await openPhone();
}
