/** What Unauthorize deletes, told before it does; and the same for the deletion of all that is the person's own. */
import type { SourceCounts } from "../contract";
import { t, tn } from "../i18n";
import { ConfirmDialog } from "./confirm-dialog";
import type { Outcome } from "./popup-state";

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
  return (
    <ConfirmDialog
      title={t("unauthorizeTitle")}
      text={consequences(counts)}
      action={t("unauthorize")}
      onConfirm={onUnauthorize}
      onClose={onClose}
    />
  );
}

interface DeleteDataProps {
  onClose: () => void;
  onDelete: () => Outcome;
}

export function DeleteDataDialog({ onClose, onDelete }: DeleteDataProps) {
  return (
    <ConfirmDialog
      title={t("deleteDataTitle")}
      text={[t("deleteDataText"), t("hubSpotUnchanged")].join(" ")}
      action={t("deleteData")}
      onConfirm={onDelete}
      onClose={onClose}
    />
  );
}
