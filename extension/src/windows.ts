/** Windows of the extension: one of each, brought to the front where it is open. Which they are, the browser knows. */
import { browser } from "wxt/browser";

import { turns } from "./turns";

interface OwnWindow {
  /** A page of the extension. */
  path: "/phone.html" | "/sidepanel.html";
  width: number;
  height: number;
}

const inTurn = turns();
/** A window that was made just now has no document yet that the browser could tell of. */
const lastMade = new Map<OwnWindow["path"], number | null>();

/** Brings the window to the front, or makes it. */
export function openWindow(wanted: OwnWindow): Promise<void> {
  return inTurn(async () => {
    const open = (await windowWith(wanted.path)) ?? lastMade.get(wanted.path) ?? null;
    if (!(await bringToFront(open))) lastMade.set(wanted.path, await make(wanted));
  });
}

/** Opens the popup. Chrome does so from 127 on, and only in a window that has the focus: elsewhere it is a window of its own. */
export async function showPopup(): Promise<void> {
  if (await hasOpenedPopup()) return;
  const last = await browser.windows.getLastFocused({ windowTypes: ["normal"] }).catch(() => null);
  if ((await bringToFront(last?.id ?? null)) && (await hasOpenedPopup())) return;
  await openWindow({ path: "/sidepanel.html", width: 400, height: 640 });
}

async function hasOpenedPopup(): Promise<boolean> {
  try {
    await browser.action.openPopup();
    return true;
  } catch {
    return false;
  }
}

async function windowWith(path: OwnWindow["path"]): Promise<number | null> {
  const documentUrls = [browser.runtime.getURL(path)];
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

async function make({ path, width, height }: OwnWindow): Promise<number | null> {
  const made = await browser.windows.create({ type: "popup", url: browser.runtime.getURL(path), width, height });
  return made?.id ?? null;
}
