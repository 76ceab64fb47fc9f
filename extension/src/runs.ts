/**
 * What is known of the user's runs: asked from the server, moved on by progress events, kept for every
 * surface to draw.
 */
import { api } from "./api";
import type { Run, RunKind, RunMove, SyncState } from "./contract";
import { actionProblem, Refused } from "./errors";
import { advanced, isActive, withProgress } from "./run-facts";
import { tokenOf } from "./protocol";
import { readTogether, stored } from "./storage";
import { turns } from "./turns";

const inTurn = turns();

function withoutStepBack(known: SyncState | null, news: SyncState): SyncState {
  return news.run === null ? news : { ...news, run: advanced(known?.run ?? null, news.run) };
}

let asked = 0;
let answered = 0;
/** What was told of a run last, by whose token, and how many questions had been asked by then. */
let told: { run: Run; token: string | null; asked: number } | null = null;

/** Asks the server how things stand (which also makes a run that is due). Only the answer has to wait for its turn. */
export async function refresh(): Promise<SyncState> {
  const question = ++asked;
  const asker = tokenOf(await stored.session.get());
  const news = await api.sync();
  return inTurn(() => takeIn(news, question, asker));
}

/** An answer that another one has overtaken is old; one that a run's news has overtaken does not know of that. */
async function takeIn(news: SyncState, question: number, asker: string | null): Promise<SyncState> {
  const { sync: known, session } = await readTogether(["sync", "session"]);
  const isOld = known !== null && question < answered;
  answered = Math.max(answered, question);
  const since = told !== null && told.token === asker && question <= told.asked ? told.run : null;
  const fresh = withoutStepBack(known, since === null ? news : withProgress(news, since));
  const state = isOld ? known : fresh;
  if (tokenOf(session) === asker) await stored.sync.set(state);
  return state;
}

/**
 * A progress event arrived. When a run ends, the counts and the next sync change with it: they are asked for beside
 * whatever else there is to hear, such as a call; where the server does not say, the alarm's tick asks again.
 */
export async function heardProgress(run: Run): Promise<void> {
  if (await isNotAll(run)) void refresh().catch(actionProblem);
}

/** Takes it in; whether there is more to ask for. */
async function isNotAll(run: Run): Promise<boolean> {
  return !(await tookIn(run)) || !isActive(run);
}

/** False when there is no state yet that the run could be part of. */
function tookIn(run: Run): Promise<boolean> {
  return inTurn(async () => {
    const { sync: known, session } = await readTogether(["sync", "session"]);
    told = { run, token: tokenOf(session), asked };
    if (known !== null) await stored.sync.set(withProgress(known, run));
    return known !== null;
  });
}

/** Pauses, resumes or cancels the run in progress. A refusal says that it is not as it was thought to be. */
export async function steerRun(move: RunMove): Promise<void> {
  try {
    if (await isNotAll(await api.steerRun(move))) await refresh();
  } catch (error) {
    if (error instanceof Refused) await refresh();
    throw error;
  }
}

/** Starts a run, or joins the one in progress. */
export async function startRun(kind: RunKind, acceptRemovals: boolean): Promise<Run> {
  const run = await api.startRun(kind, acceptRemovals);
  if (!(await tookIn(run))) await refresh();
  return run;
}
