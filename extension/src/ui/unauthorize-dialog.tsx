/** Screen 7c: what Unauthorize deletes, before it does. */
import { useState } from "preact/hooks";

import type { SourceCounts } from "../contract";
import type { ActionProblem } from "../errors";
import { t, tn } from "../i18n";
import { Dialog, Spinner } from "./parts";
import type { Outcome } from "./popup-state";
import { actionWords } from "./sign-in-words";

interface UnauthorizeProps {
  counts: SourceCounts | null;
  onClose: () => void;
  onUnauthorize: () => Outcome;
}

function consequences(counts: SourceCounts | null): string {
  if (counts === null) return [t("unauthorizeDeletes"), t("hubSpotUnchanged")].join(" ");
  const kept = counts.personal === 0 ? [] : [tn("personalStay", counts.personal)];
  return [tn("contactsDeleted", counts.hubspot), ...kept, t("hubSpotUnchanged")].join(" ");
}

export function UnauthorizeDialog({ counts, onClose, onUnauthorize }: UnauthorizeProps) {
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const [asking, setAsking] = useState(false);
  const go = async (): Promise<void> => {
    if (asking) return;
    setAsking(true);
    const problem = await onUnauthorize();
    setAsking(false);
    setSaid(problem);
    if (problem === null) onClose();
  };
  return (
    <Dialog title={t("unauthorizeTitle")} low alert onClose={onClose}>
      <div class="dialog-b">
        <p>{consequences(counts)}</p>
      </div>
      <div class="dialog-f">
        <span class="said" role="alert">
          {said === null ? "" : actionWords(said)}
        </span>
        <button type="button" class="btn btn-second" autofocus onClick={onClose}>
          {t("cancel")}
        </button>
        <button type="button" class="btn btn-bad" aria-disabled={asking} onClick={() => void go()}>
          {asking && <Spinner />}
          {t("unauthorize")}
        </button>
      </div>
    </Dialog>
  );
}
