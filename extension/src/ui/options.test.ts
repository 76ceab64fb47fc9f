/** What the options page says is stored in the browser is what is stored there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { PROJECT } from "../testing/sources";
import { LANGUAGES } from "../testing/words";
import { REMEMBERED_NUMBERS } from "../phone-names";

/** Everything of the person's that outlives the browser, and the words for it. */
const TOLD: Record<string, RegExp> = {
  server: /server’s address/u,
  serverBefore: /server’s address/u,
  session: /your session/u,
  notifications: /how you are told of calls/u,
  pausedUntil: /how you are told of calls/u,
  pagesAllowed: /how you are told of calls/u,
  mutedSites: /how you are told of calls/u,
  missed: /which ones you missed/u,
  callsSeenAt: /which ones you missed/u,
  calls: /which ones you missed/u,
  recentCallers: new RegExp(`the last ${REMEMBERED_NUMBERS} numbers were that the phone asked about`, "u"),
};
/** Numbers of runs and events, what was shown already, an address, and what is on its way to the server. */
const NOTHING_PERSONAL = ["cursor", "awaited", "welcomed", "keptRunId", "phone", "callReports"];

test("what outlives the browser is told", () => {
  const source = readFileSync(join(PROJECT, "src", "storage.ts"), "utf8");
  const kept = [...source.matchAll(/item<.*>\("local", "(\w+)"/gu)].map((found) => found[1] ?? "");
  expect(kept.toSorted()).toEqual([...Object.keys(TOLD), ...NOTHING_PERSONAL].toSorted());
  for (const words of Object.values(TOLD)) expect(LANGUAGES.en.storedBrowserText?.message).toMatch(words);
});

test("that RingCentral's phone is given names is told", () => {
  expect(LANGUAGES.en.storedElsewhereText?.message).toMatch(/RingCentral’s phone is given names/u);
});
