/** Screens 2, 3 and 6: header, the strip if there is a problem, the two tabs, the footer. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { ContactListView } from "../contact-list";
import type { ContactRow, Phone, Run, SyncState } from "../contract";
import { grouped, t, tn } from "../i18n";
import { isActive, isShownOnPages } from "../run-facts";
import { Calls } from "./calls";
import { ConnectionCard, type OnPage } from "./connection";
import { ContactDetail, dialled } from "./contact-detail";
import { rowId } from "./contact-grid";
import { Contacts, searchedCount } from "./contacts";
import { Header } from "./header";
import { onAnyKey, onGridKey, onSearchKey, type Moves, type Place } from "./keyboard";
import type { PopupActions, PopupState } from "./popup-state";
import { actionWords } from "./sign-in-words";
import { footerFor, isFirstSync, stripFor } from "./status";
import { SearchFooter, StatusFooter, StatusStrip } from "./status-bar";
import { SyncDialog } from "./sync-dialog";

const SAID_MS = 2_000;

type Tab = "contacts" | "calls";

/** The run that pages can show: one that a person asked for or waits for, while it lasts. */
function pageRun({ sync }: PopupState): Run | null {
  const run = sync?.run ?? null;
  return run !== null && isActive(run) && isShownOnPages(run) ? run : null;
}

/** How the page under the popup takes part in the run. */
export function onPageOf(state: PopupState): OnPage {
  const { placement, tabId } = state;
  if (pageRun(state) === null || tabId === null) return "none";
  if (placement?.tabId === tabId) return "shown";
  return placement?.refusedTabId === tabId ? "refused" : "offer";
}

/** A word in the footer that goes away by itself. */
function useSaid(): [string | null, (words: string) => void] {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, setSaid];
}

/** The selected row; another list begins at its first. */
function useSelection({ epoch, page }: ContactListView): [number, (index: number) => void] {
  const [selection, setSelection] = useState({ epoch, index: 0 });
  const last = Math.max(0, (page?.total ?? 0) - 1);
  const index = selection.epoch === epoch ? Math.min(selection.index, last) : 0;
  return [index, (next) => setSelection({ epoch, index: next })];
}

function isSyncing(sync: SyncState | null): boolean {
  return sync !== null && sync.run !== null;
}

function Tabs({ tab, missed, onTab }: { tab: Tab; missed: number; onTab: (tab: Tab) => void }) {
  const tabs = [
    { name: "contacts" as const, words: t("contacts") },
    { name: "calls" as const, words: t("calls") },
  ];
  const other = tab === "contacts" ? "calls" : "contacts";
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label={t("views")}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        onTab(other);
        document.getElementById(`tab-${other}`)?.focus();
      }}
    >
      {tabs.map(({ name, words }) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls="view"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onTab(name)}
        >
          {words}
          {name === "calls" && missed > 0 && (
            <span class="count" role="img" aria-label={tn("missedCount", missed)}>
              {grouped(missed)}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

interface MainProps {
  state: PopupState;
  actions: PopupActions;
  /** Settings are open over it. */
  covered: boolean;
  onSettings: () => void;
}

function Problem({ state, actions }: { state: PopupState; actions: PopupActions }) {
  const { sync, session, now } = state;
  const strip = stripFor(state, now);
  const onPage = onPageOf(state);
  if (strip === null) {
    const run = isFirstSync(sync) ? (sync?.run ?? null) : null;
    if (sync === null || run === null) return null;
    return <ConnectionCard {...{ sync, run, now, onPage }} onShow={actions.showOnPage} />;
  }
  const on = {
    onTryNow: actions.tryNow,
    onReconnect: actions.authorize,
    onKeep: () => actions.keepRemoved(sync?.last_run?.id ?? 0),
    onRemove: () => void actions.sync("full", true),
    onSync: () => void actions.sync("full", false),
  };
  return <StatusStrip strip={strip} problem={session.state === "signedIn" ? session.problem : null} on={on} />;
}

interface Refs {
  input: { current: HTMLInputElement | null };
  grid: { current: HTMLDivElement | null };
}

interface Handlers {
  setTab: (tab: Tab) => void;
  select: (index: number) => void;
  say: (words: string) => void;
  openContact: (id: number) => void;
}

/** What the keys do on this screen. */
function movesOf(list: ContactListView, selected: number, actions: PopupActions, refs: Refs, on: Handlers): Moves {
  const row = (): ContactRow | undefined => list.rowAt(selected);
  const copyNumber = (phone: Phone): void =>
    void actions.copy(dialled(phone)).then(() => on.say(t("copiedNumber", { number: phone.display })));
  return {
    select: on.select,
    open: () => {
      const id = row()?.id;
      if (id !== undefined) on.openContact(id);
    },
    copy: () => {
      const phone = row()?.phone ?? null;
      if (phone !== null) copyNumber(phone);
    },
    search: (text) => {
      on.setTab("contacts");
      actions.search(text);
    },
    focusSearch: () => refs.input.current?.focus(),
  };
}

function placeOf(list: ContactListView, selected: number, { grid }: Refs): Place {
  return {
    selected,
    total: list.page?.total ?? 0,
    viewPx: grid.current?.clientHeight ?? 0,
    typed: list.typed,
    letters: list.page?.letters ?? [],
  };
}

/** The row that the search field's keys are on, while something is searched. */
function activeRow(tab: Tab, { selected, total, typed }: Place): string | undefined {
  return tab === "contacts" && typed !== "" && total > 0 ? rowId(selected) : undefined;
}

export function MainScreen({ state, actions, covered, onSettings }: MainProps) {
  const { sync, contacts: list, now } = state;
  const [tab, setTab] = useState<Tab>("contacts");
  const [dialog, setDialog] = useState(false);
  const [detail, setDetail] = useState(false);
  const [said, say] = useSaid();
  const [selected, select] = useSelection(list);
  const refs: Refs = { input: useRef<HTMLInputElement>(null), grid: useRef<HTMLDivElement>(null) };
  useEffect(() => refs.input.current?.focus(), []);

  const openContact = (id: number): void =>
    void actions.openContact(id).then((problem) => {
      setDetail(problem === null);
      if (problem !== null) say(problem === "refused" ? t("contactGone") : actionWords(problem));
    });
  const back = (): void => {
    setDetail(false);
    requestAnimationFrame(() => (refs.grid.current ?? refs.input.current)?.focus());
  };
  const place = placeOf(list, selected, refs);
  const moves = movesOf(list, selected, actions, refs, { setTab, select, say, openContact });
  const panel = detail ? state.contact : null;
  return (
    <>
      <div class="view" inert={covered || panel !== null} onKeyDown={(event) => onAnyKey(event, moves)}>
        <Header
          typed={list.typed}
          active={activeRow(tab, place)}
          inputRef={refs.input}
          onSearch={moves.search}
          onKey={(event) => onSearchKey(event, place, moves)}
          syncing={isSyncing(sync)}
          onSync={() => setDialog(sync !== null)}
          onSettings={onSettings}
        />
        <Problem state={state} actions={actions} />
        <Tabs tab={tab} missed={state.missed} onTab={setTab} />
        {tab === "contacts" ? (
          <Contacts
            {...{ list, sync, selected }}
            viewRef={refs.grid}
            onSelect={select}
            onFilter={actions.filter}
            onNeed={actions.need}
            onOpen={openContact}
            onKey={(event) => onGridKey(event, place, moves)}
          />
        ) : (
          <Calls
            {...{ calls: state.calls, now }}
            onShown={actions.openCalls}
            onMore={actions.moreCalls}
            onOpen={openContact}
          />
        )}
        <Foot {...{ state, said, tab, total: place.total }} onShow={actions.showOnPage} />
      </div>
      {panel !== null && <ContactDetail contact={panel} now={now} onBack={back} onCopy={actions.copy} />}
      {dialog && sync !== null && (
        <SyncDialog
          {...{ sync, now }}
          onClose={() => setDialog(false)}
          onSync={(kind) => actions.sync(kind, false)}
          onInterval={(interval_minutes) => actions.changeSettings({ interval_minutes })}
        />
      )}
    </>
  );
}

interface FootProps {
  state: PopupState;
  said: string | null;
  tab: Tab;
  total: number;
  onShow: () => void;
}

function Foot({ state, said, tab, total, onShow }: FootProps) {
  const { contacts: list, sync, now } = state;
  if (said === null && list.q !== "" && tab === "contacts" && total > 0) {
    return <SearchFooter found={t("foundOf", { found: grouped(total), all: grouped(searchedCount(list, sync)) })} />;
  }
  const footer = said === null ? footerFor(state, now) : { dot: "none" as const, words: [said] };
  // The card of the first sync has the offer already.
  const onPage = isFirstSync(sync) && stripFor(state, now) === null ? "none" : onPageOf(state);
  return (
    <>
      <StatusFooter footer={footer} onPage={onPage} onShow={onShow} />
      <span class="sr" role="status">
        {said}
      </span>
    </>
  );
}
