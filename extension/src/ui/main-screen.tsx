/** Screens 2, 3 and 6: header, the strip if there is a problem, the two tabs, the footer; and what opens over them. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { ContactListView } from "../contact-list";
import type { ContactRow, Phone } from "../contract";
import { t } from "../i18n";
import { Calls } from "./calls";
import { dialled } from "./contact-detail";
import { ContactForm } from "./contact-form";
import { rowId } from "./contact-grid";
import { ContactPanel } from "./contact-panel";
import { Contacts } from "./contacts";
import { Header } from "./header";
import { onAnyKey, onGridKey, onSearchKey, type Moves, type Place } from "./keyboard";
import { Foot, Problem } from "./main-status";
import { useReturn } from "./panel";
import type { Prefill } from "./personal";
import type { PopupActions, PopupState } from "./popup-state";
import { Problems } from "./problems";
import { actionWords } from "./sign-in-words";
import { SyncDialog } from "./sync-dialog";
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

/** What is open over the main screen. */
type Over = { kind: "contact" } | { kind: "add"; prefill: Prefill } | { kind: "problems" };

interface OverProps {
  over: Over | null;
  state: PopupState;
  actions: PopupActions;
  onBack: () => void;
  onSay: (words: string) => void;
}

function Opened({ over, state, actions, onBack, onSay }: OverProps) {
  const { contact, now } = state;
  switch (over?.kind) {
    case "contact":
      return contact === null ? null : <ContactPanel key={contact.id} {...{ contact, now, actions, onBack, onSay }} />;
    case "add":
      return (
        <ContactForm
          contact={null}
          prefill={over.prefill}
          onSave={actions.saveContact}
          onSaved={() => {
            onSay(t("contactSaved"));
            onBack();
          }}
          onBack={onBack}
        />
      );
    case "problems":
      return <Problems page={state.problems} sync={state.sync} now={now} onBack={onBack} />;
    case undefined:
      return null;
  }
}

/** Opening and leaving what lies over the main screen; the focus comes back to where it was. */
function useOver(state: PopupState, actions: PopupActions, refs: Refs, say: (words: string) => void) {
  const [over, setOver] = useState<Over | null>(null);
  const { leave, comeBack } = useReturn(() => refs.grid.current ?? refs.input.current);
  const open = (next: Over): void => {
    leave();
    setOver(next);
  };
  return {
    over: over?.kind === "contact" && state.contact === null ? null : over,
    back: () => {
      setOver(null);
      comeBack();
    },
    add: (prefill: Prefill) => open({ kind: "add", prefill }),
    openContact: (id: number) =>
      void actions.openContact(id).then((problem) => {
        if (problem === null) open({ kind: "contact" });
        else say(actionWords(problem));
      }),
    openProblems: () => {
      open({ kind: "problems" });
      void actions.openProblems().then((problem) => {
        if (problem !== null) say(actionWords(problem));
      });
    },
  };
}

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
  const { over, back, add, openContact, openProblems } = useOver(state, actions, refs, say);
  const isEmpty = list.page?.total === 0;
  // At the start, and when the list that had the focus is gone: keys that nothing has the focus for are lost.
  useEffect(() => {
    if (over === null && !covered && document.activeElement === document.body) refs.input.current?.focus();
  }, [isEmpty]);

  const place = placeOf(list, selected, refs);
  const moves = movesOf(list, selected, actions, refs, { setTab, select, say, openContact });
  return (
    <>
      <div class="view" inert={covered || over !== null} onKeyDown={(event) => onAnyKey(event, moves)}>
        <Header
          typed={list.typed}
          active={activeRow(tab, place)}
          inputRef={refs.input}
          onSearch={moves.search}
          onKey={(event) => onSearchKey(event, place, moves)}
          syncing={sync !== null && sync.run !== null}
          onSync={() => setDialog(sync !== null)}
          onAdd={() => add({})}
          onSettings={onSettings}
        />
        <Problem state={state} actions={actions} onProblems={openProblems} />
        <Tabs tab={tab} missed={state.missed} onTab={setTab} />
        {tab === "contacts" ? (
          <Contacts
            {...{ list, sync, selected }}
            viewRef={refs.grid}
            onSelect={select}
            onFilter={actions.filter}
            onNeed={actions.need}
            onOpen={openContact}
            onAdd={add}
            onKey={(event) => onGridKey(event, place, moves)}
          />
        ) : (
          <Calls
            {...{ list: state.calls, now }}
            onShown={actions.openCalls}
            onFilter={actions.filterCalls}
            onOlder={actions.olderCalls}
            onOpen={openContact}
            onAdd={(number) => add({ number })}
          />
        )}
        <Foot {...{ state, said, tab, total: place.total }} onShow={actions.showOnPage} />
      </div>
      <Opened {...{ over, state, actions }} onBack={back} onSay={say} />
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
