/** A contact in a list: avatar, HubSpot badge, name, company and number, with what was searched marked. */
import type { ContactRow } from "../contract";
import { t } from "../i18n";
import { matchIn } from "./matching";
import { dialled } from "./phone-words";
import { CallButton, HubBadge, Sep } from "./parts";
import { Told } from "./told";

const TINTS = 6;

/** Consecutive ids get tints in no visible order (Knuth's multiplicative hash). */
export function tintOf(id: number): number {
  return ((Math.imul(id, 2_654_435_761) >>> 16) % TINTS) + 1;
}

/** The first letters of first and last name; a number or a sign has none. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s@]+/u).filter((word) => /^\p{L}/u.test(word));
  const [first] = words;
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letters = [first, last].map((word) => (word === undefined ? "" : ([...word][0] ?? "")));
  return letters.join("").toLocaleUpperCase() || "#";
}

type Face = Pick<ContactRow, "id" | "name" | "source">;

/** 36 px, 48 ("lg") or 56 ("xl"). */
export function Avatar({ contact, size }: { contact: Face; size?: "lg" | "xl" }) {
  return (
    <span class={`av av-${tintOf(contact.id)}${size === undefined ? "" : ` av-${size}`}`} aria-hidden="true">
      <Told>{initialsOf(contact.name)}</Told>
      {contact.source === "hubspot" && <HubBadge />}
    </span>
  );
}

export function Marked({ text, q }: { text: string; q: string }) {
  const match = matchIn(text, q);
  if (match === null) return text;
  return (
    <>
      {text.slice(0, match.from)}
      <mark>{text.slice(match.from, match.to)}</mark>
      {text.slice(match.to)}
    </>
  );
}

/** What stands before the number: the company, else what else is known. */
function companyLine(contact: ContactRow): string | null {
  if (contact.company !== null) return contact.company;
  return contact.source === "personal" ? t("personal") : contact.job_title;
}

interface RowProps {
  contact: ContactRow;
  id: string;
  index: number;
  top: number;
  selected: boolean;
  q: string;
  onOpen: () => void;
  onCall: (number: string) => void;
}

/** Company and number; the company gives way. */
function SecondLine({ contact, q }: { contact: ContactRow; q: string }) {
  const company = companyLine(contact);
  return (
    <div class="meta">
      {company !== null && (
        <span class="ell">
          <Marked text={company} q={q} />
        </span>
      )}
      {company !== null && contact.phone !== null && <Sep />}
      {company === null && contact.phone === null && <span>{t("noPhone")}</span>}
      {contact.phone !== null && (
        <span class="tel">
          <Marked text={contact.phone.display} q={q} />
        </span>
      )}
    </div>
  );
}

export function Row({ contact, id, index, top, selected, q, onOpen, onCall }: RowProps) {
  return (
    <div
      class="row"
      role="row"
      id={id}
      aria-rowindex={index + 1}
      aria-selected={selected}
      style={{ top: `${top}px` }}
      onClick={onOpen}
    >
      <Avatar contact={contact} />
      <div class="body" role="gridcell">
        <div class="name ell" title={contact.name}>
          <bdi>
            <Marked text={contact.name} q={q} />
          </bdi>
          <span class="sr">{contact.source === "hubspot" ? t("rowFromHubSpot") : t("rowPersonal")}</span>
        </div>
        <SecondLine {...{ contact, q }} />
      </div>
      {contact.phone !== null && (
        <div role="gridcell" class="row-call">
          <CallButton
            label={t("callName", { name: contact.name })}
            number={dialled(contact.phone)}
            skipped={!selected}
            onCall={onCall}
          />
        </div>
      )}
    </div>
  );
}

/** Stands in for a row that is on its way. */
export function GhostRow({ top, index }: { top: number; index: number }) {
  return (
    <div class="row" role="row" aria-rowindex={index + 1} aria-busy="true" style={{ top: `${top}px` }}>
      <span class="av av-ghost" />
      <div class="body" role="gridcell" aria-label={t("asking")}>
        <div class="ghost" style={{ width: `${96 + ((index * 37) % 72)}px` }} />
        <div class="ghost" style={{ width: `${140 + ((index * 53) % 64)}px` }} />
      </div>
    </div>
  );
}
