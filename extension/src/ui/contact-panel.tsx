/** A contact that is open, and for a personal one what can be done with it: editing over it, deleting after a question. */
import { useState } from "preact/hooks";

import type { Contact } from "../contract";
import { t } from "../i18n";
import { ConfirmDialog } from "./confirm-dialog";
import { ContactDetail } from "./contact-detail";
import { ContactForm } from "./later";
import { Panel, useReturn } from "./panel";
import type { PopupActions } from "./popup-state";

interface ContactPanelProps {
  contact: Contact;
  now: Date;
  actions: PopupActions;
  onBack: () => void;
  onSay: (words: string) => void;
}

export function ContactPanel({ contact, now, actions, onBack, onSay }: ContactPanelProps) {
  const [over, setOver] = useState<"form" | "question" | null>(null);
  const { leave, comeBack } = useReturn(() => null);
  const close = (): void => {
    setOver(null);
    comeBack();
  };
  const remove = async () => {
    const problem = await actions.deleteContact(contact.id);
    if (problem === null) {
      onSay(t("contactDeleted", { name: contact.name }));
      onBack();
    }
    return problem;
  };
  return (
    <>
      <Panel label={contact.name} covered={over === "form"} onBack={onBack}>
        <ContactDetail
          {...{ contact, now, onBack }}
          onEdit={() => {
            leave();
            setOver("form");
          }}
          onDelete={() => setOver("question")}
          onCopy={actions.copy}
          onCall={actions.dial}
        />
        {over === "question" && (
          <ConfirmDialog
            title={t("deleteContactTitle", { name: contact.name })}
            text={t("deleteContactText")}
            action={t("delete")}
            onConfirm={remove}
            onClose={() => setOver(null)}
          />
        )}
      </Panel>
      {over === "form" && (
        <ContactForm contact={contact} prefill={{}} onSave={actions.saveContact} onSaved={close} onBack={close} />
      )}
    </>
  );
}
