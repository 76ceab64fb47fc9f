/** The Contacts tab: filter chips with their counts, and the list or why there is none. */
import type { ContactListView } from "../contact-list";
import type { SourceFilter, SyncState } from "../contract";
import { grouped, t } from "../i18n";
import { AddButton } from "./add-button";
import { ContactGrid, GhostGrid } from "./contact-grid";
import { Icon } from "./icons";
import { Chips, Empty } from "./parts";
import type { Prefill } from "./personal";

const SOURCES: readonly { value: SourceFilter; words: () => string }[] = [
  { value: "all", words: () => t("all") },
  { value: "hubspot", words: () => t("hubSpot") },
  { value: "personal", words: () => t("personal") },
];

type OnAdd = (prefill: Prefill) => void;

interface NoMatchProps {
  list: ContactListView;
  searched: number;
  onAdd: OnAdd;
  onSearchHubSpot: (text: string, prefill: Prefill) => void;
}

function NoMatch({ list, searched, onAdd, onSearchHubSpot }: NoMatchProps) {
  const number = list.page?.searched_as ?? null;
  const count = grouped(searched);
  const prefill = number === null ? { name: list.q } : { number: number.e164 };
  const title = number === null ? t("noMatch") : t("noNumberMatch");
  const detail =
    number === null ? t("searchedContacts", { count }) : t("searchedAs", { count, number: number.display });
  return (
    <Empty icon="search" title={title} detail={detail}>
      <button type="button" class="btn btn-second" onClick={() => onSearchHubSpot(number?.e164 ?? list.q, prefill)}>
        <Icon name="search" size={16} />
        {t("searchHubSpot")}
      </button>
      <AddButton onAdd={() => onAdd(prefill)}>{t("addContact")}</AddButton>
    </Empty>
  );
}

interface NoContactsProps {
  list: ContactListView;
  sync: SyncState | null;
  onAdd: OnAdd;
  onSync: () => void;
}

function NoContacts({ list, sync, onAdd, onSync }: NoContactsProps) {
  if (list.source === "personal") {
    return (
      <Empty icon="user" title={t("noPersonal")} detail={null}>
        <AddButton onAdd={() => onAdd({})}>{t("addPersonalContact")}</AddButton>
      </Empty>
    );
  }
  if (sync === null || sync.run !== null || sync.last_synced_at === null) {
    const coming = sync === null || sync.run !== null;
    return <Empty icon="users" title={t("noneYet")} detail={coming ? t("noneYetDetail") : null} />;
  }
  return (
    <Empty icon="users" title={t("noneInHubSpot")} detail={t("noneInHubSpotDetail")}>
      <button type="button" class="btn btn-second" onClick={onSync}>
        <Icon name="sync" size={16} />
        {t("syncNow")}
      </button>
    </Empty>
  );
}

/** How many contacts a search with this filter goes through. */
export function searchedCount(list: ContactListView, sync: SyncState | null): number {
  return sync?.counts[list.source] ?? 0;
}

interface ContactsProps {
  list: ContactListView;
  sync: SyncState | null;
  selected: number;
  onSelect: (index: number) => void;
  onFilter: (source: SourceFilter) => void;
  onNeed: (first: number, last: number) => void;
  onOpen: (contactId: number) => void;
  onCall: (number: string) => void;
  onAdd: OnAdd;
  onSearchHubSpot: (text: string, prefill: Prefill) => void;
  /** Looks for what changed at HubSpot. */
  onSync: () => void;
  onKey: (event: KeyboardEvent) => void;
  viewRef: { current: HTMLDivElement | null };
}

/** The list, what stands in for it until it comes, or why there is none. */
function Body({ list, sync, onAdd, onSync, onSearchHubSpot, ...grid }: Omit<ContactsProps, "onFilter">) {
  if (list.page === null) return <GhostGrid />;
  if (list.page.total > 0) return <ContactGrid list={list} {...grid} />;
  if (list.q !== "") return <NoMatch {...{ list, onAdd, onSearchHubSpot }} searched={searchedCount(list, sync)} />;
  return <NoContacts {...{ list, sync, onAdd, onSync }} />;
}

/** Filters that would all be of nothing are left out. */
function findsNobody({ q, page }: ContactListView): boolean {
  return q !== "" && page?.counts.all === 0;
}

export function Contacts({ onFilter, ...body }: ContactsProps) {
  const { source, page } = body.list;
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("contacts")}>
      {!findsNobody(body.list) && (
        <Chips options={SOURCES} value={source} counts={page?.counts ?? null} onPick={onFilter} />
      )}
      <Body {...body} />
    </div>
  );
}
