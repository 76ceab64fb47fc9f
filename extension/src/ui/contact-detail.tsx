/** Screen 4: one contact. */
import type { Call, CompanyLine, Contact, Owner, Phone } from "../contract";
import { t } from "../i18n";
import { iconOf, outcomeOf, resultOf } from "./call-lines";
import { Avatar } from "./contact-row";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { CopyButton, Dotted, HubBadge } from "./parts";
import { dayAndClock, updatedAgo } from "./wording";

type Line = Phone | CompanyLine;

const KIND: Record<Line["kind"], { label: () => string; copy: () => string }> = {
  phone: { label: () => t("phoneWork"), copy: () => t("copyWork") },
  mobile: { label: () => t("phoneMobile"), copy: () => t("copyMobile") },
  whatsapp: { label: () => t("phoneWhatsApp"), copy: () => t("copyWhatsApp") },
  company: { label: () => t("companyMainLine"), copy: () => t("copyCompany") },
};

/** What is put on the clipboard: the form every phone understands, if there is one. */
export function dialled(phone: Line): string {
  return phone.e164 ?? phone.raw;
}

function PhoneRow({ phone, onCopy }: { phone: Line; onCopy: (text: string) => Promise<void> }) {
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

function OwnerRow({ owner }: { owner: Owner }) {
  return (
    <li class="kv">
      <div class="grow">
        <div class="k">{t("ownerInHubSpot")}</div>
        <div class="v ell">
          <bdi>{owner.name}</bdi>
          {owner.is_me && <span class="ext"> · {t("ownerYou")}</span>}
        </div>
      </div>
    </li>
  );
}

function LastCallRow({ call, now }: { call: Call; now: Date }) {
  const outcome = outcomeOf(call, now);
  const icon = iconOf(call, outcome);
  return (
    <li class={outcome === "missed" ? "kv is-missed" : "kv"}>
      <div class="grow">
        <div class="k">{t("lastCall")}</div>
        <div class="v num ell">
          {dayAndClock(call.started_at, now)}
          <span class="ext"> · {resultOf(call, outcome)}</span>
        </div>
      </div>
      <span class="dir" role="img" aria-label={icon.label}>
        <Icon name={icon.name} />
      </span>
    </li>
  );
}

function Person({ contact }: { contact: Contact }) {
  const role = [contact.job_title, contact.company].filter((part) => part !== null);
  return (
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
  );
}

function Actions({ contact, onEdit, onDelete }: { contact: Contact; onEdit: () => void; onDelete: () => void }) {
  if (contact.source === "personal") {
    return (
      <div class="hdr-acts">
        <button type="button" class="btn btn-second btn-sm" onClick={onEdit}>
          {t("edit")}
        </button>
        <button type="button" class="btn btn-danger btn-sm" onClick={onDelete}>
          {t("delete")}
        </button>
      </div>
    );
  }
  if (contact.hubspot_url === null) return null;
  return (
    <a class="btn btn-second btn-sm" href={contact.hubspot_url} target="_blank" rel="noreferrer">
      {t("openInHubSpot")}
      <Icon name="external" size={14} />
    </a>
  );
}

interface DetailProps {
  contact: Contact;
  now: Date;
  onEdit: () => void;
  onDelete: () => void;
  onBack: () => void;
  onCopy: (text: string) => Promise<void>;
}

/** Their numbers, and their company's. */
function Lines({ contact, onCopy }: { contact: Contact; onCopy: DetailProps["onCopy"] }) {
  const { phones, company_line: companyLine } = contact;
  const lines: Line[] = companyLine ? [...phones, companyLine] : phones;
  return (
    <ul class="sec">
      {lines.map((line, place) => (
        // One field may hold two numbers: only the place tells them apart.
        <PhoneRow key={`${line.kind} ${place}`} phone={line} onCopy={onCopy} />
      ))}
      {lines.length === 0 && <li class="kv k">{t("noPhone")}</li>}
    </ul>
  );
}

function Facts({ contact, now, onCopy }: { contact: Contact; now: Date; onCopy: DetailProps["onCopy"] }) {
  const { email, owner, last_call: lastCall } = contact;
  if (!email && !owner && !lastCall) return null;
  return (
    <ul class="sec">
      {email && <EmailRow email={email} onCopy={onCopy} />}
      {owner && <OwnerRow owner={owner} />}
      {lastCall && <LastCallRow call={lastCall} now={now} />}
    </ul>
  );
}

export function ContactDetail({ contact, now, onEdit, onDelete, onBack, onCopy }: DetailProps) {
  return (
    <>
      <BackHeader title={null} label={t("backToContacts")} onBack={onBack}>
        <Actions {...{ contact, onEdit, onDelete }} />
      </BackHeader>
      <div class="fill">
        <Person contact={contact} />
        <Lines contact={contact} onCopy={onCopy} />
        <Facts {...{ contact, now, onCopy }} />
      </div>
      <footer class="ftr">
        <Source contact={contact} now={now} />
      </footer>
    </>
  );
}
