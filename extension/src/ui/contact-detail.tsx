/** One contact, opened. */
import type { Call, Contact, Owner } from "../contract";
import { t } from "../i18n";
import { iconOf, outcomeOf, resultOf } from "./call-lines";
import { Avatar } from "./contact-row";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { CallButton, CopyButton, Dotted, HubBadge } from "./parts";
import { dialled, PHONE_WORDS, type Line } from "./phone-words";
import { dayAndClock, updatedAgo } from "./wording";

interface Uses {
  onCopy: (text: string) => Promise<void>;
  onCall: (number: string) => void;
}

function PhoneRow({ phone, onCopy, onCall }: Uses & { phone: Line }) {
  const words = PHONE_WORDS[phone.kind];
  return (
    <li class="kv">
      <div class="grow">
        <div class="k">{words.label()}</div>
        <div class="v tel ell">
          {phone.display}
          {phone.extension !== null && <span class="ext"> {t("extension", { number: phone.extension })}</span>}
        </div>
      </div>
      <div class="acts">
        <CopyButton label={words.copy()} text={dialled(phone)} onCopy={onCopy} />
        <CallButton label={words.call()} number={dialled(phone)} onCall={onCall} />
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
  const outcome = outcomeOf(call);
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
      <Avatar contact={contact} size="xl" />
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

interface DetailProps extends Uses {
  contact: Contact;
  now: Date;
  onEdit: () => void;
  onDelete: () => void;
  onBack: () => void;
}

/** Their numbers, and their company's. */
function Lines({ contact, ...uses }: Uses & { contact: Contact }) {
  const { phones, company_line: companyLine } = contact;
  const lines: Line[] = companyLine ? [...phones, companyLine] : phones;
  return (
    <ul class="sec">
      {lines.map((line, place) => (
        // One field may hold two numbers: only the place tells them apart.
        <PhoneRow key={`${line.kind} ${place}`} phone={line} {...uses} />
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

export function ContactDetail({ contact, now, onEdit, onDelete, onBack, onCopy, onCall }: DetailProps) {
  return (
    <>
      <BackHeader title={null} label={t("backToContacts")} onBack={onBack}>
        <Actions {...{ contact, onEdit, onDelete }} />
      </BackHeader>
      <div class="fill">
        <Person contact={contact} />
        <Lines {...{ contact, onCopy, onCall }} />
        <Facts {...{ contact, now, onCopy }} />
      </div>
      <footer class="ftr">
        <Source contact={contact} now={now} />
      </footer>
    </>
  );
}
