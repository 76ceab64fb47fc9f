/** Settings: the facts that help whoever is asked for help, on the clipboard. */
import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import { Icon } from "./icons";

const COPIED_MS = 1_500;

export function DiagnosticsRow({ onCopy }: { onCopy: () => Promise<void> }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
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
        onClick={() => void onCopy().then(() => setCopied(true))}
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
