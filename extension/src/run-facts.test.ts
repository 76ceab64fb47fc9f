import { expect, test } from "vitest";

import { advanced, withProgress } from "./run-facts";
import { ended, run, syncState } from "./testing/samples";

test("progress never goes back", () => {
  expect(advanced(run({ read: 500 }), run({ read: 400 })).read).toBe(500);
  expect(advanced(run({ read: 500 }), run({ read: 600 })).read).toBe(600);
});

test("unless the total was revised, or it is another run", () => {
  expect(advanced(run({ read: 500, total: 1000 }), run({ read: 400, total: 800 })).read).toBe(400);
  expect(advanced(run({ id: 7, read: 500 }), run({ id: 8, read: 0 })).read).toBe(0);
});

test("news of a running run makes it the run in progress", () => {
  const state = withProgress(syncState({ last_run: ended({ id: 6 }) }), run({ id: 7 }));
  expect(state.run?.id).toBe(7);
  expect(state.last_run?.id).toBe(6);
});

test("its end makes it the last run", () => {
  const state = withProgress(syncState({ run: run({ id: 7 }), last_run: null }), ended({ id: 7 }));
  expect(state.run).toBeNull();
  expect(state.last_run).toMatchObject({ id: 7, state: "finished" });
});

test("late news of a run that has ended, or of an older one, changes nothing", () => {
  const over = syncState({ run: null, last_run: ended({ id: 7 }) });
  expect(withProgress(over, run({ id: 7 }))).toBe(over);
  const newer = syncState({ run: run({ id: 9 }), last_run: ended({ id: 7 }) });
  expect(withProgress(newer, run({ id: 8 }))).toBe(newer);
});

test("a paused run is the run in progress", () => {
  const paused = run({ id: 7, state: "paused" });
  expect(withProgress(syncState({ run: run({ id: 7 }), last_run: null }), paused).run).toEqual(paused);
});
