import { h } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { OwnLine } from "../contract";
import { drawn } from "../testing/page";
import { popupState } from "../testing/screens";
import { OwnLines, refusalOf } from "./own-lines";
import type { NotSaved, Outcome, PopupActions, PopupState } from "./popup-state";

const LINES: OwnLine[] = [
  { line: "+12015550111", display: "(201) 555-0111" },
  { line: "101", display: "101" },
];
const readLines = vi.fn<() => void>();
const addLine = vi.fn<(written: string) => Promise<NotSaved | null>>();
const removeLine = vi.fn<(line: string) => Outcome>();

beforeEach(() => {
  vi.useFakeTimers();
  readLines.mockReset();
  addLine.mockReset().mockResolvedValue(null);
  removeLine.mockReset().mockResolvedValue(null);
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (): Promise<unknown> => vi.advanceTimersByTimeAsync(100);

function row(change: Partial<PopupState> = {}): Element {
  const state = popupState({ ownLines: { lines: LINES, problem: null }, ...change });
  // Nothing else is asked of the actions here.
  return drawn(
    h(OwnLines, { state, actions: { readLines, addLine, removeLine } as Partial<PopupActions> as PopupActions }),
  );
}

function part(page: Element, selector: string): HTMLElement {
  const found = page.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`There is no ${selector}`);
  return found;
}

/** Typed, and Enter. */
async function enter(page: Element, text: string): Promise<void> {
  const own = page.ownerDocument.defaultView;
  if (own === null) throw new Error("There is no window");
  const field = part(page, "#own-line");
  Object.assign(field, { value: text });
  field.dispatchEvent(new own.Event("input", { bubbles: true }));
  await pass();
  part(page, "form").dispatchEvent(new own.Event("submit", { bubbles: true, cancelable: true }));
  await pass();
}

test("the lines are asked for, and each can be removed by its name", async () => {
  const page = row();
  await pass();
  expect(readLines).toHaveBeenCalledOnce();
  const buttons = [...page.querySelectorAll("li button")];
  expect(buttons.map((button) => button.getAttribute("aria-label"))).toEqual(["Remove (201) 555-0111", "Remove 101"]);
  part(page, "li + li button").click();
  expect(removeLine).toHaveBeenCalledWith("101");
  await pass();
  expect(part(page, ".sr").textContent).toBe("101 removed");
  expect(page.querySelector("[role=alert]")).toBeNull();
});

test("what was added is said, and the field is empty again", async () => {
  const { promise, resolve } = Promise.withResolvers<null>();
  addLine.mockReturnValue(promise);
  const page = row();
  await enter(page, " 102");
  expect(addLine).toHaveBeenCalledWith(" 102");
  expect(part(page, "[type=submit]").getAttribute("aria-disabled")).toBe("true");
  await enter(page, " 102");
  expect(addLine).toHaveBeenCalledOnce();
  resolve(null);
  await pass();
  expect(part(page, "[type=submit]").getAttribute("aria-disabled")).toBe("false");
  expect(part(page, "#own-line")).toHaveProperty("value", "");
  expect(part(page, ".sr").textContent).toBe("102 added");
});

test("a refusal is said at the field, and what was typed stays", async () => {
  addLine.mockResolvedValue({ problem: "line_taken", fields: [{ where: "lines.2", what: "" }] });
  const page = row();
  await enter(page, "102");
  const field = part(page, "#own-line");
  expect(field).toHaveProperty("value", "102");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  const said = part(page, `#${field.getAttribute("aria-describedby") ?? ""}`);
  expect([said.getAttribute("role"), said.textContent]).toEqual([
    "alert",
    "Another user has this number. Ask them to remove it first.",
  ]);
});

test("a line that could not be removed is told of", async () => {
  removeLine.mockResolvedValue("unreachable");
  const page = row();
  part(page, "li button").click();
  await pass();
  expect(part(page, "[role=alert]").textContent).toBe("Not saved: Server unreachable");
  expect(part(page, ".sr").textContent).toBe("");
});

test.each([
  [{ lines: null, problem: null }, "Loading…"],
  [{ lines: null, problem: "unreachable" }, "Server unreachable"],
] as const)("%o: %s", (ownLines, words) => {
  expect(part(row({ ownLines }), "p[role=status]").textContent).toBe(words);
});

test("a server of before this extension keeps none, and none are asked for", () => {
  expect(row({ ownLines: { lines: null, problem: "not_found" } }).textContent).toBe("");
});

test.each([
  [
    { problem: "invalid", fields: [{ where: "lines.1", what: "" }] },
    "That is neither a phone number nor an extension.",
  ],
  [{ problem: "invalid", fields: [{ where: "lines", what: "" }] }, "These are too many numbers. Remove one first."],
  [{ problem: "line_taken", fields: [] }, "Another user has this number. Ask them to remove it first."],
  [{ problem: "unreachable", fields: [] }, "Not saved: Server unreachable"],
  [{ problem: "server_fault", fields: [] }, "Not saved: The Callbook server has a problem"],
] as const)("%o is told as: %s", (refused, words) => {
  expect(refusalOf(refused).words).toBe(words);
});
