import { expect, test } from "vitest";

import { matchIn } from "./matching";

function marked(text: string, q: string): string | null {
  const match = matchIn(text, q);
  return match === null ? null : text.slice(match.from, match.to);
}

test.each([
  ["Bianca Ferraro", "ferr", "Ferr"],
  ["Łukasz Dvořák", "dvorak", "Dvořák"],
  ["Émile Zola", "emile", "Émile"],
  ["Bianca Ferraro", "ferraro bianca", "Ferraro"],
  ["Bianca Ferraro", "zoe", null],
  ["Bianca Ferraro", "", null],
  ["İstanbul 34", "34", "34"],
])("in %s, %s marks %s", (text, q, found) => {
  expect(marked(text, q)).toBe(found);
});

test.each([
  ["(415) 555-0132", "0132", "0132"],
  ["(415) 555-0132", "415555", "415) 555"],
  ["+44 20 7946 0132", "(020) 7946", null],
  ["+44 20 7946 0132", "20-7946", "20 7946"],
  ["(415) 555-0132", "9", null],
  ["Room 415", "(4", null],
])("of the number %s, %s marks %s", (text, q, found) => {
  expect(marked(text, q)).toBe(found);
});
