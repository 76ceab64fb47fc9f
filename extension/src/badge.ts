/** The toolbar badge: nothing when all is well, otherwise the one thing that matters most; the tooltip says all in words. */
import { browser } from "wxt/browser";

import type { Run, SyncState } from "./contract";
import { t, tn } from "./i18n";
import type { Session } from "./protocol";
import { stored, type CallMemory } from "./storage";

const LONG_UNREACHABLE_MS = 5 * 60_000;

const GREEN = "#1a7648";
const RED = "#bf2a35";
const AMBER = "#e0a030";
const GREY = "#676c78";
/** What is written on a colour: white cannot be read on amber. */
const WHITE = "#ffffff";
const BLACK = "#16181d";

export interface BadgeFacts {
  session: Session;
  sync: SyncState | null;
  calls: readonly CallMemory[];
  missed: number;
  unreachableSince: string | null;
  /** The run whose held removal was answered with Keep. */
  keptRunId: number | null;
}

interface Badge {
  text: string;
  colour: string;
  ink: string;
  title: string;
}

interface Sign {
  text: string;
  colour: string;
  words: string;
}

function ringing(facts: BadgeFacts, now: Date): Sign | null {
  const count = facts.calls.filter((call) => call.state === "ringing" && new Date(call.ringsUntil) > now).length;
  return count === 0 ? null : { text: String(count), colour: GREEN, words: tn("badgeRinging", count) };
}

function unreachable(facts: BadgeFacts, now: Date): Sign | null {
  const since = facts.unreachableSince;
  if (since === null || now.getTime() - new Date(since).getTime() < LONG_UNREACHABLE_MS) return null;
  return { text: "!", colour: RED, words: t("badgeUnreachable") };
}

function reconnect(facts: BadgeFacts): Sign | null {
  const needed = facts.sync?.connection.state === "reconnect_needed";
  return needed ? { text: "!", colour: RED, words: t("badgeReconnect") } : null;
}

function missed(facts: BadgeFacts): Sign | null {
  return facts.missed === 0
    ? null
    : { text: String(facts.missed), colour: RED, words: tn("badgeMissed", facts.missed) };
}

function paused(facts: BadgeFacts): Sign | null {
  return facts.sync?.run?.state === "paused" ? { text: "!", colour: AMBER, words: t("pausedTitle") } : null;
}

function firstSync(facts: BadgeFacts): Sign | null {
  const running = facts.sync?.run?.trigger === "first" || (facts.sync?.run && facts.sync.last_synced_at === null);
  return running ? { text: "…", colour: GREY, words: t("badgeFirstSync") } : null;
}

/** Nothing is wanting, or the person has said that it is well as it is. */
function isSettled(last: Run, { sync, keptRunId }: BadgeFacts): boolean {
  if (last.state === "cancelled") return sync?.last_synced_at !== null;
  if (last.removal_held > 0) return last.id === keptRunId;
  return last.state !== "incomplete" && last.state !== "failed";
}

function incomplete(facts: BadgeFacts): Sign | null {
  const last = facts.sync?.last_run ?? null;
  if (last === null || isSettled(last, facts)) return null;
  return { text: "!", colour: AMBER, words: last.state === "failed" ? t("lastSyncFailed") : t("badgeIncomplete") };
}

const NO_SIGN = { text: "", colour: GREY, ink: WHITE };

/** Signs in the order of their weight: the first is drawn, all are said. */
export function badgeFor(facts: BadgeFacts, now: Date): Badge {
  if (facts.session.state !== "signedIn") return { ...NO_SIGN, title: t("badgeSignedOut") };
  const signs = [
    ringing(facts, now),
    unreachable(facts, now),
    reconnect(facts),
    missed(facts),
    paused(facts),
    firstSync(facts),
    incomplete(facts),
  ].filter((sign) => sign !== null);
  const first = signs[0];
  if (first === undefined) return { ...NO_SIGN, title: t("extensionName") };
  const title = [t("extensionName"), ...signs.map((sign) => sign.words)].join("\n");
  return { text: first.text, colour: first.colour, ink: first.colour === AMBER ? BLACK : WHITE, title };
}

export async function redrawBadge(): Promise<void> {
  const badge = badgeFor(
    {
      session: await stored.session.get(),
      sync: await stored.sync.get(),
      calls: await stored.calls.get(),
      missed: (await stored.missed.get()).length,
      unreachableSince: await stored.unreachableSince.get(),
      keptRunId: await stored.keptRunId.get(),
    },
    new Date(),
  );
  await browser.action.setBadgeBackgroundColor({ color: badge.colour });
  await browser.action.setBadgeTextColor({ color: badge.ink });
  await browser.action.setBadgeText({ text: badge.text });
  await browser.action.setTitle({ title: badge.title });
}
