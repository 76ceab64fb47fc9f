import { expect, test } from "vitest";

import { badgeFor, type BadgeFacts } from "./badge";
import { alicesAccount, ended, NOW, run, syncState } from "./testing/samples";

const healthy: BadgeFacts = {
  session: { state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null },
  sync: syncState(),
  calls: [],
  missed: 0,
  unreachableSince: null,
  keptRunId: null,
};

const ringing = {
  callId: "c",
  state: "ringing",
  announced: true,
  dismissed: false,
  missed: false,
  contactId: null,
} as const;
const reconnect = syncState({ connection: { ...syncState().connection, state: "reconnect_needed" } });
const held = syncState({ last_run: ended({ id: 9, state: "incomplete", removal_held: 400 }) });
const cancelledFirst = syncState({ last_run: ended({ state: "cancelled" }), last_synced_at: null });

test("healthy: none", () => {
  expect(badgeFor(healthy, NOW)).toMatchObject({ text: "", title: "Callbook" });
});

test("signed out: none, and the tooltip says why", () => {
  const badge = badgeFor({ ...healthy, session: { state: "signedOut", problem: null }, missed: 2 }, NOW);
  expect(badge).toMatchObject({ text: "", title: "Callbook: not connected to HubSpot" });
});

test.each<[string, Partial<BadgeFacts>, string, string, RegExp]>([
  ["first sync", { sync: syncState({ run: run(), last_synced_at: null }) }, "…", "#676c78", /first sync/u],
  ["paused", { sync: syncState({ run: run({ state: "paused" }), last_synced_at: null }) }, "!", "#e0a030", /paused/u],
  ["incomplete", { sync: syncState({ last_run: ended({ state: "incomplete" }) }) }, "!", "#e0a030", /incomplete/u],
  ["failed", { sync: syncState({ last_run: ended({ state: "failed" }) }) }, "!", "#e0a030", /did not finish/u],
  ["the brake", { sync: held }, "!", "#e0a030", /incomplete/u],
  ["first sync cancelled", { sync: cancelledFirst }, "!", "#e0a030", /incomplete/u],
  ["reconnect", { sync: reconnect }, "!", "#bf2a35", /reconnected/u],
  ["unreachable", { unreachableSince: "2026-11-21T14:10:00.000Z" }, "!", "#bf2a35", /over 5 minutes/u],
  ["missed", { missed: 2 }, "2", "#bf2a35", /2 missed calls/u],
  ["ringing", { calls: [{ ...ringing, ringsUntil: "2026-11-21T14:16:30Z" }] }, "1", "#1a7648", /1 call is ringing/u],
])("%s", (_, change, text, colour, title) => {
  const badge = badgeFor({ ...healthy, ...change }, NOW);
  expect(badge).toMatchObject({ text, colour });
  expect(badge.title).toMatch(title);
});

test("what stands on it can be read: black on amber, white on the other colours", () => {
  const paused = badgeFor({ ...healthy, sync: syncState({ run: run({ state: "paused" }) }) }, NOW);
  expect(paused).toMatchObject({ colour: "#e0a030", ink: "#16181d" });
  expect(badgeFor({ ...healthy, missed: 2 }, NOW)).toMatchObject({ colour: "#bf2a35", ink: "#ffffff" });
});

test("what was answered, and a cancelled run over a whole cache, is no alarm", () => {
  expect(badgeFor({ ...healthy, sync: held, keptRunId: 9 }, NOW).text).toBe("");
  expect(badgeFor({ ...healthy, sync: syncState({ last_run: ended({ state: "cancelled" }) }) }, NOW).text).toBe("");
});

test("a short silence of the server is no alarm", () => {
  expect(badgeFor({ ...healthy, unreachableSince: "2026-11-21T14:12:00.000Z" }, NOW).text).toBe("");
});

test("a ring past its time is not ringing", () => {
  expect(badgeFor({ ...healthy, calls: [{ ...ringing, ringsUntil: "2026-11-21T14:15:00Z" }] }, NOW).text).toBe("");
});

test("an automatic run draws nothing", () => {
  expect(badgeFor({ ...healthy, sync: syncState({ run: run({ trigger: "automatic" }) }) }, NOW).text).toBe("");
});

test("the worst is drawn, all is said", () => {
  const badge = badgeFor({ ...healthy, sync: reconnect, missed: 3 }, NOW);
  expect(badge).toMatchObject({ text: "!", title: "Callbook\nHubSpot has to be reconnected\n3 missed calls" });
});
