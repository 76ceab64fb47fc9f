import { beforeEach, expect, test, vi } from "vitest";

import type { OwnLine } from "./contract";
import { Refused, Unreachable } from "./errors";
import { LineList } from "./line-list";

const changed = vi.fn<() => void>();
const load = vi.fn<() => Promise<OwnLine[]>>();
const save = vi.fn<(lines: readonly string[]) => Promise<OwnLine[]>>();
/** What the server keeps: each once. */
let kept: string[];
let list: LineList;

const shown = (line: string): OwnLine => ({ line, display: `<${line}>` });
const inView = (): string[] | null => list.view().lines?.map(({ line }) => line) ?? null;

beforeEach(() => {
  kept = ["101", "102"];
  load.mockReset().mockImplementation(() => Promise.resolve(kept.map(shown)));
  save.mockReset().mockImplementation((lines) => {
    kept = [...new Set(lines)];
    return Promise.resolve(kept.map(shown));
  });
  list = new LineList(load, save, changed);
});

test("before the first answer there are none to show", async () => {
  expect(list.view()).toEqual({ lines: null, problem: null });
  await list.read();
  expect(list.view()).toEqual({ lines: [shown("101"), shown("102")], problem: null });
});

test("why they could not be read is said until they are", async () => {
  load.mockRejectedValueOnce(new Unreachable());
  await list.read();
  expect(list.view()).toEqual({ lines: null, problem: "unreachable" });
  await list.readIfMissing();
  expect(list.view()).toMatchObject({ problem: null, lines: { length: 2 } });
  await list.readIfMissing();
  expect(load).toHaveBeenCalledTimes(2);
});

test("one that is added comes after the others, as the server writes it", async () => {
  await list.read();
  await list.add("x103");
  expect(save).toHaveBeenCalledWith(["101", "102", "x103"]);
  expect(list.view().lines?.at(-1)).toEqual(shown("x103"));
});

test("one that is there already is there once", async () => {
  await list.add("101");
  expect(inView()).toEqual(["101", "102"]);
});

test("a change is of what the server has now, whatever was read before", async () => {
  await list.read();
  kept = ["102", "104"]; // in another window
  await list.add("103");
  expect(kept).toEqual(["102", "104", "103"]);
});

test("without having read them it adds and loses nothing", async () => {
  await list.add("103");
  expect(kept).toEqual(["101", "102", "103"]);
});

test("what the server does not take is thrown, and the lines are as they were", async () => {
  const refused = new Refused("line_taken", 409, "r-1", [{ where: "lines.2", what: "another user has this line" }]);
  await list.read();
  save.mockRejectedValueOnce(refused);
  await expect(list.add("103")).rejects.toBe(refused);
  expect(inView()).toEqual(["101", "102"]);
});

test("nothing is saved over lines that could not be read", async () => {
  load.mockRejectedValueOnce(new Unreachable());
  await expect(list.add("103")).rejects.toBeInstanceOf(Unreachable);
  expect(save).not.toHaveBeenCalled();
});

test("one that is removed is gone from view at once, and for good", async () => {
  await list.read();
  const removed = list.remove("101");
  expect(inView()).toEqual(["102"]);
  await removed;
  expect(inView()).toEqual(["102"]);
  expect(kept).toEqual(["102"]);
});

test("one that could not be removed is back in its place", async () => {
  await list.read();
  save.mockRejectedValueOnce(new Unreachable());
  changed.mockClear();
  await expect(list.remove("101")).rejects.toBeInstanceOf(Unreachable);
  expect(inView()).toEqual(["101", "102"]);
  expect(changed).toHaveBeenCalled();
});

test("of two changes at once neither undoes the other", async () => {
  await list.read();
  await Promise.all([list.remove("101"), list.remove("102"), list.add("103")]);
  expect(kept).toEqual(["103"]);
  expect(inView()).toEqual(["103"]);
});

test("one that is removed and entered again at once is there", async () => {
  await list.read();
  await Promise.all([list.remove("101"), list.add("101")]);
  expect(kept).toEqual(["102", "101"]);
  expect(inView()).toEqual(["102", "101"]);
});
