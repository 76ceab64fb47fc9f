/** Where the phone's widget is loaded from: an address of its own, and the client id that goes with it. */
import type { PhoneSettings } from "../protocol";
import { isSafe } from "./server-address";

/** What a person types, brought to the form that is stored; null when no widget can be loaded from it. */
export function phoneAddress(typed: string): string | null {
  const text = typed.trim();
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return isSafe(url) && url.username + url.password + url.hash === "" ? url.href : null;
}

/** The widget's own parameters may stand in the address: appServer, for one. */
export function widgetAddress({ address, clientId }: PhoneSettings): string | null {
  const safe = phoneAddress(address);
  if (safe === null) return null;
  const url = new URL(safe);
  if (clientId !== "") url.searchParams.set("clientId", clientId);
  return url.href;
}
