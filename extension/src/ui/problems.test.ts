import { expect, test } from "vitest";

import type { Problem } from "../contract";
import { NOW, syncState } from "../testing/samples";
import { byCategory, nameOfProblem } from "./problems";

function problem(change: Partial<Problem>): Problem {
  const seen_at = "2026-11-21T14:10:00Z";
  return { remote_id: "60218834", category: "no_answer", name: "Oda Lindqvist", hubspot_url: null, seen_at, ...change };
}

test("they stand by category, what needs a person first, and none that is empty", () => {
  const groups = byCategory([
    problem({}),
    problem({ remote_id: "2", category: "refused" }),
    problem({ remote_id: "3" }),
  ]);
  expect(groups.map(({ title, problems }) => [title(), problems.length])).toEqual([
    ["HubSpot refused", 1],
    ["HubSpot gave no answer", 2],
  ]);
});

test.each([
  ["refused", "The app lacks a permission. Reconnect."],
  ["number_unreadable", "Correct the number in HubSpot. The next sync picks it up."],
] as const)("%s: %s", (category, words) => {
  expect(byCategory([problem({ category })])[0]?.mend(null, NOW)).toBe(words);
});

test("without an answer there is nothing to do, and when it is tried again is said if it is known", () => {
  const mend = byCategory([problem({})])[0]?.mend;
  expect(mend?.(syncState(), NOW)).toMatch(/^Nothing to do\. Tried again at .*\d\d/u);
  expect(mend?.(syncState({ next_sync_at: null }), NOW)).toBe("Nothing to do. The next sync tries again.");
});

test("one without a name is told by its id", () => {
  expect(nameOfProblem(problem({ name: null }))).toBe("Contact 60218834 (name not readable)");
});
