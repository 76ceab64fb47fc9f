/**
 * Where the rows of a long list are: 56 px a row, 24 px a letter, nothing else. A browser cannot lay out a page
 * taller than some 33 million px of the screen, so that beyond `TALLEST_PX`, or what it bears, the scrollbar is scaled.
 */
import type { LetterOffset } from "../contract";

export const ROW_PX = 56;
export const LETTER_PX = 24;
export const TALLEST_PX = 24_000_000;
/** This much is laid out on every screen, four times as dense as the plainest. */
export const BORNE_PX = 8_000_000;

/** A letter and its rows; a list without letters is one section without a title. */
export interface Section {
  letter: string | null;
  first: number;
  count: number;
  /** Distance from the top of the list. */
  top: number;
  height: number;
}

export interface Layout {
  sections: readonly Section[];
  total: number;
  height: number;
  /** Height of the scrolled sheet as it is laid out. */
  sheet: number;
}

export interface Range {
  first: number;
  /** Exclusive. */
  last: number;
}

/** Lays the list out. Letters that do not cover exactly the rows (an answer overtaken by a sync) are left out. */
export function layoutOf(total: number, letters: readonly LetterOffset[], tallest = TALLEST_PX): Layout {
  const covered = letters.reduce((sum, { count }) => sum + count, 0);
  const sheetOf = (height: number): number => Math.min(height, tallest);
  if (letters.length === 0 || covered !== total) {
    const height = total * ROW_PX;
    const section = { letter: null, first: 0, count: total, top: 0, height };
    return { sections: [section], total, height, sheet: sheetOf(height) };
  }
  let top = 0;
  const sections = letters.map(({ letter, offset, count }) => {
    const section = { letter, first: offset, count, top, height: LETTER_PX + count * ROW_PX };
    top += section.height;
    return section;
  });
  return { sections, total, height: top, sheet: sheetOf(top) };
}

export function headOf(section: Section): number {
  return section.letter === null ? 0 : LETTER_PX;
}

/** The last section that begins at or before the place, by `by`. */
function sectionBefore(layout: Layout, place: number, by: "first" | "top"): Section | undefined {
  let low = 0;
  let high = layout.sections.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((layout.sections[middle]?.[by] ?? Infinity) <= place) low = middle;
    else high = middle - 1;
  }
  return layout.sections[low];
}

/** Distance of a row's upper edge from the top of the list. */
export function topOf(layout: Layout, row: number): number {
  const section = sectionBefore(layout, row, "first");
  return section === undefined ? 0 : section.top + headOf(section) + (row - section.first) * ROW_PX;
}

/** The row at a distance from the top; a letter belongs to the row below it. */
export function rowAt(layout: Layout, distance: number): number {
  const section = sectionBefore(layout, distance, "top");
  if (section === undefined) return 0;
  const inside = Math.floor((distance - section.top - headOf(section)) / ROW_PX);
  return Math.max(0, Math.min(layout.total - 1, section.first + Math.max(0, inside)));
}

/** The rows in view and `spare` on either side. */
export function rangeAt(layout: Layout, distance: number, viewPx: number, spare: number): Range {
  if (layout.total === 0) return { first: 0, last: 0 };
  return {
    first: Math.max(0, rowAt(layout, distance) - spare),
    last: Math.min(layout.total, rowAt(layout, distance + viewPx) + 1 + spare),
  };
}

/** The sections that have rows in the range. */
export function sectionsIn(layout: Layout, range: Range): Section[] {
  return layout.sections.filter((section) => section.first < range.last && section.first + section.count > range.first);
}

/** From the scrollbar's place to the distance in the list, and back. Equal unless the list is taller than a sheet can be. */
export function distanceAt(layout: Layout, scrollTop: number, viewPx: number): number {
  return scrollTop * scale(layout, viewPx);
}

export function scrollTopAt(layout: Layout, distance: number, viewPx: number): number {
  return distance / scale(layout, viewPx);
}

function scale({ height, sheet }: Layout, viewPx: number): number {
  return height === sheet ? 1 : (height - viewPx) / (sheet - viewPx);
}

/** How far the list must be scrolled so that the row is in view, below its letter; from above, where both have no room. */
export function distanceToShow(layout: Layout, row: number, distance: number, viewPx: number): number {
  const section = sectionBefore(layout, row, "first");
  const top = topOf(layout, row) - (section === undefined ? 0 : headOf(section));
  if (top < distance) return Math.max(0, top);
  const bottom = topOf(layout, row) + ROW_PX;
  return bottom > distance + viewPx ? Math.min(bottom - viewPx, Math.max(0, top)) : distance;
}
