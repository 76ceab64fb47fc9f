/**
 * Events of calls on their way to the server: kept until it has taken them, in order, whatever dies or is out of reach
 * meanwhile. Phone window and worker may both send; a lock that the browser holds lets one at a time.
 */
import { api } from "./api";
import type { CallNews } from "./contract";
import { Refused, ServerFault, SignedOut, Unreachable } from "./errors";
import { stored, type CallReport } from "./storage";

const SENDING = "call-reports";
const KEEPING = "call-reports-kept";
const MOST_KEPT = 200;
const TOO_MANY = 429;

/** Keeps the news at once, and sends what there is; without a session there is nobody to tell. */
export async function reportCall(news: CallNews): Promise<void> {
  const report: CallReport = { id: crypto.randomUUID(), news, at: new Date().toISOString() };
  if ((await stored.session.get()).state !== "signedIn") return;
  await change((reports) => [...reports, report].slice(-MOST_KEPT));
  await sendReports();
}

async function change(next: (reports: readonly CallReport[]) => CallReport[]): Promise<void> {
  await navigator.locks.request(KEEPING, async () => {
    await stored.callReports.set(next(await stored.callReports.get()));
  });
}

/** Sends what is kept, the oldest first, until one cannot be sent. Looked up each time: a sign-out drops them all. */
export async function sendReports(): Promise<void> {
  await navigator.locks.request(SENDING, sendOldest);
}

async function sendOldest(): Promise<void> {
  const [report] = await stored.callReports.get();
  if (report === undefined || !(await isDone(report))) return;
  await change((reports) => reports.filter(({ id }) => id !== report.id));
  await sendOldest();
}

/**
 * Whether the report is of no more use: taken, or refused for good. The server is told how long ago it was, not when:
 * this clock may be wrong.
 */
async function isDone({ news, at }: CallReport): Promise<boolean> {
  try {
    await api.reportCall({ ...news, ago_ms: Math.max(0, Date.now() - new Date(at).getTime()) });
    return true;
  } catch (error) {
    if (error instanceof Refused) return error.status !== TOO_MANY;
    if (error instanceof Unreachable || error instanceof ServerFault || error instanceof SignedOut) return false;
    throw error;
  }
}
