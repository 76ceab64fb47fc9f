/** What a signed-in person sees: header, the strip if there is a problem, the two tabs, the footer; and what opens over them. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { ContactListView } from "../contact-list";
import type { ContactRow, Phone } from "../contract";
import { t } from "../i18n";
import { isPaused } from "../run-facts";
import { useCallHandlers } from "./call-handlers";
import { CallsTab } from "./calls";
import { rowId } from "./contact-grid";
import { Contacts } from "./contacts";
import { Header } from "./header";
import { onAnyKey, onGridKey, onSearchKey, type Moves, type Place } from "./keyboard";
import { SyncDialog } from "./later";
import { LiveCalls } from "./live-calls";
import { Foot, Problem } from "./main-status";
import { Opened, useOpened } from "./opened";
import { isBeside } from "./panel";
import { dialled } from "./phone-words";
import type { PopupActions, PopupState } from "./popup-state";
import { actionWords } from "./sign-in-words";
import { Tabs, type Tab } from "./tabs";

const SAID_MS = 2_000;

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

interface Refs {
  input: { current: HTMLInputElement | null };
  grid: { current: HTMLDivElement | null };
}

interface Handlers {
  tab: Tab;
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
      if (on.tab === "calls") actions.searchCalls(text);
      else actions.search(text);
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

/** Where no phone is set up there is none to open. */
function openerOf({ phone }: PopupState, { openPhone }: PopupActions): (() => void) | undefined {
  return phone.address === "" ? undefined : openPhone;
}

/** The field searches what is in view. */
function searched(tab: Tab, { calls, contacts }: PopupState): { typed: string; label: string } {
  return tab === "calls"
    ? { typed: calls.q, label: t("searchCalls") }
    : { typed: contacts.typed, label: t("searchContacts") };
}

/** Beside what is open the list stays in use. */
const isOutOfReach = (covered: boolean): boolean => covered && !isBeside();

interface MainProps {
  state: PopupState;
  actions: PopupActions;
  /** Settings are open over it. */
  covered: boolean;
  onSettings: () => void;
}

export function MainScreen({ state, actions, covered, onSettings }: MainProps) {
  const { sync, contacts: list, now } = state;
  const [tab, setTab] = useState<Tab>("contacts");
  const [dialog, setDialog] = useState(false);
  const [said, say] = useSaid();
  const [selected, select] = useSelection(list);
  const refs: Refs = { input: useRef<HTMLInputElement>(null), grid: useRef<HTMLDivElement>(null) };
  const opening = useOpened(actions, () => refs.grid.current ?? refs.input.current, say);
  const { add, openContact, openProblems, searchHubSpot } = opening;
  const isCovered = covered || opening.stack.length > 0;
  const isEmpty = list.page?.total === 0;
  // At the start, and when the list that had the focus is gone: keys that nothing has the focus for are lost.
  useEffect(() => {
    if (!isCovered && document.activeElement === document.body) refs.input.current?.focus();
  }, [isEmpty]);

  const place = placeOf(list, selected, refs);
  const onCalls = useCallHandlers(state, actions, opening, say);
  const moves = movesOf(list, selected, actions, refs, { tab, select, say, openContact });
  return (
    <>
      <div class="view" inert={isOutOfReach(isCovered)} onKeyDown={(event) => onAnyKey(event, place, moves)}>
        <Header
          {...searched(tab, state)}
          active={activeRow(tab, place)}
          inputRef={refs.input}
          onSearch={moves.search}
          onKey={(event) => onSearchKey(event, place, moves)}
          syncing={sync !== null && sync.run !== null && !isPaused(sync.run)}
          onSync={() => setDialog(sync !== null)}
          onAdd={() => add({})}
          onPhone={openerOf(state, actions)}
          onPanel={actions.openPanel}
          onSettings={onSettings}
        />
        <Problem state={state} actions={actions} onProblems={openProblems} />
        <LiveCalls state={state} actions={onCalls.card} />
        <Tabs tab={tab} missed={state.missed} onTab={setTab} />
        {tab === "contacts" ? (
          <Contacts
            {...{ list, sync, selected }}
            viewRef={refs.grid}
            onSelect={select}
            onFilter={actions.filter}
            onNeed={actions.need}
            onOpen={openContact}
            onCall={actions.dial}
            onAdd={add}
            onSearchHubSpot={searchHubSpot}
            onSync={() =>
              void actions.sync("recent", false).then((problem) => problem !== null && say(actionWords(problem)))
            }
            onKey={(event) => onGridKey(event, place, moves)}
          />
        ) : (
          <CallsTab {...{ state, actions }} rows={onCalls.rows} />
        )}
        <Foot {...{ state, said, tab, total: place.total }} onShow={actions.showOnPage} />
      </div>
      <Opened {...{ opening, state, actions }} onSay={say} />
      {dialog && sync !== null && (
        <SyncDialog
          {...{ sync, now }}
          onClose={() => setDialog(false)}
          onSync={(kind) => actions.sync(kind, false)}
          onSteer={actions.steer}
          onProblems={() => {
            setDialog(false);
            openProblems();
          }}
          onInterval={(interval_minutes) => actions.changeSettings({ interval_minutes })}
        />
      )}
    </>
  );
}
