import { describe, expect, test } from "vitest";

import type { Connection, Run } from "../contract";
import { ended, NOW, run, syncState } from "../testing/samples";
import { footerFor, stripFor, type StatusFacts } from "./status";

const facts = (change: Partial<StatusFacts> = {}): StatusFacts => ({
  sync: syncState(),
  unreachableSince: null,
  offline: false,
  keptRunId: null,
  ...change,
});
const connection = (state: Connection["state"]): Connection => ({ ...syncState().connection, state });
const lastRun = (change: Partial<Run>): StatusFacts => facts({ sync: syncState({ last_run: ended(change) }) });

describe("the strip", () => {
  test("absent when all is well", () => {
    expect(stripFor(facts(), NOW)).toBeNull();
    expect(stripFor(facts({ sync: syncState({ run: run() }) }), NOW)).toBeNull();
  });

  test("without a network that is what is said of a server that cannot be reached, and of no other", () => {
    const unreachableSince = "2026-11-21T14:02:00.000Z";
    expect(stripFor(facts({ offline: true, unreachableSince }), NOW)).toMatchObject({ kind: "offline", tone: "warn" });
    expect(stripFor(facts({ offline: true }), NOW)).toBeNull();
  });

  test("server unreachable comes first: all else may be old", () => {
    const sync = syncState({ connection: connection("reconnect_needed") });
    const strip = stripFor(facts({ sync, unreachableSince: "2026-11-21T14:02:00.000Z" }), NOW);
    expect(strip).toMatchObject({ kind: "unreachable", tone: "bad", action: "try-now" });
    expect(strip?.detail).toMatch(/^No answer since .*\. Tried again every 30 s\.$/u);
  });

  test("access removed before anything was read: there is no last copy", () => {
    const counts = { ...syncState().counts, hubspot: 0 };
    const strip = stripFor(facts({ sync: syncState({ connection: connection("reconnect_needed"), counts }) }), NOW);
    expect(strip?.detail).not.toMatch(/last copy/u);
  });

  test("a first sync that was cancelled can be begun again; a later one leaves what was proven", () => {
    const last = ended({ state: "cancelled" });
    const first = stripFor(facts({ sync: syncState({ last_run: last, last_synced_at: null }) }), NOW);
    expect(first).toMatchObject({ kind: "cancelled", action: "sync-now" });
    expect(stripFor(facts({ sync: syncState({ last_run: last }) }), NOW)).toBeNull();
  });

  test("reconnect", () => {
    const strip = stripFor(facts({ sync: syncState({ connection: connection("reconnect_needed") }) }), NOW);
    expect(strip).toMatchObject({ kind: "reconnect", title: "Reconnect HubSpot", action: "reconnect" });
  });

  test("waiting for HubSpot's limit asks for nothing", () => {
    const waiting = run({ state: "waiting", problem: "throttled", retry_at: "2026-11-21T14:32:00.000Z" });
    const strip = stripFor(facts({ sync: syncState({ run: waiting }) }), NOW);
    expect(strip).toMatchObject({ kind: "waiting", tone: "warn", action: null, run: waiting });
    expect(strip?.title).toBe("HubSpot asked us to slow down");
    expect(strip?.detail).toMatch(/^41,200 of 98,412 read · continuing at /u);
  });

  test("incomplete says N of M", () => {
    const strip = stripFor(
      lastRun({ state: "incomplete", problem: "records_failed", failed: 12, local_total: 98_400 }),
      NOW,
    );
    expect(strip).toMatchObject({
      title: "98,400 of 98,412 contacts",
      detail: "12 could not be read",
      action: "show-problems",
    });
  });

  test("where no record failed there is none to show", () => {
    const strip = stripFor(lastRun({ state: "incomplete", problem: "totals_differ", local_total: 98_400 }), NOW);
    expect(strip).toMatchObject({ kind: "incomplete", action: null });
  });

  test.each<Run["state"]>(["failed", "incomplete"])("a missing permission is mended by reconnecting (%s)", (state) => {
    expect(stripFor(lastRun({ state, problem: "scope_missing" }), NOW)).toMatchObject({
      title: "HubSpot refused",
      detail: "The app lacks a permission. Reconnect.",
      action: "reconnect",
    });
  });

  test("a server that is set up wrongly is the admin's to mend", () => {
    const strip = stripFor(lastRun({ state: "failed", problem: "server_misconfigured" }), NOW);
    expect(strip).toMatchObject({ kind: "failed", action: null });
    expect(strip?.detail).toMatch(/^Tell the person who runs your Callbook server/u);
  });

  test("a held removal asks, until Keep was the answer for that run", () => {
    const held = lastRun({ id: 9, state: "incomplete", problem: "removal_held", removal_held: 41_000 });
    expect(stripFor(held, NOW)).toMatchObject({
      kind: "held",
      title: "41,000 of 98,412 contacts are gone in HubSpot. Remove them here too?",
      action: "keep-removed",
    });
    expect(stripFor({ ...held, keptRunId: 9 }, NOW)).toBeNull();
    expect(stripFor({ ...held, keptRunId: 8 }, NOW)?.kind).toBe("held");
  });

  test("a failed run says why and offers another", () => {
    const strip = stripFor(lastRun({ state: "failed", problem: "hubspot_unreachable" }), NOW);
    expect(strip).toMatchObject({ kind: "failed", detail: "HubSpot gave no answer.", action: "sync-now" });
  });

  test("a paused run says how far it is and since when, and goes on at a click", () => {
    const paused = run({ state: "paused", paused_at: "2026-11-20T09:00:00.000Z", problem: "throttled" });
    const strip = stripFor(facts({ sync: syncState({ run: paused }) }), NOW);
    expect(strip).toMatchObject({ kind: "paused", title: "Sync paused", action: "resume", run: paused });
    expect(strip?.detail).toMatch(/^41,200 of 98,412 read · since Yesterday \d/u);
  });

  test("a run in progress silences what the last one left", () => {
    const sync = syncState({ run: run(), last_run: ended({ state: "failed" }) });
    expect(stripFor(facts({ sync }), NOW)).toBeNull();
  });
});

describe("the footer", () => {
  test("healthy", () => {
    expect(footerFor(facts(), NOW)).toEqual({ dot: "ok", words: ["Synced 4 min ago", "next in 16 min"] });
  });

  test("never synced does not claim it", () => {
    const sync = syncState({ last_synced_at: null, last_run: null });
    expect(footerFor(facts({ sync }), NOW)).toEqual({ dot: "warn", words: ["Not synced yet", "next in 16 min"] });
  });

  test.each<Run["state"]>(["incomplete", "failed"])("after a run that ended %s the dot is amber", (state) => {
    expect(footerFor(lastRun({ state }), NOW).dot).toBe("warn");
  });

  test("first sync", () => {
    const sync = syncState({ run: run(), last_synced_at: null });
    expect(footerFor(facts({ sync }), NOW).words).toEqual(["You can close this. The server carries on."]);
  });

  test("another run", () => {
    const sync = syncState({ run: run({ trigger: "manual" }) });
    expect(footerFor(facts({ sync }), NOW)).toEqual({ dot: "spin", words: ["Syncing", "41,200 of 98,412"] });
  });

  test("a paused run, the first one too", () => {
    const paused = run({ state: "paused" });
    const footer = footerFor(facts({ sync: syncState({ run: paused }) }), NOW);
    expect(footer).toEqual({ dot: "warn", words: ["Paused", "Synced 4 min ago"] });
    const first = syncState({ run: paused, last_synced_at: null });
    expect(footerFor(facts({ sync: first }), NOW).words).toEqual(["Paused", "Not synced yet"]);
  });

  test("waiting", () => {
    const sync = syncState({ run: run({ state: "waiting", problem: "hubspot_unreachable" }) });
    expect(footerFor(facts({ sync }), NOW).words).toEqual(["Nothing to do: it continues by itself"]);
  });

  test("while it tries again after a problem, nothing is well yet", () => {
    const sync = syncState({ run: run({ state: "running", problem: "hubspot_unreachable" }) });
    expect(footerFor(facts({ sync }), NOW).words).toEqual(["Nothing to do: it continues by itself"]);
    expect(stripFor(facts({ sync }), NOW)).toMatchObject({ kind: "waiting", title: "HubSpot does not answer" });
  });

  test("a rest before the totals are compared again is no problem", () => {
    const sync = syncState({ run: run({ state: "waiting", problem: null }) });
    expect(stripFor(facts({ sync }), NOW)).toBeNull();
  });

  test("reconnect tells when it was last so", () => {
    const sync = syncState({ connection: connection("reconnect_needed") });
    const footer = footerFor(facts({ sync }), NOW);
    expect(footer.dot).toBe("bad");
    expect(footer.words[0]).toMatch(/^Last synced /u);
  });

  test("unreachable", () => {
    expect(footerFor(facts({ unreachableSince: "2026-11-21T14:02:00Z" }), NOW).dot).toBe("bad");
  });
});
