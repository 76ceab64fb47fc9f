/** What the main screen says of the state: a strip or the first sync's card above the list, the footer below it. */
import type { Run } from "../contract";
import { grouped, t } from "../i18n";
import { isActive, isShownOnPages } from "../run-facts";
import { ConnectionCard, type OnPage } from "./connection";
import { searchedCount } from "./contacts";
import type { PopupActions, PopupState } from "./popup-state";
import { footerFor, isFirstSync, stripFor } from "./status";
import { SearchFooter, StatusFooter, StatusStrip } from "./status-bar";
import type { Tab } from "./tabs";

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

interface ProblemProps {
  state: PopupState;
  actions: PopupActions;
  onProblems: () => void;
}

export function Problem({ state, actions, onProblems }: ProblemProps) {
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
    onProblems,
    onSync: () => void actions.sync("full", false),
  };
  return <StatusStrip strip={strip} problem={session.state === "signedIn" ? session.problem : null} on={on} />;
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
