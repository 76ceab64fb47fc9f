/** What opens over the main screen, one over the other: a contact, the form of a new one, a search at HubSpot, what could not be read. */
import { useState } from "preact/hooks";

import type { ActionProblem } from "../errors";
import { t } from "../i18n";
import { ContactPanel } from "./contact-panel";
import { ContactForm, HubSpotSearchPanel, Problems } from "./later";
import { useReturn } from "./panel";
import type { Prefill } from "./personal";
import type { PopupActions, PopupState } from "./popup-state";
import { actionWords } from "./sign-in-words";

type Over =
  | { kind: "contact" }
  | { kind: "add"; prefill: Prefill }
  /** `prefill` is for whom nobody knows. */
  | { kind: "hubspot"; prefill: Prefill }
  | { kind: "problems" };

export interface Opener {
  openContact: (id: number) => void;
  add: (prefill: Prefill) => void;
  searchHubSpot: (text: string, prefill: Prefill) => void;
  openProblems: () => void;
}

interface Opening extends Opener {
  /** The lowest first. */
  stack: readonly Over[];
  back: () => void;
  /** Back to the main screen. */
  close: () => void;
}

/** Opening and leaving; the focus comes back to where it was. */
export function useOpened(
  actions: PopupActions,
  fallback: () => HTMLElement | null,
  say: (words: string) => void,
): Opening {
  const [stack, setStack] = useState<readonly Over[]>([]);
  const { leave, comeBack } = useReturn(fallback);
  const open = (next: Over): void => {
    setStack((before) => {
      // Beside the list, and with a second click in passing, one contact takes the other's place.
      if (next.kind === "contact" && before.at(-1)?.kind === "contact") return before;
      leave();
      return [...before, next];
    });
  };
  const told = (problem: ActionProblem | null): void => {
    if (problem !== null) say(actionWords(problem));
  };
  return {
    stack,
    back: () => {
      setStack((before) => before.slice(0, -1));
      comeBack();
    },
    close: () => {
      for (const _ of stack) comeBack();
      setStack([]);
    },
    add: (prefill) => open({ kind: "add", prefill }),
    searchHubSpot: (text, prefill) => {
      actions.searchHubSpot(text);
      open({ kind: "hubspot", prefill });
    },
    openContact: (id) =>
      void actions.openContact(id).then((problem) => {
        if (problem === null) open({ kind: "contact" });
        else told(problem);
      }),
    openProblems: () => {
      open({ kind: "problems" });
      void actions.openProblems().then(told);
    },
  };
}

interface OpenedProps {
  opening: Opening;
  state: PopupState;
  actions: PopupActions;
  onSay: (words: string) => void;
}

export function Opened({ opening, ...rest }: OpenedProps) {
  return opening.stack.map((over, level) => (
    <One key={level} {...{ over, opening, ...rest }} covered={level < opening.stack.length - 1} />
  ));
}

function One({ over, ...props }: OpenedProps & { over: Over; covered: boolean }) {
  const { opening, state, actions, covered, onSay } = props;
  const { contact, now } = state;
  switch (over.kind) {
    case "contact":
      if (contact === null) return null;
      return <ContactPanel key={contact.id} {...{ contact, now, actions, onSay }} onBack={opening.back} />;
    case "add":
      return <Added {...{ opening, actions, onSay }} prefill={over.prefill} />;
    case "hubspot":
      return <Searched {...{ opening, state, actions, covered }} prefill={over.prefill} />;
    case "problems":
      return <Problems page={state.problems} sync={state.sync} now={now} onBack={opening.back} />;
  }
}

type AddedProps = Omit<OpenedProps, "state"> & { prefill: Prefill };

function Added({ opening, actions, onSay, prefill }: AddedProps) {
  return (
    <ContactForm
      contact={null}
      prefill={prefill}
      onSave={actions.saveContact}
      onSaved={() => {
        onSay(t("contactSaved"));
        opening.close();
      }}
      onBack={opening.back}
    />
  );
}

type SearchedProps = Omit<OpenedProps, "onSay"> & { prefill: Prefill; covered: boolean };

function Searched({ opening, state, actions, prefill, covered }: SearchedProps) {
  const { hubSpot, now } = state;
  if (hubSpot === null) return null;
  return (
    <HubSpotSearchPanel
      search={hubSpot}
      {...{ now, covered }}
      onAgain={() => actions.searchHubSpot(hubSpot.text)}
      onReconnect={actions.authorize}
      onOpen={opening.openContact}
      onAdd={() => opening.add(prefill)}
      onBack={opening.back}
    />
  );
}
