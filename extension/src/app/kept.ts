/** The part of a window's state that storage holds: read at the start, then followed. */
import { stored } from "../storage";
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

export async function keptState(): Promise<Kept> {
  const [
    session,
    server,
    sync,
    settings,
    phone,
    unreachableSince,
    keptRunId,
    missed,
    placement,
    aboutCalls,
    updateReady,
  ] = await Promise.all([
    stored.session.get(),
    stored.server.get(),
    stored.sync.get(),
    stored.settings.get(),
    stored.phone.get(),
    stored.unreachableSince.get(),
    stored.keptRunId.get(),
    stored.missed.get(),
    stored.placement.get(),
    keptOfCalls(),
    stored.updateReady.get(),
  ]);
  return {
    session,
    server,
    sync,
    settings,
    phone,
    unreachableSince,
    keptRunId,
    missed: missed.length,
    placement,
    ...aboutCalls,
    updateReady,
  };
}

async function keptOfCalls() {
  const [notifications, pausedUntil, mutedSites, pagesAllowed, live, wish] = await Promise.all([
    stored.notifications.get(),
    stored.pausedUntil.get(),
    stored.mutedSites.get(),
    stored.pagesAllowed.get(),
    stored.liveCalls.get(),
    stored.wish.get(),
  ]);
  return { notifications, pausedUntil, mutedSites, pagesAllowed, live, wish };
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
