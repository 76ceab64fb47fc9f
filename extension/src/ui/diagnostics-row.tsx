/** Settings: the facts that help whoever is asked for help, on the clipboard. */
import { t } from "../i18n";
import { Icon } from "./icons";
import { useCopied } from "./parts";

export function DiagnosticsRow({ onCopy }: { onCopy: () => Promise<void> }) {
  const [copied, tellCopied] = useCopied();
  return (
    <div class="set">
      <div class="grow">
        <div class="t">{t("diagnostics")}</div>
        <div class="d" id="diagnostics-hint">
          {t("diagnosticsHint")}
        </div>
      </div>
      <button
        type="button"
        class="btn btn-second btn-sm"
        aria-describedby="diagnostics-hint"
        onClick={() => void onCopy().then(tellCopied)}
      >
        <Icon name={copied ? "check" : "copy"} size={14} />
        {copied ? t("copied") : t("copyDiagnostics")}
      </button>
      <span class="sr" role="status">
        {copied ? t("copied") : ""}
      </span>
    </div>
  );
}
