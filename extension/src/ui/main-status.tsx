/** What the main screen says of the state: a strip or the first sync's card above the list, the footer below it. */
import type { Account, Run } from "../contract";
import { grouped, t } from "../i18n";
import { isActive, isShownOnPages } from "../run-facts";
import { ConnectionCard, type OnPage } from "./connection";
import { searchedCount } from "./contacts";
import type { PopupActions, PopupState } from "./popup-state";
import { RestartStrip } from "./restart";
import { footerFor, isFirstSync, stripFor } from "./status";
import { SearchFooter, StatusFooter, StatusStrip } from "./status-bar";
import type { Tab } from "./tabs";

/** The run that pages can show: one that a person asked for or waits for, while it lasts. */
function pageRun({ sync }: PopupState): Run | null {
  const run = sync?.run ?? null;
  return run !== null && isActive(run) && isShownOnPages(run) ? run : null;
}

/** How the page under the popup takes part in the run. */
function onPageOf(state: PopupState): OnPage {
  const { placement, tabId } = state;
  if (pageRun(state) === null || tabId === null) return "none";
  if (placement?.tabId === tabId) return "shown";
  return placement?.refusedTabId === tabId ? "refused" : "offer";
}

interface ProblemProps {
  state: PopupState;
  actions: PopupActions;
  onProblems: () => void;
}

/** The card of the first sync; else, that an update waits. */
function NoProblem({ state, actions }: Omit<ProblemProps, "onProblems">) {
  const { sync } = state;
  const run = isFirstSync(sync) ? (sync?.run ?? null) : null;
  if (sync === null || run === null) {
    return state.restart === null ? null : <RestartStrip why={state.restart} onRestart={actions.restart} />;
  }
  return <ConnectionCard {...{ sync, run }} onPage={onPageOf(state)} onShow={actions.showOnPage} />;
}

export function Problem({ state, actions, onProblems }: ProblemProps) {
  const { sync, session, now } = state;
  // Whatever else could be said may be out of date.
  if (state.restart === "stuck") return <RestartStrip why="stuck" onRestart={actions.restart} />;
  const strip = stripFor(state, now);
  if (strip === null) return <NoProblem {...{ state, actions }} />;
  const on = {
    onTryNow: actions.tryNow,
    onReconnect: actions.authorize,
    onKeep: () => actions.keepRemoved(sync?.last_run?.id ?? 0),
    onRemove: () => void actions.sync("full", true),
    onProblems,
    onSync: () => void actions.sync("full", false),
    onResume: () => void actions.steer("resume"),
  };
  return <StatusStrip strip={strip} problem={session.state === "signedIn" ? session.problem : null} on={on} />;
}

/** The offer to show a run and the mark of a demo, where the card of the first sync does not have them already. */
function besideFooter(state: PopupState): { account: Account | null; onPage: OnPage } {
  const { sync, now } = state;
  if (sync === null || (isFirstSync(sync) && stripFor(state, now) === null)) return { account: null, onPage: "none" };
  return { account: sync.connection.account, onPage: onPageOf(state) };
}

interface FootProps {
  state: PopupState;
  said: string | null;
  tab: Tab;
  total: number;
  onShow: () => void;
}

export function Foot({ state, said, tab, total, onShow }: FootProps) {
  const { contacts: list, sync, now } = state;
  if (said === null && list.q !== "" && tab === "contacts" && total > 0) {
    return <SearchFooter found={t("foundOf", { found: grouped(total), all: grouped(searchedCount(list, sync)) })} />;
  }
  const footer = said === null ? footerFor(state, now) : { dot: "none" as const, words: [said] };
  return (
    <>
      <StatusFooter footer={footer} {...besideFooter(state)} onShow={onShow} />
      <span class="sr" role="status">
        {said}
      </span>
    </>
  );
}
