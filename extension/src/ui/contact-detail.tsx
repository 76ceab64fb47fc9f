/** Screen 4: one contact. */
import type { Contact, Phone, PhoneKind } from "../contract";
import { t } from "../i18n";
import { Avatar } from "./contact-row";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { CopyButton, Dotted, HubBadge, Panel } from "./parts";
import { updatedAgo } from "./wording";

const KIND: Record<PhoneKind, { label: () => string; copy: () => string }> = {
  phone: { label: () => t("phoneWork"), copy: () => t("copyWork") },
  mobile: { label: () => t("phoneMobile"), copy: () => t("copyMobile") },
  whatsapp: { label: () => t("phoneWhatsApp"), copy: () => t("copyWhatsApp") },
};

/** What is put on the clipboard: the form every phone understands, if there is one. */
export function dialled(phone: Phone): string {
  return phone.e164 ?? phone.raw;
}

function PhoneRow({ phone, onCopy }: { phone: Phone; onCopy: (text: string) => Promise<void> }) {
  return (
    <li class="kv">
      <div class="grow">
        <div class="k">{KIND[phone.kind].label()}</div>
        <div class="v tel ell">
          {phone.display}
          {phone.extension !== null && <span class="ext"> {t("extension", { number: phone.extension })}</span>}
        </div>
      </div>
      <div class="acts">
        <CopyButton label={KIND[phone.kind].copy()} text={dialled(phone)} onCopy={onCopy} />
      </div>
    </li>
  );
}

function EmailRow({ email, onCopy }: { email: string; onCopy: (text: string) => Promise<void> }) {
  return (
    <li class="kv">
      <div class="grow">
        <div class="k">{t("email")}</div>
        <div class="v ell">
          <a href={`mailto:${encodeURIComponent(email)}`} target="_blank" rel="noreferrer">
            {email}
          </a>
        </div>
      </div>
      <div class="acts">
        <CopyButton label={t("copyEmail")} text={email} onCopy={onCopy} />
      </div>
    </li>
  );
}

function Source({ contact, now }: { contact: Contact; now: Date }) {
  if (contact.source === "personal") return <span>{t("personalContact")}</span>;
  const updated = contact.modified_at === null ? [] : [t("updatedAgo", { ago: updatedAgo(contact.modified_at, now) })];
  return (
    <>
      <HubBadge />
      <span>
        <Dotted words={[t("hubSpot"), ...updated]} />
      </span>
    </>
  );
}

interface DetailProps {
  contact: Contact;
  now: Date;
  onBack: () => void;
  onCopy: (text: string) => Promise<void>;
}

export function ContactDetail({ contact, now, onBack, onCopy }: DetailProps) {
  const role = [contact.job_title, contact.company].filter((part) => part !== null);
  return (
    <Panel label={contact.name} onBack={onBack}>
      <BackHeader title={null} label={t("backToContacts")} onBack={onBack}>
        {contact.hubspot_url !== null && (
          <a class="btn btn-second btn-sm" href={contact.hubspot_url} target="_blank" rel="noreferrer">
            {t("openInHubSpot")}
            <Icon name="external" size={14} />
          </a>
        )}
      </BackHeader>
      <div class="fill">
        <div class="person">
          <Avatar contact={contact} large />
          <div class="grow">
            <h1>
              <bdi>{contact.name}</bdi>
            </h1>
            <p>
              <Dotted words={role} />
            </p>
          </div>
        </div>
        <ul class="sec">
          {contact.phones.map((phone) => (
            <PhoneRow key={`${phone.kind} ${phone.raw}`} phone={phone} onCopy={onCopy} />
          ))}
          {contact.phones.length === 0 && <li class="kv k">{t("noPhone")}</li>}
        </ul>
        {contact.email !== null && (
          <ul class="sec">
            <EmailRow email={contact.email} onCopy={onCopy} />
          </ul>
        )}
      </div>
      <footer class="ftr">
        <Source contact={contact} now={now} />
      </footer>
    </Panel>
  );
}
