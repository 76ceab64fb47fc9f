/** The Contacts tab: filter chips with their counts, and the list or why there is none. */
import type { ContactListView } from "../contact-list";
import type { SourceFilter, SyncState } from "../contract";
import { grouped, t } from "../i18n";
import { ContactGrid, GhostGrid } from "./contact-grid";
import { Icon, type IconName } from "./icons";

const SOURCES: readonly { source: SourceFilter; words: () => string }[] = [
  { source: "all", words: () => t("all") },
  { source: "hubspot", words: () => t("hubSpot") },
  { source: "personal", words: () => t("personal") },
];

interface ChipsProps {
  list: ContactListView;
  onFilter: (source: SourceFilter) => void;
}

function Chips({ list, onFilter }: ChipsProps) {
  return (
    <div class="chips" role="group" aria-label={t("filter")}>
      {SOURCES.map(({ source, words }) => (
        <button
          key={source}
          type="button"
          class="chip"
          aria-pressed={source === list.source}
          onClick={() => onFilter(source)}
        >
          {words()} {list.page !== null && <span class="num">{grouped(list.page.counts[source])}</span>}
        </button>
      ))}
    </div>
  );
}

function Empty({ icon, title, detail }: { icon: IconName; title: string; detail: string | null }) {
  return (
    <div class="empty" role="status">
      <Icon name={icon} size={24} />
      <h1>{title}</h1>
      {detail !== null && <p>{detail}</p>}
    </div>
  );
}

function NoMatch({ list, searched }: { list: ContactListView; searched: number }) {
  const number = list.page?.searched_as ?? null;
  const count = grouped(searched);
  if (number === null) return <Empty icon="search" title={t("noMatch")} detail={t("searchedContacts", { count })} />;
  return <Empty icon="search" title={t("noNumberMatch")} detail={t("searchedAs", { count, number: number.display })} />;
}

function NoContacts({ list, sync }: { list: ContactListView; sync: SyncState | null }) {
  if (list.source === "personal") return <Empty icon="user" title={t("noPersonal")} detail={null} />;
  if (sync === null || sync.run !== null || sync.last_synced_at === null) {
    return <Empty icon="users" title={t("noneYet")} detail={t("noneYetDetail")} />;
  }
  return <Empty icon="users" title={t("noneInHubSpot")} detail={null} />;
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
  onKey: (event: KeyboardEvent) => void;
  viewRef: { current: HTMLDivElement | null };
}

/** The list, what stands in for it until it comes, or why there is none. */
function Body({ list, sync, ...grid }: Omit<ContactsProps, "onFilter">) {
  if (list.page === null) return <GhostGrid />;
  if (list.page.total > 0) return <ContactGrid list={list} {...grid} />;
  if (list.q !== "") return <NoMatch list={list} searched={searchedCount(list, sync)} />;
  return <NoContacts list={list} sync={sync} />;
}

export function Contacts({ onFilter, ...body }: ContactsProps) {
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("contacts")}>
      <Chips list={body.list} onFilter={onFilter} />
      <Body {...body} />
    </div>
  );
}
