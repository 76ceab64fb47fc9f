/**
 * Signing in and out. One sign-in runs at a time and lives in the worker, because the popup closes when
 * HubSpot's window opens. The verifier never leaves this browser until the code is traded for a session.
 */
import { browser } from "wxt/browser";

import { api, probe } from "./api";
import { AUTHORIZE_REFUSALS, type AuthorizeRefusal, type SessionGrant } from "./contract";
import { Refused, ServerFault, SignedOut, SignInFailed, Unreachable, type SignInProblem } from "./errors";
import type { Session } from "./protocol";
import { forgetUser, stored } from "./storage";

let running: Promise<boolean> | null = null;

/** Signs in; a second call joins the first. Resolves to whether there is a new session. */
export function authorize(): Promise<boolean> {
  running ??= signIn().finally(() => {
    running = null;
  });
  return running;
}

/** A worker that died took its sign-in with it: nothing may wait for it. */
export async function resetInterrupted(): Promise<void> {
  const session = await stored.session.get();
  if (session.state !== "authorizing" || running !== null) return;
  await stored.verifier.set(null);
  await stored.session.set({ state: "signedOut", problem: "interrupted" });
}

/** With `everything`, personal contacts, settings and history on the server go, too. */
export async function unauthorize(everything: boolean): Promise<void> {
  await (everything ? api.deleteData() : api.unauthorize());
  await signOutHere(null);
}

/** Another server is another world: its tokens and copies must not meet this one's. */
export async function changeServer(address: string): Promise<void> {
  await signOutHere(null);
  await stored.server.set(address);
}

async function signOutHere(problem: SignInProblem | null): Promise<void> {
  await forgetUser();
  await stored.session.set({ state: "signedOut", problem });
}

async function signIn(): Promise<boolean> {
  const before = await stored.session.get();
  // Reconnecting keeps the session that there is until a new one takes its place.
  if (before.state !== "signedIn") {
    await stored.session.set({ state: "authorizing", startedAt: new Date().toISOString() });
  }
  try {
    const grant = await grantFromHubSpot();
    await forgetUser();
    await stored.session.set(sessionOf(grant));
    return true;
  } catch (error) {
    await stored.verifier.set(null);
    await stored.session.set(afterFailure(before, problemOf(error)));
    return false;
  }
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

function afterFailure(before: Session, problem: SignInProblem): Session {
  return before.state === "signedIn" ? { ...before, problem } : { state: "signedOut", problem };
}

async function grantFromHubSpot(): Promise<SessionGrant> {
  const server = await stored.server.get();
  if ((await probe(server)) !== "reachable") throw new SignInFailed("server_unreachable");
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  await stored.verifier.set(verifier);
  const code = codeIn(await consentWindow(server, await challengeOf(verifier)));
  return api.redeem(code, verifier, browser.runtime.id);
}

async function consentWindow(server: string, challenge: string): Promise<string> {
  const query = new URLSearchParams({ challenge, extension: browser.runtime.id });
  const answer = await browser.identity
    .launchWebAuthFlow({ url: `${server}/auth/start?${query.toString()}`, interactive: true })
    .catch(async (error: unknown) => {
      throw new SignInFailed(await windowProblem(server, error));
    });
  if (answer === undefined) throw new SignInFailed("window_closed");
  return answer;
}

/** Chromium tells the ends of the window apart by text only: identity_constants.cc, kUserRejected. */
async function windowProblem(server: string, error: unknown): Promise<SignInProblem> {
  const said = error instanceof Error ? error.message : "";
  if (said.includes("did not approve")) return "window_closed";
  // A worker that died left its window behind, and there may be only one: identity_api.cc.
  if (said.includes("Only one web auth flow")) return "window_still_open";
  return (await probe(server)) === "reachable" ? "page_failed" : "server_unreachable";
}

function isRefusal(kind: string): kind is AuthorizeRefusal {
  return AUTHORIZE_REFUSALS.some((known) => known === kind);
}

/** The one-time code in the address the window ended on. */
export function codeIn(address: string): string {
  const url = new URL(address);
  if (url.origin !== new URL(browser.identity.getRedirectURL()).origin) throw new SignInFailed("foreign_answer");
  const refusal = url.searchParams.get("error");
  if (refusal !== null) throw new SignInFailed(isRefusal(refusal) ? refusal : "server_fault");
  const code = url.searchParams.get("code");
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
