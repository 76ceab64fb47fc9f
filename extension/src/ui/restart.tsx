/** Restarting the extension, where its worker no longer answers, or a newer version waits. */
import { t } from "../i18n";
import { Icon } from "./icons";

/** Why: the worker gives no answer, or an update is ready. */
export type Restart = "stuck" | "update";

interface RestartProps {
  why: Restart;
  onRestart: () => void;
}

export function RestartStrip({ why, onRestart }: RestartProps) {
  const stuck = why === "stuck";
  return (
    <section class={stuck ? "strip strip-bad" : "strip strip-warn"} role="status" data-strip={why}>
      <Icon name={stuck ? "alert" : "info"} size={16} />
      <div class="grow">
        <b>{stuck ? t("stuckTitle") : t("updateTitle")}</b>
        <p>{t("restartDetail")}</p>
      </div>
      <button type="button" class="btn btn-second btn-sm" onClick={onRestart}>
        {stuck ? t("restartExtension") : t("restart")}
      </button>
    </section>
  );
}
