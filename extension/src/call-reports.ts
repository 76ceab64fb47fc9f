/**
 * Events of calls on their way to the server: kept until it has taken them, in order, whatever dies or is out of reach
 * meanwhile. Phone window and worker may both send; a lock that the browser holds lets one at a time.
 */
import { api } from "./api";
import type { CallNews } from "./contract";
import { Refused, ServerFault, SignedOut, Unreachable } from "./errors";
import { stored, type CallReport } from "./storage";

const LOCK = "call-reports";
const MOST_KEPT = 200;
/** Until then the server's own clock says when it was: this one may be wrong. */
const FRESH_MS = 3_000;
const TOO_MANY = 429;

/** Takes the news over and sends what there is; without a session there is nobody to tell. */
export async function reportCall(news: CallNews): Promise<void> {
  await navigator.locks.request(LOCK, async () => {
    if ((await stored.session.get()).state !== "signedIn") return;
    const report: CallReport = { id: crypto.randomUUID(), news, at: new Date().toISOString() };
    await stored.callReports.set([...(await stored.callReports.get()), report].slice(-MOST_KEPT));
  });
  await sendReports();
}

/** Sends what is kept, the oldest first, until one cannot be sent. Looked up each time: a sign-out drops them all. */
export async function sendReports(): Promise<void> {
  await navigator.locks.request(LOCK, sendOldest);
}

async function sendOldest(): Promise<void> {
  const [report] = await stored.callReports.get();
  if (report === undefined || !(await isDone(report))) return;
  await drop(report);
  await sendOldest();
}

/** Whether the report is of no more use: taken, or refused for good. */
async function isDone({ news, at }: CallReport): Promise<boolean> {
  const fresh = Date.now() - new Date(at).getTime() < FRESH_MS;
  try {
    await api.reportCall(fresh ? news : { ...news, at });
    return true;
  } catch (error) {
    if (error instanceof Refused) return error.status !== TOO_MANY;
    if (error instanceof Unreachable || error instanceof ServerFault || error instanceof SignedOut) return false;
    throw error;
  }
}

async function drop({ id }: CallReport): Promise<void> {
  await stored.callReports.set((await stored.callReports.get()).filter((one) => one.id !== id));
}
