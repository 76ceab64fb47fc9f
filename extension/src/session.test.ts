import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import {
  authorize,
  authorizeInTab,
  challengeOf,
  changeServer,
  codeIn,
  endAbandoned,
  finishInTab,
  unauthorize,
} from "./session";
import { stored } from "./storage";
import { alicesAccount, syncState } from "./testing/samples";

const fetched = vi.fn<typeof fetch>();
const BACK = "https://callbook.chromiumapp.org/";
const grant = { token: "alices-token", expires_at: "2026-12-21T00:00:00Z", account: alicesAccount };

beforeEach(async () => {
  vi.stubGlobal("fetch", fetched);
  await stored.server.set("https://callbook.example");
  fetched.mockImplementation((address) => Promise.resolve(serverAnswer(new Request(address).url)));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function serverAnswer(address: string): Response {
  return Response.json(address.endsWith("/health") ? { service: "callbook" } : grant);
}

/** What HubSpot's window ends with. */
function windowEnds(end: () => Promise<string | undefined>) {
  // Chrome's typings also know the old form with a callback, which returns nothing.
  const open: (details: { url: string }) => Promise<string | undefined> = fakeBrowser.identity.launchWebAuthFlow;
  return vi.mocked(open).mockImplementation(end);
}

test("the code is traded for a session with the verifier the challenge was made of", async () => {
  const opened = windowEnds(() => Promise.resolve(`${BACK}?code=one-time`));
  expect(await authorize()).toBe(true);
  expect(await stored.session.get()).toMatchObject({
    state: "signedIn",
    token: "alices-token",
    account: alicesAccount,
  });

  const start = new URL(opened.mock.calls[0]?.[0].url ?? "");
  const redeemed: unknown = await new Request(BACK, { ...fetched.mock.calls.at(-1)?.[1], signal: null }).json();
  expect(redeemed).toMatchObject({ code: "one-time", extension: "callbook" });
  const { verifier } = redeemed as { verifier: string }; // asserted by the line above and the next
  expect(verifier).toMatch(/^[\w-]{43}$/u);
  expect(start.searchParams.get("challenge")).toBe(await challengeOf(verifier));
  expect(await stored.signIn.get()).toBeNull();
});

test("the challenge is RFC 7636's", async () => {
  const challenge = await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  expect(challenge).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("while the window is open the state says so, and a second click joins", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const opened = windowEnds(() => promise);
  const first = authorize();
  const second = authorize();
  await vi.waitFor(() => expect(opened).toHaveBeenCalled());
  expect(await stored.session.get()).toMatchObject({ state: "authorizing" });
  resolve(`${BACK}?code=one-time`);
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(opened).toHaveBeenCalledTimes(1);
});

test.each([
  ["window_closed", () => Promise.reject(new Error("The user did not approve access."))],
  ["window_closed", () => Promise.resolve(undefined)],
  ["window_still_open", () => Promise.reject(new Error("Only one web auth flow is allowed at a time."))],
  ["page_failed", () => Promise.reject(new Error("Authorization page could not be loaded."))],
  ["consent_denied", () => Promise.resolve(`${BACK}?error=consent_denied`)],
  ["server_misconfigured", () => Promise.resolve(`${BACK}?error=server_misconfigured`)],
  ["server_fault", () => Promise.resolve(`${BACK}?error=something_new`)],
  ["foreign_answer", () => Promise.resolve("https://evil.example/?code=one-time")],
  ["foreign_answer", () => Promise.resolve(BACK)],
])("the sign-in ends with %s", async (problem, end) => {
  windowEnds(end);
  expect(await authorize()).toBe(false);
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem });
  expect(await stored.signIn.get()).toBeNull();
});

test("a used code is told as such", async () => {
  windowEnds(() => Promise.resolve(`${BACK}?code=used`));
  fetched.mockImplementation((address) =>
    Promise.resolve(
      new Request(address).url.endsWith("/health")
        ? serverAnswer("/health")
        : Response.json({ error: { kind: "code_invalid", message: "", request_id: "r" } }, { status: 400 }),
    ),
  );
  await authorize();
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "code_refused" });
});

test("no window opens when the server does not answer", async () => {
  const opened = windowEnds(() => Promise.resolve(BACK));
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await authorize();
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "server_unreachable" });
  expect(opened).not.toHaveBeenCalled();
});

test("reconnecting keeps the session until a new one is there", async () => {
  const before = { state: "signedIn", token: "old", expiresAt: "", account: alicesAccount, problem: null } as const;
  await stored.session.set(before);
  windowEnds(() => Promise.resolve(`${BACK}?error=consent_denied`));
  await authorize();
  expect(await stored.session.get()).toEqual({ ...before, problem: "consent_denied" });
});

test("a sign-in that died with its worker does not hang", async () => {
  await stored.session.set({ state: "authorizing", startedAt: "2026-11-21T14:00:00Z", place: "window" });
  await stored.signIn.set({ verifier: "left behind", place: "window", tabId: null, until: "2100-01-01T00:00:00Z" });
  await endAbandoned();
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "interrupted" });
  expect(await stored.signIn.get()).toBeNull();
});

test("a sign-in that runs in this worker is left alone", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const opened = windowEnds(() => promise);
  const done = authorize();
  await vi.waitFor(() => expect(opened).toHaveBeenCalled());
  await endAbandoned();
  expect(await stored.session.get()).toMatchObject({ state: "authorizing" });
  resolve(`${BACK}?code=one-time`);
  await done;
});

/** What the server was asked for a session with. */
async function redeemedWith(): Promise<unknown> {
  const asked = fetched.mock.calls.filter(([address]) => new Request(address).url.endsWith("/auth/session"));
  return asked.length === 0 ? null : new Request(BACK, { ...asked.at(-1)?.[1], signal: null }).json();
}

describe("in a tab", () => {
  const opened = vi.fn<(what: { url: string }) => Promise<{ id: number }>>();
  const found = vi.fn<(tabId: number) => Promise<object>>();
  const waiting = { state: "authorizing", place: "tab" };
  let challenge = "";

  beforeEach(async () => {
    Object.assign(fakeBrowser.tabs, { create: opened, get: found });
    opened.mockResolvedValue({ id: 5 });
    found.mockResolvedValue({});
    await authorizeInTab();
    challenge = new URL(opened.mock.calls[0]?.[0].url ?? "").searchParams.get("challenge") ?? "";
  });

  test("the tab is told of, and its code is traded with the verifier that storage kept", async () => {
    expect(await stored.session.get()).toMatchObject(waiting);
    expect(opened.mock.calls[0]?.[0].url).toContain("https://callbook.example/auth/start?challenge=");
    expect(opened.mock.calls[0]?.[0].url).toContain("via=tab");
    const { verifier, tabId } = (await stored.signIn.get()) ?? {};
    expect([tabId, challenge]).toEqual([5, await challengeOf(verifier ?? "")]);
    expect(await finishInTab(`for=${challenge}&code=one-time`)).toBe(true);
    expect(await stored.session.get()).toMatchObject({ state: "signedIn", token: "alices-token" });
    expect(await redeemedWith()).toEqual({ code: "one-time", verifier, extension: "callbook" });
    expect(await stored.signIn.get()).toBeNull();
  });

  test("a refusal is told as in the window", async () => {
    expect(await finishInTab(`for=${challenge}&error=consent_denied`)).toBe(false);
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "consent_denied" });
  });

  test.each(["for=another&code=attackers", "code=attackers", "for=another&error=consent_denied", "for=&error=x"])(
    "an answer to another's question is refused, asks nothing, and ends nothing: %s",
    async (answer) => {
      await expect(finishInTab(answer)).rejects.toMatchObject({ kind: "not_started_here" });
      expect(await redeemedWith()).toBeNull();
      expect(await stored.session.get()).toMatchObject(waiting);
      expect(await finishInTab(`for=${challenge}&code=one-time`)).toBe(true);
    },
  );

  test("an answer where nobody has asked is refused", async () => {
    const answer = `for=${challenge}&code=one-time`;
    await changeServer("https://other.example");
    await expect(finishInTab(answer)).rejects.toMatchObject({ kind: "not_started_here" });
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: null });
  });

  test("an answer that comes twice signs in once", async () => {
    await finishInTab(`for=${challenge}&code=one-time`);
    await expect(finishInTab(`for=${challenge}&code=one-time`)).rejects.toMatchObject({ kind: "not_started_here" });
    expect(await stored.session.get()).toMatchObject({ state: "signedIn" });
  });

  test("a window does not take its answer", async () => {
    windowEnds(() => new Promise(() => undefined));
    void authorize();
    await vi.waitFor(async () => expect((await stored.signIn.get())?.place).toBe("window"));
    await expect(finishInTab(`for=${challenge}&code=one-time`)).rejects.toMatchObject({ kind: "not_started_here" });
    await authorizeInTab(); // lets go of the window
  });

  test("its time is as long as the server's", async () => {
    vi.useFakeTimers({ now: Date.now() + 16 * 60_000, toFake: ["Date"] });
    await expect(finishInTab(`for=${challenge}&code=one-time`)).rejects.toMatchObject({ kind: "not_started_here" });
    await endAbandoned();
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "interrupted" });
    vi.useRealTimers();
  });

  test("while the tab is open it is waited for; closed, it is told, and the way in is free", async () => {
    await endAbandoned();
    expect(await stored.session.get()).toMatchObject(waiting);
    found.mockRejectedValue(new Error("No tab with id: 5."));
    await endAbandoned();
    expect(found).toHaveBeenLastCalledWith(5);
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "tab_closed" });
    await expect(finishInTab(`for=${challenge}&code=one-time`)).rejects.toMatchObject({ kind: "not_started_here" });
  });

  test("a window that was open before is let go of, and its end is not told", async () => {
    const { promise, reject } = Promise.withResolvers<string>();
    promise.catch(() => undefined); // it may end before anybody has waited for it
    windowEnds(() => promise);
    const before = authorize();
    await vi.waitFor(async () => expect((await stored.signIn.get())?.place).toBe("window"));
    await authorizeInTab();
    reject(new Error("The user did not approve access."));
    expect(await before).toBe(false);
    expect(await stored.session.get()).toMatchObject(waiting);
  });

  test("the session that there is stays until a new one takes its place", async () => {
    const session = { state: "signedIn", token: "old", expiresAt: "", account: alicesAccount, problem: null } as const;
    await stored.session.set(session);
    await authorizeInTab();
    expect(await stored.session.get()).toEqual(session);
    found.mockRejectedValue(new Error("No tab with id: 5."));
    await endAbandoned();
    expect(await stored.session.get()).toEqual({ ...session, problem: "tab_closed" });
  });

  test("no tab opens when the server does not answer", async () => {
    opened.mockClear();
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await authorizeInTab();
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: "server_unreachable" });
    expect(opened).not.toHaveBeenCalled();
  });
});

test("another server signs out and wipes", async () => {
  await stored.session.set({ state: "signedIn", token: "old", expiresAt: "", account: alicesAccount, problem: null });
  await stored.sync.set(syncState());
  await changeServer("https://other.example");
  expect(await stored.session.get()).toEqual({ state: "signedOut", problem: null });
  expect(await stored.sync.get()).toBeNull();
  expect(await stored.server.get()).toBe("https://other.example");
});

test("only the extension's own address brings a code", () => {
  expect(codeIn(`${BACK}?code=x`)).toBe("x");
  expect(() => codeIn("https://other.chromiumapp.org/?code=x")).toThrow("foreign_answer");
});

test.each([
  [false, "POST", "https://callbook.example/auth/unauthorize"],
  [true, "DELETE", "https://callbook.example/api/data"],
])(
  "leaving (everything: %s) is the server's first, then nothing of the user is left here",
  async (everything, ...ask) => {
    await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
    await stored.sync.set(syncState());
    fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 204 })));
    await unauthorize(everything);
    expect(fetched.mock.calls.map(([address, init]) => [init?.method, address])).toEqual([ask]);
    expect(await stored.session.get()).toEqual({ state: "signedOut", problem: null });
    expect(await stored.sync.get()).toBeNull();
  },
);

test("what the server did not delete is not forgotten here", async () => {
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  fetched.mockImplementation(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(unauthorize(true)).rejects.toThrow();
  expect((await stored.session.get()).state).toBe("signedIn");
});
