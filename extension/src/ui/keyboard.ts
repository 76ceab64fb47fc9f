/** The keys of search field and list: Up, Down, Page, Home, End, Enter, C, letters, Esc. */
import type { LetterOffset } from "../contract";
import { rowAfterKey } from "./contact-grid";

export interface Place {
  selected: number;
  total: number;
  viewPx: number;
  typed: string;
  letters: readonly LetterOffset[];
}

export interface Moves {
  select: (index: number) => void;
  open: () => void;
  copy: () => void;
  search: (text: string) => void;
  focusSearch: () => void;
}

function taken(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Esc clears what was searched; with nothing to clear the browser closes the popup. */
function clears(event: KeyboardEvent, place: Place, moves: Moves): boolean {
  if (event.key !== "Escape" || place.typed === "") return false;
  taken(event);
  moves.search("");
  moves.focusSearch();
  return true;
}

function travels(event: KeyboardEvent, place: Place, moves: Moves): boolean {
  const row = rowAfterKey(event.key, place.selected, place.total, place.viewPx);
  if (row === null) return false;
  taken(event);
  moves.select(row);
  return true;
}

function opens(event: KeyboardEvent, moves: Moves): boolean {
  if (event.key !== "Enter") return false;
  taken(event);
  moves.open();
  return true;
}

/** The field keeps the focus; Home and End belong to its caret. */
export function onSearchKey(event: KeyboardEvent, place: Place, moves: Moves): void {
  if (event.isComposing || clears(event, place, moves)) return;
  const caret = event.key === "Home" || event.key === "End";
  if (!caret && travels(event, place, moves)) return;
  opens(event, moves);
}

/** Names stand under their base letter: "ö" leads to O. */
function letterOf(key: string): string {
  return key.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase();
}

/** C copies, so that the letter C is reached with Shift. */
function types(event: KeyboardEvent, place: Place, moves: Moves): void {
  if (event.key === "c") return moves.copy();
  const letter = place.letters.find((one) => one.letter === letterOf(event.key));
  if (letter !== undefined) moves.select(letter.offset);
}

/** "/" leads to the search from everywhere but a field, Esc clears it from everywhere. */
export function onAnyKey(event: KeyboardEvent, place: Place, moves: Moves): void {
  if (event.isComposing || clears(event, place, moves)) return;
  if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
  taken(event);
  moves.focusSearch();
}

export function onGridKey(event: KeyboardEvent, place: Place, moves: Moves): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (clears(event, place, moves) || travels(event, place, moves) || opens(event, moves)) return;
  types(event, place, moves);
}
