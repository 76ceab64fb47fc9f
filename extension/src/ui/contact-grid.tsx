/**
 * The contacts as a grid that draws only what is in view, whatever its length. The rows stand in a window that sticks to
 * the view while the sheet under it is scrolled: the browser scrolls before it asks for rows, and would show none.
 */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { ContactListView } from "../contact-list";
import { t } from "../i18n";
import { GhostRow, Row } from "./contact-row";
import {
  BORNE_PX,
  distanceAt,
  distanceToShow,
  headOf,
  layoutOf,
  LETTER_PX,
  rangeAt,
  ROW_PX,
  scrollTopAt,
  sectionsIn,
  TALLEST_PX,
  type Layout,
  type Range,
  type Section,
} from "./rows";

/** Fetched on either side of those in view. They are not drawn: the window would cut them off. */
const SPARE_ROWS = 4;
/** The view of a popup in which nothing is amiss: where the guess is right, the first drawing is the last. */
const FIRST_VIEW_PX = 432;

export const GRID_ID = "contacts";
export const rowId = (index: number): string => `contact-${index}`;

/** The row a key leads to, or null if the key does not move. */
export function rowAfterKey(key: string, selected: number, total: number, viewPx: number): number | null {
  const screen = Math.max(1, Math.floor(viewPx / ROW_PX) - 1);
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: screen,
    PageUp: -screen,
    Home: -total,
    End: total,
  };
  const step = steps[key];
  return step === undefined || total === 0 ? null : Math.max(0, Math.min(total - 1, selected + step));
}

const GHOSTS = Array.from({ length: 7 }, (_, index) => index);

/** Before the first answer: rows that are on their way. */
export function GhostGrid() {
  return (
    <div class="fill" aria-hidden="true">
      <div class="sheet" style={{ height: `${GHOSTS.length * ROW_PX}px` }}>
        {GHOSTS.map((index) => (
          <GhostRow key={index} index={index} top={index * ROW_PX} />
        ))}
      </div>
    </div>
  );
}

interface GridProps {
  list: ContactListView;
  selected: number;
  onSelect: (index: number) => void;
  onNeed: (first: number, last: number) => void;
  onOpen: (contactId: number) => void;
  onCall: (number: string) => void;
  onKey: (event: KeyboardEvent) => void;
  viewRef: { current: HTMLDivElement | null };
}

/** Scroll position and size of the view, in the list's own measure. */
function useView(layout: Layout, epoch: number, ref: GridProps["viewRef"]) {
  const [scrollTop, setScrollTop] = useState(0);
  const [viewPx, setViewPx] = useState(FIRST_VIEW_PX);
  const measure = useCallback(() => {
    const view = ref.current;
    if (view === null) return;
    setScrollTop(view.scrollTop);
    setViewPx(view.clientHeight || FIRST_VIEW_PX);
  }, [ref]);
  useLayoutEffect(() => {
    ref.current?.scrollTo(0, 0);
    measure();
  }, [epoch, measure, ref]);
  useEffect(() => {
    const view = ref.current;
    if (view === null) return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(view);
    return () => observer.disconnect();
  }, [measure, ref]);
  return { viewPx, distance: distanceAt(layout, scrollTop, viewPx), measure };
}

export function ContactGrid({ list, selected, onSelect, onNeed, onOpen, onCall, onKey, viewRef }: GridProps) {
  const total = list.page?.total ?? 0;
  const letters = list.page?.letters;
  const [tallest, setTallest] = useState(TALLEST_PX);
  const layout = useMemo(() => layoutOf(total, letters ?? [], tallest), [total, letters, tallest]);
  const { viewPx, distance, measure } = useView(layout, list.epoch, viewRef);
  const sheet = useRef<HTMLDivElement>(null);
  const range = rangeAt(layout, distance, viewPx, 0);
  const needed = rangeAt(layout, distance, viewPx, SPARE_ROWS);

  // On a dense screen, or zoomed in, the browser bears less.
  useLayoutEffect(() => {
    const borne = layout.sheet > BORNE_PX ? (sheet.current?.offsetHeight ?? 0) : layout.sheet;
    if (borne > 0 && borne < layout.sheet - 1) setTallest(borne);
  }, [layout, viewPx]);
  useLayoutEffect(() => onNeed(needed.first, needed.last), [onNeed, needed.first, needed.last, list]);
  useLayoutEffect(() => {
    const view = viewRef.current;
    if (view === null || total === 0) return;
    const here = distanceAt(layout, view.scrollTop, view.clientHeight);
    const there = distanceToShow(layout, selected, here, view.clientHeight);
    if (there !== here) view.scrollTop = scrollTopAt(layout, there, view.clientHeight);
    // Only a move of the selection scrolls; a longer list or a scroll by hand does not.
  }, [selected, list.epoch]);

  return (
    <div
      class="fill grid"
      ref={viewRef}
      id={GRID_ID}
      role="grid"
      tabIndex={0}
      aria-label={t("contacts")}
      aria-rowcount={total}
      aria-activedescendant={total > 0 ? rowId(selected) : undefined}
      onScroll={measure}
      onKeyDown={onKey}
    >
      <div ref={sheet} class="sheet" role="presentation" style={{ height: `${layout.sheet}px` }}>
        <div class="window" role="presentation" style={{ height: `${Math.min(viewPx, layout.height)}px` }}>
          {sectionsIn(layout, range).map((section) => (
            <Rows
              key={section.letter ?? ""}
              {...{ section, range, list, selected, onCall }}
              top={section.top - distance}
              onPick={(index, contactId) => {
                onSelect(index);
                onOpen(contactId);
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The letter stays in view as long as one of its rows does; places are in the window, where no figure grows large. */
function letterTop(section: Section, top: number): number {
  return top >= 0 ? top : Math.min(0, top + section.height - LETTER_PX);
}

interface RowsProps {
  section: Section;
  range: Range;
  list: ContactListView;
  selected: number;
  top: number;
  onPick: (index: number, contactId: number) => void;
  onCall: (number: string) => void;
}

function Rows({ section, range, list, selected, top, onPick, onCall }: RowsProps) {
  const first = Math.max(range.first, section.first);
  const last = Math.min(range.last, section.first + section.count);
  const head = headOf(section);
  const rows = [];
  for (let index = first; index < last; index += 1) {
    const contact = list.rowAt(index);
    const rowTop = top + head + (index - section.first) * ROW_PX;
    rows.push(
      contact === undefined ? (
        <GhostRow key={index} index={index} top={rowTop} />
      ) : (
        <Row
          key={index}
          {...{ contact, index, top: rowTop, q: list.q }}
          id={rowId(index)}
          selected={index === selected}
          onOpen={() => onPick(index, contact.id)}
          onCall={onCall}
        />
      ),
    );
  }
  return (
    <div class="section" role="rowgroup">
      {section.letter !== null && (
        <div class="letter" aria-hidden="true" style={{ top: `${letterTop(section, top)}px` }}>
          {section.letter}
        </div>
      )}
      {rows}
    </div>
  );
}
