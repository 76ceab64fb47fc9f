import { expect, test } from "vitest";

import {
  distanceAt,
  distanceToShow,
  layoutOf,
  rangeAt,
  rowAt,
  scrollTopAt,
  sectionsIn,
  TALLEST_PX,
  topOf,
} from "./rows";

const letters = [
  { letter: "A", offset: 0, count: 3 },
  { letter: "B", offset: 3, count: 2 },
  { letter: "#", offset: 5, count: 1 },
];
const layout = layoutOf(6, letters);

test("a letter takes 24 px, a row 56", () => {
  expect(layout.height).toBe(3 * 24 + 6 * 56);
  expect(topOf(layout, 0)).toBe(24);
  expect(topOf(layout, 2)).toBe(24 + 2 * 56);
  expect(topOf(layout, 3)).toBe(2 * 24 + 3 * 56);
  expect(topOf(layout, 5)).toBe(3 * 24 + 5 * 56);
});

test("every place has its row, and every row its place", () => {
  for (let row = 0; row < 6; row += 1) {
    expect(rowAt(layout, topOf(layout, row))).toBe(row);
    expect(rowAt(layout, topOf(layout, row) + 55)).toBe(row);
  }
  expect(rowAt(layout, 0)).toBe(0);
  expect(rowAt(layout, 1_000_000)).toBe(5);
});

test("letters that do not fit the total are left out", () => {
  expect(layoutOf(7, letters).sections).toEqual([{ letter: null, first: 0, count: 7, top: 0, height: 7 * 56 }]);
});

test("an empty list has nothing to draw", () => {
  expect(rangeAt(layoutOf(0, []), 0, 400, 4)).toEqual({ first: 0, last: 0 });
});

test("of a hundred thousand rows a screenful is drawn", () => {
  const long = layoutOf(100_000, []);
  const range = rangeAt(long, 50_000 * 56, 432, 4);
  expect(range).toEqual({ first: 49_996, last: 50_012 });
  expect(long.sheet).toBe(5_600_000);
  expect(distanceAt(long, 1234, 432)).toBe(1234);
});

test("only the sections in view are drawn", () => {
  expect(sectionsIn(layout, { first: 2, last: 4 }).map(({ letter }) => letter)).toEqual(["A", "B"]);
});

test("above the browser's limit the scrollbar is scaled, and both ends are reached", () => {
  const huge = layoutOf(1_000_000, []);
  expect(huge.sheet).toBe(TALLEST_PX);
  expect(distanceAt(huge, 0, 400)).toBe(0);
  expect(distanceAt(huge, TALLEST_PX - 400, 400)).toBeCloseTo(huge.height - 400, 3);
  expect(scrollTopAt(huge, distanceAt(huge, 777_777, 400), 400)).toBeCloseTo(777_777, 3);
});

test("400,000 rows are not scaled", () => {
  expect(layoutOf(400_000, []).sheet).toBe(400_000 * 56);
});

test("where the browser bears less, it is scaled to that", () => {
  const huge = layoutOf(400_000, [], 11_184_809);
  expect(huge.sheet).toBe(11_184_809);
  expect(distanceAt(huge, 11_184_809 - 400, 400)).toBeCloseTo(huge.height - 400, 3);
});

test("a row is scrolled to only if it is out of view, and below its letter", () => {
  const long = layoutOf(200, [{ letter: "A", offset: 0, count: 200 }]);
  expect(distanceToShow(long, 2, 0, 400)).toBe(0);
  expect(distanceToShow(long, 20, 0, 400)).toBe(topOf(long, 20) + 56 - 400);
  expect(distanceToShow(long, 10, topOf(long, 20), 400)).toBe(topOf(long, 10) - 24);
});

test("a view too low for a row and its letter comes to rest", () => {
  const long = layoutOf(100, [{ letter: "A", offset: 0, count: 100 }]);
  for (const row of [0, 10]) {
    const shown = distanceToShow(long, row, 0, 68);
    expect(distanceToShow(long, row, shown, 68)).toBe(shown);
  }
});
