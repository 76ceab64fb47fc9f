/** The part of a window's state that storage holds: read at the start, then followed. */
import type { ContactPage } from "../contract";
import { readTogether, stored } from "../storage";
import type { PopupState } from "../ui/popup-state";

export type Kept = Pick<
  PopupState,
  | "session"
  | "server"
  | "sync"
  | "settings"
  | "notifications"
  | "phone"
  | "pausedUntil"
  | "mutedSites"
  | "pagesAllowed"
  | "live"
  | "wish"
  | "unreachableSince"
  | "keptRunId"
  | "missed"
  | "placement"
> & { updateReady: string | null };

const NAMES = [
  "session",
  "server",
  "sync",
  "settings",
  "notifications",
  "phone",
  "pausedUntil",
  "mutedSites",
  "pagesAllowed",
  "liveCalls",
  "wish",
  "unreachableSince",
  "keptRunId",
  "missed",
  "placement",
  "updateReady",
  "firstPage",
] as const;

/** With the first page of contacts, which is all the rest that the first drawing needs. */
export async function keptState(): Promise<{ kept: Kept; firstPage: ContactPage | null }> {
  const { firstPage, liveCalls: live, missed, ...rest } = await readTogether(NAMES);
  return { kept: { ...rest, live, missed: missed.length }, firstPage };
}

export function followKept(changed: (change: Partial<Kept>) => void): void {
  stored.session.watch((session) => changed({ session }));
  stored.server.watch((server) => changed({ server }));
  stored.sync.watch((sync) => changed({ sync }));
  stored.settings.watch((settings) => changed({ settings }));
  stored.notifications.watch((notifications) => changed({ notifications }));
  stored.phone.watch((phone) => changed({ phone }));
  stored.pausedUntil.watch((pausedUntil) => changed({ pausedUntil }));
  stored.mutedSites.watch((mutedSites) => changed({ mutedSites }));
  stored.pagesAllowed.watch((pagesAllowed) => changed({ pagesAllowed }));
  stored.liveCalls.watch((live) => changed({ live }));
  stored.wish.watch((wish) => changed({ wish }));
  stored.unreachableSince.watch((unreachableSince) => changed({ unreachableSince }));
  stored.keptRunId.watch((keptRunId) => changed({ keptRunId }));
  stored.missed.watch((missed) => changed({ missed: missed.length }));
  stored.placement.watch((placement) => changed({ placement }));
  stored.updateReady.watch((updateReady) => changed({ updateReady }));
}
