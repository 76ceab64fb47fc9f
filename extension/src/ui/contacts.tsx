/** The Contacts tab: filter chips with their counts, and the list or why there is none. */
import type { ComponentChildren } from "preact";

import type { ContactListView } from "../contact-list";
import type { SourceFilter, SyncState } from "../contract";
import { grouped, t } from "../i18n";
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

function AddButton({ onAdd, children }: { onAdd: () => void; children: ComponentChildren }) {
  return (
    <button type="button" class="btn btn-second" onClick={onAdd}>
      <Icon name="user-plus" size={16} />
      {children}
    </button>
  );
}

function NoMatch({ list, searched, onAdd }: { list: ContactListView; searched: number; onAdd: OnAdd }) {
  const number = list.page?.searched_as ?? null;
  const count = grouped(searched);
  const prefill = number === null ? { name: list.q } : { number: number.e164 };
  const add = <AddButton onAdd={() => onAdd(prefill)}>{t("addContact")}</AddButton>;
  if (number === null) {
    return (
      <Empty icon="search" title={t("noMatch")} detail={t("searchedContacts", { count })}>
        {add}
      </Empty>
    );
  }
  return (
    <Empty icon="search" title={t("noNumberMatch")} detail={t("searchedAs", { count, number: number.display })}>
      {add}
    </Empty>
  );
}

function NoContacts({ list, sync, onAdd }: { list: ContactListView; sync: SyncState | null; onAdd: OnAdd }) {
  if (list.source === "personal") {
    return (
      <Empty icon="user" title={t("noPersonal")} detail={null}>
        <AddButton onAdd={() => onAdd({})}>{t("addPersonalContact")}</AddButton>
      </Empty>
    );
  }
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
  onAdd: OnAdd;
  onKey: (event: KeyboardEvent) => void;
  viewRef: { current: HTMLDivElement | null };
}

/** The list, what stands in for it until it comes, or why there is none. */
function Body({ list, sync, onAdd, ...grid }: Omit<ContactsProps, "onFilter">) {
  if (list.page === null) return <GhostGrid />;
  if (list.page.total > 0) return <ContactGrid list={list} {...grid} />;
  if (list.q !== "") return <NoMatch list={list} searched={searchedCount(list, sync)} onAdd={onAdd} />;
  return <NoContacts list={list} sync={sync} onAdd={onAdd} />;
}

export function Contacts({ onFilter, ...body }: ContactsProps) {
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("contacts")}>
      <Chips options={SOURCES} value={body.list.source} counts={body.list.page?.counts ?? null} onPick={onFilter} />
      <Body {...body} />
    </div>
  );
}
