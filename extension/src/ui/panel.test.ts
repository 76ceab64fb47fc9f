import { expect, test, vi } from "vitest";

import { itemAfterKey } from "./header";
import { onEscape } from "./panel";

function press(change: Partial<KeyboardEvent> = {}) {
  const stops = { preventDefault: vi.fn<() => void>(), stopPropagation: vi.fn<() => void>() };
  const event = { key: "Escape", defaultPrevented: false, isComposing: false, ...stops, ...change };
  const leave = vi.fn<() => void>();
  onEscape(event as unknown as KeyboardEvent, leave); // only these are looked at
  return { leave, ...stops };
}

test("Esc leaves this one thing: neither what is under it nor the browser hears of it", () => {
  const { leave, preventDefault, stopPropagation } = press();
  expect(leave).toHaveBeenCalledTimes(1);
  expect(preventDefault).toHaveBeenCalled();
  expect(stopPropagation).toHaveBeenCalled();
});

test.each([{ key: "Enter" }, { defaultPrevented: true }, { isComposing: true }])("%o does not", (change) => {
  const { leave, preventDefault } = press(change);
  expect(leave).not.toHaveBeenCalled();
  expect(preventDefault).not.toHaveBeenCalled();
});

test.each([
  ["ArrowDown", 0, 1],
  ["ArrowDown", 1, 0],
  ["ArrowUp", 0, 1],
  ["Home", 1, 0],
  ["End", 0, 1],
  ["a", 0, null],
])("in a menu of two %s leads from %i to %s", (key, from, to) => {
  expect(itemAfterKey(key, from, 2)).toBe(to);
});
