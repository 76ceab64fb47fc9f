/**
 * A newer version of the extension waits. It is taken at once where nobody would notice; otherwise the popup offers
 * "Restart". Chrome installs it by itself only when the browser starts again, because somebody listens.
 */
import { browser } from "wxt/browser";

import { stored } from "./storage";

export async function updateWaits(version: string): Promise<void> {
  await stored.updateReady.set(version);
  await updateUnseen();
}

/** A restart closes every window of ours, and forgets what is shown on pages and what rings. */
export async function updateUnseen(): Promise<void> {
  if ((await stored.updateReady.get()) === null || (await stored.placement.get()) !== null) return;
  const ringing = (await stored.calls.get()).some((call) => call.state === "ringing");
  const open = await browser.runtime.getContexts({});
  if (!ringing && open.every(({ contextType }) => contextType === "BACKGROUND")) browser.runtime.reload();
}
