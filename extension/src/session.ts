/**
 * Signing in and out. Sign-ins live in the worker, because the popup closes when HubSpot's window opens; the one begun
 * last counts. The verifier never leaves this browser until the code is traded for a session.
 */
import { browser } from "wxt/browser";

import { api, probe } from "./api";
import { AUTHORIZE_REFUSALS, type AuthorizeRefusal, type SessionGrant } from "./contract";
import { Refused, ServerFault, SignedOut, SignInFailed, Unreachable, type SignInProblem } from "./errors";
import type { Session, SignInPlace } from "./protocol";
import { DEMO_SERVER, forgetUser, stored, type SignIn } from "./storage";

/** As long as the server waits for HubSpot's answer. */
const CONSENT_MS = 15 * 60_000;

/** The sign-in in HubSpot's window, as long as this worker waits for it. */
let running: Promise<boolean> | null = null;

/** Signs in; a second call joins the first. Resolves to whether there is a new session. */
export function authorize(at: "server" | "demo" = "server"): Promise<boolean> {
  if (running !== null) return running;
  const begun = signInByWindow(at).finally(() => {
    if (running === begun) running = null;
  });
  running = begun;
  return begun;
}

/** Signs in at the demo's server, which is left again when nobody is signed in there any more. */
export async function authorizeDemo(): Promise<boolean> {
  // A token of one server must not reach another.
  if (DEMO_SERVER === null || (await stored.session.get()).state === "signedIn") return false;
  return authorize("demo");
}

async function enterDemo(): Promise<void> {
  const server = await stored.server.get();
  if (DEMO_SERVER === null || server === DEMO_SERVER) return;
  await stored.serverBefore.set(server);
  await stored.server.set(DEMO_SERVER);
}

/** However the session in the demo ended, or if it never began. */
export async function leaveDemo(): Promise<void> {
  const before = await stored.serverBefore.get();
  if (before === null || (await stored.session.get()).state !== "signedOut") return;
  await stored.server.set(before);
  await stored.serverBefore.set(null);
}

/** Signs in in an ordinary tab, for where the window does not work. Its end is heard by `finishInTab`. */
export async function authorizeInTab(): Promise<void> {
  const signIn = await begin("tab");
  running = null; // a window that is open is left to itself
  try {
    const { id = null } = await browser.tabs.create({ url: await startAddress(signIn) });
    if (await isNewest(signIn)) await stored.signIn.set({ ...signIn, tabId: id });
  } catch (error) {
    await fail(signIn, problemOf(error));
  }
}

/**
 * What the tab was led back with. A page can be led here by anybody: what another browser has asked for, or nobody,
 * is refused ("not_started_here") and ends nothing; and a code is no good without the verifier it was asked for with.
 */
export async function finishInTab(answer: string): Promise<boolean> {
  const told = new URLSearchParams(answer);
  const signIn = await stored.signIn.get();
  if (signIn?.place !== "tab" || isOver(signIn) || told.get("for") !== (await challengeOf(signIn.verifier))) {
    throw new Refused("not_started_here", 0, null);
  }
  return end(signIn, () => codeOf(told));
}

/** A sign-in whose worker died, whose tab was closed, or that took too long: nothing may wait for it. */
export async function endAbandoned(): Promise<void> {
  if (running !== null) return;
  const signIn = await stored.signIn.get();
  if (signIn?.place === "tab" && !isOver(signIn)) {
    if (!(await isOpen(signIn.tabId))) await fail(signIn, "tab_closed");
  } else if (signIn !== null) await fail(signIn, "interrupted");
  else if ((await stored.session.get()).state === "authorizing") await signOutHere("interrupted");
}

/** With `everything`, personal contacts, settings and history on the server go, too. */
export async function unauthorize(everything: boolean): Promise<void> {
  await (everything ? api.deleteData() : api.unauthorize());
  await signOutHere(null);
}

/** Another server is another world: its tokens and copies must not meet this one's. */
export async function changeServer(address: string): Promise<void> {
  await stored.serverBefore.set(null);
  await signOutHere(null);
  await stored.server.set(address);
}

async function signOutHere(problem: SignInProblem | null): Promise<void> {
  await forgetUser();
  await stored.session.set({ state: "signedOut", problem });
}

async function begin(place: SignInPlace): Promise<SignIn> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const signIn = { verifier, place, tabId: null, until: new Date(Date.now() + CONSENT_MS).toISOString() };
  await stored.signIn.set(signIn);
  // Reconnecting keeps the session that there is until a new one takes its place.
  if ((await stored.session.get()).state !== "signedIn") {
    await stored.session.set({ state: "authorizing", startedAt: new Date().toISOString(), place });
  }
  return signIn;
}

async function signInByWindow(at: "server" | "demo"): Promise<boolean> {
  const signIn = await begin("window");
  if (at === "demo") await enterDemo();
  return end(signIn, async () => codeIn(await consentWindow(await startAddress(signIn))));
}

/** Trades the code, if there comes one. */
async function end(signIn: SignIn, comingCode: () => string | Promise<string>): Promise<boolean> {
  try {
    const grant = await api.redeem(await comingCode(), signIn.verifier, browser.runtime.id);
    await forgetUser();
    await stored.session.set(sessionOf(grant));
    return true;
  } catch (error) {
    await fail(signIn, problemOf(error));
    return false;
  }
}

/** Says why there is no session, unless it is waited for elsewhere by now. */
async function fail(signIn: SignIn, problem: SignInProblem): Promise<void> {
  if (!(await isNewest(signIn))) return;
  await stored.signIn.set(null);
  const session = await stored.session.get();
  await stored.session.set(session.state === "signedIn" ? { ...session, problem } : { state: "signedOut", problem });
}

async function isNewest({ verifier }: SignIn): Promise<boolean> {
  return (await stored.signIn.get())?.verifier === verifier;
}

function isOver({ until }: SignIn): boolean {
  return Date.parse(until) < Date.now();
}

/** A tab that is about to open counts as open. */
async function isOpen(tabId: number | null): Promise<boolean> {
  if (tabId === null) return true;
  return browser.tabs.get(tabId).then(
    () => true,
    () => false,
  );
}

function sessionOf(grant: SessionGrant): Session {
  return {
    state: "signedIn",
    token: grant.token,
    expiresAt: grant.expires_at,
    account: grant.account,
    problem: null,
  };
}

async function startAddress({ verifier, place }: SignIn): Promise<string> {
  const server = await stored.server.get();
  if ((await probe(server)) !== "reachable") {
    throw new SignInFailed(server === DEMO_SERVER ? "demo_unreachable" : "server_unreachable");
  }
  const query = new URLSearchParams({ challenge: await challengeOf(verifier), extension: browser.runtime.id });
  if (place === "tab") query.set("via", place);
  return `${server}/auth/start?${query.toString()}`;
}

async function consentWindow(address: string): Promise<string> {
  const answer = await browser.identity
    .launchWebAuthFlow({ url: address, interactive: true })
    .catch(async (error: unknown) => {
      throw new SignInFailed(await windowProblem(error));
    });
  if (answer === undefined) throw new SignInFailed("window_closed");
  return answer;
}

/** Chromium tells the ends of the window apart by text only: identity_constants.cc, kUserRejected. */
async function windowProblem(error: unknown): Promise<SignInProblem> {
  const said = error instanceof Error ? error.message : "";
  if (said.includes("did not approve")) return "window_closed";
  // A worker that died left its window behind, and there may be only one: identity_api.cc.
  if (said.includes("Only one web auth flow")) return "window_still_open";
  return (await probe(await stored.server.get())) === "reachable" ? "page_failed" : "server_unreachable";
}

function isRefusal(kind: string): kind is AuthorizeRefusal {
  return AUTHORIZE_REFUSALS.some((known) => known === kind);
}

/** The one-time code in the address the window ended on. */
export function codeIn(address: string): string {
  const url = new URL(address);
  if (url.origin !== new URL(browser.identity.getRedirectURL()).origin) throw new SignInFailed("foreign_answer");
  return codeOf(url.searchParams);
}

function codeOf(told: URLSearchParams): string {
  const refusal = told.get("error");
  if (refusal !== null) throw new SignInFailed(isRefusal(refusal) ? refusal : "server_fault");
  const code = told.get("code");
  if (code === null) throw new SignInFailed("foreign_answer");
  return code;
}

function problemOf(error: unknown): SignInProblem {
  if (error instanceof SignInFailed) return error.problem;
  if (error instanceof Unreachable) return "server_unreachable";
  if (error instanceof Refused) return "code_refused";
  if (error instanceof ServerFault || error instanceof SignedOut) return "server_fault";
  throw error;
}

export async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
