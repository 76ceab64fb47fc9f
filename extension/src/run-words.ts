/** A run's end in words, the same on a page, in a notification and in the popup: told as it is. */
import type { Run } from "./contract";
import { grouped, t, tn } from "./i18n";

interface End {
  icon: "check-circle" | "alert" | "info";
  tone: "ok" | "warn" | "bad";
  title: string;
  detail: string;
}

/** "9 s", "6 min 41 s", "1 h 2 min". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return t("spanSeconds", { seconds: whole });
  if (minutes < 60) return t("spanMinutes", { minutes, seconds: String(whole % 60).padStart(2, "0") });
  return t("spanHours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function incompleteDetail(run: Run): string {
  if (run.failed > 0) return tn("couldNotBeRead", run.failed);
  return run.removal_held > 0 ? t("reasonRemovalHeld") : t("reasonTotalsDiffer");
}

export function endOf(run: Run): End {
  if (run.state === "finished") {
    const detail = t("readIn", { count: grouped(run.read), time: span(run.duration_s ?? 0) });
    return { icon: "check-circle", tone: "ok", title: t("endUpToDate"), detail };
  }
  if (run.state === "incomplete") {
    return { icon: "alert", tone: "warn", title: t("endNotComplete"), detail: incompleteDetail(run) };
  }
  if (run.state === "cancelled") {
    return { icon: "info", tone: "warn", title: t("endWasCancelled"), detail: t("endNothingLost") };
  }
  return { icon: "alert", tone: "bad", title: t("endDidNotFinish"), detail: t("endDetails") };
}
