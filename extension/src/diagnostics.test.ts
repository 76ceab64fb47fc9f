import { expect, test } from "vitest";

import { diagnosticsOf, type DiagnosticFacts } from "./diagnostics";
import { ended, NOW, run, syncState } from "./testing/samples";

/** Stands wherever something personal could be. */
const SECRET = "XYZZY";
const NUMBERS = ["+14155550132", "4155550132", "415", "98765432"];

const account = {
  portal_id: 98_765_432,
  portal_name: `${SECRET} Supply`,
  ui_domain: `${SECRET}.hubspot.com`,
  user_email: `${SECRET}@brightmoor.example`,
  demo: false,
};

/** Everything the popup knows, as full of personal data as it can be. */
function facts(change: Partial<DiagnosticFacts> = {}): DiagnosticFacts & Record<string, unknown> {
  return {
    now: NOW,
    version: "0.1.0",
    browser: `Mozilla/5.0 (X11; Linux x86_64; ${SECRET}) AppleWebKit/537.36 Chrome/148.0.7778.1 Safari/537.36`,
    serverVersion: "0.1.0",
    server: `https://${SECRET.toLowerCase()}.brightmoor.example/${SECRET}`,
    session: { state: "signedIn", token: `${SECRET}-token`, expiresAt: "2026-12-21T00:00:00Z", account, problem: null },
    sync: syncState({
      connection: { ...syncState().connection, account },
      run: run({ state: "waiting", problem: "throttled" }),
      last_run: ended({ state: "incomplete", failed: 12, problem: "records_failed" }),
    }),
    settings: { interval_minutes: 20, default_country: "DE", effective_country: "DE" },
    notifications: true,
    unreachableSince: "2026-11-21T14:02:00Z",
    missed: 2,
    placement: { tabId: 3, runId: 7, stage: "banner", since: "2026-11-21T14:02:00Z", refusedTabId: null },
    faults: [
      {
        at: "2026-11-21T14:01:00Z",
        method: "GET",
        route: "/api/sync",
        status: 500,
        kind: "internal",
        requestId: "r-1",
      },
    ],
    // What else lies in the popup's state must not come along either.
    contacts: { typed: `${SECRET} +14155550132` },
    contact: { name: SECRET, email: `${SECRET}@portico.example`, phones: [{ raw: "+14155550132" }] },
    calls: { calls: [{ number: "+14155550132", caller: { candidates: [{ name: SECRET }] } }] },
    ...change,
  };
}

test("there is no name, number, address, account or token in it", () => {
  const text = diagnosticsOf(facts());
  expect(text.toLowerCase()).not.toContain(SECRET.toLowerCase());
  expect(text).not.toContain("brightmoor");
  for (const number of NUMBERS)
    expect(text).not.toMatch(new RegExp(`(?<!\\d)${number.replace("+", "\\+")}(?!\\d)`, "u"));
});

test("what helps is in it", () => {
  const lines = diagnosticsOf(facts()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "extension: 0.1.0",
      "server version: 0.1.0",
      "browser: Chrome/148.0.7778.1 Linux",
      "server: https, elsewhere",
      "session: signedIn",
      "connection: connected",
      "last run: 7",
      "  problem: records_failed",
      "  failed: 12",
      "fault: 2026-11-21T14:01:00Z GET /api/sync 500 internal request r-1",
    ]),
  );
});

test("signed out and knowing nothing it still says so", () => {
  const text = diagnosticsOf(
    facts({ session: { state: "signedOut", problem: "exchange_failed" }, sync: null, settings: null, faults: [] }),
  );
  expect(text).toContain("sign-in problem: exchange_failed");
  expect(text).toContain("sync: -");
});

test("a stranger's server cannot put its own text there as a version", () => {
  expect(diagnosticsOf(facts({ serverVersion: `1.0\n${SECRET}` }))).toContain("server version: unreadable");
});
