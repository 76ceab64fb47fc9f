/** What live calls and the history do on the main screen. */
import { useEffect } from "preact/hooks";

import type { ActionProblem } from "../errors";
import type { Wish } from "../protocol";
import type { CallRowActions } from "./call-row";
import type { CallerActions } from "./caller-card";
import type { Opener } from "./opened";
import type { PopupActions, PopupState } from "./popup-state";
import { actionWords } from "./sign-in-words";

interface Leads {
  say: (words: string) => void;
  /** Opens the form of a personal contact for the number. */
  add: (number: string) => void;
  /** Opens the search in HubSpot for the number. */
  searchHubSpot: (number: string) => void;
  openContact: (contactId: number) => void;
}

interface CallHandlers {
  card: CallerActions;
  rows: CallRowActions;
}

function callHandlers(actions: PopupActions, { say, add, searchHubSpot, openContact }: Leads): CallHandlers {
  const toldOf = async (outcome: Promise<ActionProblem | null>): Promise<boolean> => {
    const problem = await outcome;
    if (problem !== null) say(actionWords(problem));
    return problem === null;
  };
  const told = (outcome: Promise<ActionProblem | null>): void => void toldOf(outcome);
  return {
    card: {
      onOpen: (_, contactId) => told(actions.openInHubSpot(contactId)),
      onDismiss: ({ call_id: callId }) => actions.dismissCall(callId),
      onChoose: ({ number }, contactId) => told(actions.chooseCaller(number, contactId)),
      onAdd: ({ caller }) => add(caller.e164 ?? caller.number),
      onSearch: ({ caller }) => searchHubSpot(caller.e164 ?? caller.number),
    },
    rows: {
      onOpen: openContact,
      onAdd: add,
      onSearch: searchHubSpot,
      onChoose: (number, contactId) => toldOf(actions.chooseCaller(number, contactId)),
    },
  };
}

const WISH_FRESH_MS = 60_000;

/** Not in a window that happens to be opened much later. */
export function isFresh({ at }: Wish, now: Date): boolean {
  return now.getTime() - new Date(at).getTime() <= WISH_FRESH_MS;
}

/** Does what was asked for on a page, once. */
function useWish(wish: Wish | null, { wishTaken }: PopupActions, { add, searchHubSpot }: Leads): void {
  useEffect(() => {
    if (wish === null) return;
    wishTaken();
    if (!isFresh(wish, new Date())) return;
    if (wish.kind === "add") add(wish.number);
    else searchHubSpot(wish.number);
  }, [wish]);
}

export function useCallHandlers(
  state: PopupState,
  actions: PopupActions,
  { add, searchHubSpot, openContact }: Opener,
  say: (words: string) => void,
): CallHandlers {
  const leads = {
    say,
    openContact,
    add: (number: string) => add({ number }),
    searchHubSpot: (number: string) => searchHubSpot(number, { number }),
  };
  useWish(state.wish, actions, leads);
  return callHandlers(actions, leads);
}
