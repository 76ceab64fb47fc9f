/** "Are you sure?": what will be gone, before it is. The focus begins on Cancel. */
import { useState } from "preact/hooks";

import type { ActionProblem } from "../errors";
import { t } from "../i18n";
import { Dialog, Spinner } from "./parts";
import type { Outcome } from "./popup-state";
import { actionWords } from "./sign-in-words";

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  onConfirm: () => Outcome;
  onClose: () => void;
}

export function ConfirmDialog({ title, text, action, onConfirm, onClose }: ConfirmProps) {
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const [asking, setAsking] = useState(false);
  const go = async (): Promise<void> => {
    if (asking) return;
    setAsking(true);
    const problem = await onConfirm();
    setAsking(false);
    setSaid(problem);
    if (problem === null) onClose();
  };
  return (
    <Dialog title={title} about="dialog-text" low alert onClose={onClose}>
      <div class="dialog-b">
        <p id="dialog-text">{text}</p>
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
          {action}
        </button>
      </div>
    </Dialog>
  );
}
