/**
 * The one HTTP door to the server. Every request has a deadline; only one that reads is repeated, once; an answer is
 * data of the contract or an error with its consequence. A session the server no longer knows ends here.
 */
import type {
  Call,
  CallNews,
  Caller,
  CallPage,
  CallQuery,
  Contact,
  ContactPage,
  ContactQuery,
  ErrorBody,
  EventPage,
  FeedPage,
  Health,
  Moment,
  OwnLine,
  PersonalIn,
  ProblemPage,
  RemotePage,
  Run,
  RunKind,
  RunMove,
  SessionGrant,
  Settings,
  SettingsChange,
  SyncState,
  Ticket,
} from "./contract";
import { isHubSpotFailure, Refused, ServerFault, SignedOut, Unreachable } from "./errors";
import { tokenOf } from "./protocol";
import { forgetUser, readTogether, stored } from "./storage";

const TIMEOUT_MS = 10_000;
const HEALTH_TIMEOUT_MS = 4_000;
const KEPT_FAULTS = 5;
const MOST_PROBLEMS = 200;
const FEED_ROWS = 1_000;
const GATEWAY_ALONE: readonly number[] = [502, 503, 504];

interface Ask {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** False for the routes that come before there is a session. */
  signed?: boolean;
  /** It changes nothing, although it is no GET. */
  reads?: boolean;
  /** It ends the session, which may be known here before its answer comes. */
  ends?: boolean;
}

/** Where requests go, and in whose name. */
interface Sender {
  server: string;
  token: string | null;
}

async function senderOf(ask: Ask): Promise<Sender> {
  const { session, server } = await readTogether(["session", "server"]);
  if (ask.signed === false) return { server, token: null };
  const token = tokenOf(session);
  if (token === null) throw new SignedOut();
  return { server, token };
}

/** Ends the session here, unless a newer one has taken its place since the request left. */
export async function endSession(token: string): Promise<void> {
  if (tokenOf(await stored.session.get()) !== token) return;
  await forgetUser();
  await stored.session.set({ state: "signedOut", problem: "session_expired" });
}

async function noteReach(reached: boolean): Promise<void> {
  const since = await stored.unreachableSince.get();
  if (reached && since !== null) await stored.unreachableSince.set(null);
  if (!reached && since === null) await stored.unreachableSince.set(new Date().toISOString());
}

async function fetchOnce(ask: Ask, { server, token }: Sender): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  if (ask.body !== undefined) headers.set("Content-Type", "application/json");
  return fetch(server + ask.path, {
    method: ask.method,
    headers,
    // Chromium asks for leave again with every request that passes its cache by (RetrieveCacheFlags in
    // preflight_controller.cc), and what a POST is answered is never from there.
    cache: ask.method === "POST" ? "default" : "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
  });
}

/** `fetch` rejects only when there was no answer; null stands for that. */
async function answerOrNull(ask: Ask, sender: Sender): Promise<Response | null> {
  return fetchOnce(ask, sender).catch(() => null);
}

/** A proxy answered for a server that did not: the server's own answers have a number. */
function isGatewayAlone({ status, headers }: Response): boolean {
  return GATEWAY_ALONE.includes(status) && !headers.has("X-Request-Id");
}

async function answerOf(ask: Ask, sender: Sender): Promise<Response> {
  let response = await answerOrNull(ask, sender);
  const again = ask.method === "GET" || ask.reads === true;
  if (again && (response === null || isGatewayAlone(response))) response = await answerOrNull(ask, sender);
  if (response === null || isGatewayAlone(response)) {
    await noteReach(false);
    throw new Unreachable();
  }
  return response;
}

/** `Retry-After` in seconds, as a moment. */
function retryAtOf(response: Response): Moment | null {
  const seconds = Number(response.headers.get("Retry-After") ?? "");
  return seconds > 0 ? new Date(Date.now() + seconds * 1000).toISOString() : null;
}

async function errorOf(response: Response): Promise<Refused | ServerFault> {
  // A proxy may answer in HTML: then the status is all there is.
  const body = (await response.json().catch(() => null)) as Partial<ErrorBody> | null;
  const { kind, request_id: named, fields } = body?.error ?? { kind: "unknown" };
  const requestId = named ?? response.headers.get("X-Request-Id");
  if (response.status >= 500 && !isHubSpotFailure(kind)) return new ServerFault(response.status, requestId);
  return new Refused(kind, response.status, requestId, fields ?? [], retryAtOf(response));
}

/** For the diagnostics: what was searched for, and whose record it was, is left out. */
async function noteFault({ method, path }: Ask, error: Refused | ServerFault): Promise<void> {
  const [bare = ""] = path.split("?");
  const route = bare.replaceAll(/\d+/gu, ":id");
  const kind = error instanceof Refused ? error.kind : "internal";
  const fault = { at: new Date().toISOString(), method, route, status: error.status, kind, requestId: error.requestId };
  await stored.faults.set([fault, ...(await stored.faults.get())].slice(0, KEPT_FAULTS));
}

async function call<T>(ask: Ask): Promise<T> {
  const sender = await senderOf(ask);
  const response = await answerOf(ask, sender);
  if (!response.ok) {
    await noteReach(true);
    throw await failureOf(ask, sender, response);
  }
  // Side by side: the rest of the answer does not wait for storage.
  const [body] = await Promise.all([bodyOf(response), noteReach(true)]);
  if (!(await isStillTheirs(ask, sender))) throw new SignedOut();
  // The contract's types are the server's own; what it sends is trusted to be them.
  return body as T;
}

/** Nobody gets what was meant for whoever was signed in when it was asked for. */
async function isStillTheirs({ ends }: Ask, { token }: Sender): Promise<boolean> {
  return token === null || ends === true || tokenOf(await stored.session.get()) === token;
}

async function failureOf(ask: Ask, { token }: Sender, response: Response): Promise<Error> {
  if (response.status === 401 && token !== null) {
    await endSession(token);
    return new SignedOut();
  }
  const error = await errorOf(response);
  await noteFault(ask, error);
  return error;
}

/** An answer that breaks off, or is not JSON at all, is none. */
async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  return response.json().catch(() => {
    throw new Unreachable();
  });
}

function search(values: Record<string, string | number | boolean | null>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== "" && value !== false) query.set(name, String(value));
  }
  return query.toString();
}

const get = <T>(path: string): Promise<T> => call<T>({ method: "GET", path });
const post = <T>(path: string, body?: unknown): Promise<T> => call<T>({ method: "POST", path, body });

/** Whether a Callbook server answers at this address. */
export async function probe(address: string): Promise<"reachable" | "unreachable" | "other"> {
  const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
  const response = await fetch(`${address}/health`, { signal, credentials: "omit" }).catch(() => null);
  if (response === null) return "unreachable";
  const health = (await response.json().catch(() => null)) as Partial<Health> | null; // may be anyone's server
  if (!response.ok || health?.service !== "callbook") return "other";
  if (address === (await stored.server.get())) await stored.serverVersion.set(health.version ?? null);
  return "reachable";
}

export const api = {
  redeem: (code: string, verifier: string, extension: string): Promise<SessionGrant> =>
    call({ method: "POST", path: "/auth/session", body: { code, verifier, extension }, signed: false }),
  unauthorize: (): Promise<void> => call({ method: "POST", path: "/auth/unauthorize", ends: true }),
  sync: (): Promise<SyncState> => get("/api/sync"),
  startRun: (kind: RunKind, acceptRemovals: boolean): Promise<Run> =>
    post("/api/sync", acceptRemovals ? { kind, accept_removals: true } : { kind }),
  sendTestCall: (): Promise<void> => post("/api/calls/test", {}),
  steerRun: (move: RunMove): Promise<Run> => post(`/api/sync/${move}`),
  settings: (): Promise<Settings> => get("/api/settings"),
  changeSettings: (change: SettingsChange): Promise<Settings> =>
    call({ method: "PATCH", path: "/api/settings", body: change }),
  lines: (): Promise<OwnLine[]> => get<{ lines: OwnLine[] }>("/api/lines").then(({ lines }) => lines),
  /** All of them, as they are to be. */
  setLines: (lines: readonly string[]): Promise<OwnLine[]> =>
    call<{ lines: OwnLine[] }>({ method: "PUT", path: "/api/lines", body: { lines } }).then((kept) => kept.lines),
  contacts: (query: ContactQuery): Promise<ContactPage> =>
    call({ method: "POST", path: "/api/contacts/search", body: query, reads: true }),
  contact: (id: number): Promise<Contact> => get(`/api/contacts/${id}`),
  addContact: (contact: PersonalIn): Promise<Contact> => post("/api/contacts", contact),
  changeContact: (id: number, contact: PersonalIn): Promise<Contact> =>
    call({ method: "PUT", path: `/api/contacts/${id}`, body: contact }),
  deleteContact: (id: number): Promise<void> => call({ method: "DELETE", path: `/api/contacts/${id}` }),
  deleteData: (): Promise<void> => call({ method: "DELETE", path: "/api/data", ends: true }),
  searchHubSpot: (text: string): Promise<RemotePage> => post("/api/hubspot-search", { text }),
  problems: (): Promise<ProblemPage> => get(`/api/problems?${search({ limit: MOST_PROBLEMS })}`),
  calls: (query: CallQuery): Promise<CallPage> =>
    call({ method: "POST", path: "/api/calls/search", body: query, reads: true }),
  chooseCaller: (number: string, contactId: number | null): Promise<Caller> =>
    call({ method: "PUT", path: "/api/callers/choice", body: { number, contact_id: contactId } }),
  reportCall: (news: CallNews & { ago_ms: number }): Promise<Call> => post("/api/calls", news),
  /** At most 100 numbers, as they were written; answered in their order. */
  callers: (numbers: readonly string[]): Promise<Caller[]> =>
    post<{ callers: Caller[] }>("/api/callers", { numbers }).then(({ callers }) => callers),
  /** From the beginning where `after` is null. */
  feed: (after: { epoch: number; cursor: number } | null): Promise<FeedPage> =>
    get(`/api/feed?${search({ epoch: after?.epoch ?? null, after: after?.cursor ?? null, limit: FEED_ROWS })}`),
  events: (after: number): Promise<EventPage> => get(`/api/events?${search({ after })}`),
  ticket: (): Promise<Ticket> => post("/api/tickets"),
};
