/** The Calls tab: what rang and who it was, by day; all of it, the missed, or the unknown. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { CallListView } from "../call-list";
import type { CallFilter } from "../contract";
import { t, tn } from "../i18n";
import { byDay } from "./call-lines";
import { CallRow, type CallRowActions } from "./call-row";
import { QuietNote } from "./call-settings";
import { Chips, Empty } from "./parts";
import type { PopupActions, PopupState } from "./popup-state";

const FILTERS: readonly { value: CallFilter; words: () => string; none: () => string }[] = [
  { value: "all", words: () => t("all"), none: () => t("noCalls") },
  { value: "missed", words: () => t("callMissed"), none: () => t("noMissedCalls") },
  { value: "unknown", words: () => t("callUnknown"), none: () => t("noUnknownCalls") },
];

/** Older calls are asked for this far before the end comes into view. */
const AHEAD_PX = 300;

interface CallsProps extends CallRowActions {
  list: CallListView;
  now: Date;
  /** What is said over the list. */
  note: ComponentChildren;
  onShown: () => void;
  onFilter: (filter: CallFilter) => void;
  onOlder: () => void;
}

type ListProps = Omit<CallsProps, "note" | "onShown" | "onFilter">;

function Days({ list, now, onOlder, ...actions }: ListProps) {
  const view = useRef<HTMLDivElement>(null);
  const calls = list.calls ?? [];
  const askAhead = (): void => {
    const box = view.current;
    if (box !== null && list.more && box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD_PX) onOlder();
  };
  // A first page that does not fill the view cannot be scrolled.
  useLayoutEffect(askAhead, [list.calls]);
  return (
    <div class="fill" ref={view} tabIndex={-1} onScroll={askAhead}>
      {byDay(calls, now).map(({ day, calls: some }) => (
        <section key={day} aria-label={day}>
          <h2 class="letter letter-day">
            <span>{day}</span>
            <span class="num">{tn("callCount", some.length)}</span>
          </h2>
          <ul>
            {some.map((call) => (
              <CallRow key={call.id} {...{ call, now }} {...actions} />
            ))}
          </ul>
        </section>
      ))}
      {list.more && <p class="older">{t("olderCalls")}</p>}
    </div>
  );
}

function None({ filter, q }: { filter: CallFilter; q: string }) {
  if (q !== "") return <Empty icon="search" title={t("noCallFound")} detail={null} />;
  const none = FILTERS.find(({ value }) => value === filter);
  const detail = filter === "all" ? t("noCallsDetail") : null;
  return <Empty icon={filter === "missed" ? "call-missed" : "call-in"} title={none?.none() ?? ""} detail={detail} />;
}

export function Calls({ note, onShown, onFilter, ...days }: CallsProps) {
  const { filter, q, calls, counts } = days.list;
  useEffect(onShown, [onShown]);
  return (
    <div class="view" role="tabpanel" id="view" aria-label={t("calls")}>
      <Chips options={FILTERS} value={filter} counts={counts} onPick={onFilter} />
      {note}
      {calls !== null && calls.length === 0 ? <None {...{ filter, q }} /> : <Days key={`${filter} ${q}`} {...days} />}
    </div>
  );
}

interface TabProps {
  state: PopupState;
  actions: PopupActions;
  rows: CallRowActions;
}

export function CallsTab({ state, actions, rows }: TabProps) {
  return (
    <Calls
      list={state.calls}
      now={state.now}
      note={<QuietNote {...{ state, actions }} />}
      onShown={actions.openCalls}
      onFilter={actions.filterCalls}
      onOlder={actions.olderCalls}
      {...rows}
    />
  );
}
