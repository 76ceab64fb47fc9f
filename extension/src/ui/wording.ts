/** Moments, spans, progress and countries in words. Everything is given the present, so that a test can say what time it is. */
import type { Moment, Run } from "../contract";
import { grouped, language, t, tn } from "../i18n";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function countryName(code: string): string {
  return new Intl.DisplayNames([language()], { type: "region" }).of(code) ?? code;
}

export function clock(moment: Moment): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(new Date(moment));
}

function midnight(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

export function dayName(moment: Moment, now: Date): string {
  const days = Math.round((midnight(now) - midnight(new Date(moment))) / DAY_MS);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const sameYear = new Date(moment).getFullYear() === now.getFullYear();
  const style: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language(), sameYear ? style : { ...style, year: "numeric" }).format(new Date(moment));
}

/** "Today 14:12". */
export function dayAndClock(moment: Moment, now: Date): string {
  return t("dayAndTime", { day: dayName(moment, now), time: clock(moment) });
}

/** "14:12" today, "Yesterday 14:12" and so on before. */
export function clockOrDay(moment: Moment, now: Date): string {
  return midnight(new Date(moment)) === midnight(now) ? clock(moment) : dayAndClock(moment, now);
}

export function syncedAgo(moment: Moment, now: Date): string {
  const ms = now.getTime() - new Date(moment).getTime();
  if (ms < MINUTE_MS) return t("syncedJustNow");
  if (ms < HOUR_MS) return tn("syncedMinutesAgo", Math.floor(ms / MINUTE_MS));
  return t("lastSynced", { moment: clockOrDay(moment, now) });
}

export function nextIn(moment: Moment, now: Date): string {
  const minutes = Math.ceil((new Date(moment).getTime() - now.getTime()) / MINUTE_MS);
  return minutes < 1 ? t("nextDue") : tn("nextInMinutes", minutes);
}

export function updatedAgo(moment: Moment, now: Date): string {
  const ms = Math.max(0, now.getTime() - new Date(moment).getTime());
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  if (ms < HOUR_MS) return words.format(-Math.floor(ms / MINUTE_MS), "minute");
  if (ms < DAY_MS) return words.format(-Math.floor(ms / HOUR_MS), "hour");
  return words.format(-Math.floor(ms / DAY_MS), "day");
}

/** "0:07", "12:40", "1:02:03": what goes on, counted. */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = String(whole % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, "0")}:${tail}`;
}

/** What share of the run is read, 0 to 1; null while the total is unknown. */
export function shareRead(run: Run): number | null {
  if (run.total === null) return null;
  return run.total === 0 ? 1 : Math.min(1, run.read / run.total);
}

export function percent(run: Run): string | null {
  const share = shareRead(run);
  if (share === null) return null;
  // Rounded down: 100 % is said when it is so.
  const whole = Math.floor(share * 100) / 100;
  return new Intl.NumberFormat(language(), { style: "percent" }).format(whole);
}

export function readOfTotal(run: Run): string {
  if (run.state === "queued") return t("runQueued");
  if (run.total === null) return tn("contactsRead", run.read);
  return t("readOfTotalContacts", { read: grouped(Math.min(run.read, run.total)), total: grouped(run.total) });
}

export function readOfTotalShort(run: Run): string {
  if (run.state === "queued" || run.total === null) return readOfTotal(run);
  return t("readOfTotal", { read: grouped(Math.min(run.read, run.total)), total: grouped(run.total) });
}

/** Null where none can be told: the server keeps its first guesses back. */
export function timeLeft(run: Run): string | null {
  if (run.state !== "running") return null;
  if (run.read > 0 && shareRead(run) === 1) return t("finishingUp");
  if (run.seconds_left === null) return null;
  const minutes = Math.round(run.seconds_left / 60);
  return minutes < 1 ? t("lessThanAMinuteLeft") : tn("aboutMinutesLeft", minutes);
}
