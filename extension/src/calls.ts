/**
 * Calls as the rep hears of them: one notification per call while it rings, gone on every end, never shown twice
 * and never after its time to live. What to do is decided purely; the memory is written before the browser acts.
 */
import { browser } from "wxt/browser";

import { api } from "./api";
import { endOfRing, isQuiet, phaseOf, withHeard, LINGER_MS } from "./call-facts";
import { isLive, isNewlyMissed, missedWith, recordOf, remembered, stepFor, type Step } from "./call-memory";
import { announce, callOf, reword, withdraw, withdrawAllBut } from "./call-notifications";
import type { Call, Moment } from "./contract";
import { actionProblem } from "./errors";
import { stored, type CallMemory } from "./storage";
import { turns } from "./turns";
import { showPopup } from "./windows";

const inTurn = turns();

const REMEMBERED_CALLS = 200;
const NEWEST_CALLS = { filter: "all", q: "", limit: 100, before: null } as const;
const OPEN = 0;

export function heardCall(call: Call, ringsUntil: Moment): Promise<void> {
  return inTurn(() => takeIn(call, ringsUntil));
}

/** What was on its way is for who has left. */
async function isSignedOut(): Promise<boolean> {
  return (await stored.session.get()).state !== "signedIn";
}

async function takeIn(call: Call, ringsUntil: Moment): Promise<void> {
  if (await isSignedOut()) return;
  const now = new Date();
  const calls = await stored.calls.get();
  const memory = calls.find((one) => one.callId === call.call_id) ?? null;
  const wanted = stepFor(call, ringsUntil, memory, now);
  const step = wanted === "announce" && !(await mayNotify(now)) ? "nothing" : wanted;
  const next = remembered(call, ringsUntil, memory, step === "announce");
  const others = calls.filter((one) => one.callId !== call.call_id);
  await countMissed(call, memory); // first: what is remembered counts no more
  await stored.calls.set([next, ...others].slice(0, REMEMBERED_CALLS));
  await keepLive(call, ringsUntil, next, now);
  await act(step, call);
  await tellNews();
  if (next.state === "ringing") lookAgainAt(new Date(ringsUntil).getTime());
}

async function mayNotify(now: Date): Promise<boolean> {
  return (await stored.notifications.get()) && !isQuiet(await stored.pausedUntil.get(), now);
}

async function keepLive(call: Call, ringsUntil: Moment, memory: CallMemory, now: Date): Promise<void> {
  if (!isLive(call, memory)) return;
  const heardAt = now.toISOString();
  await stored.liveCalls.set(withHeard(await stored.liveCalls.get(), { call, ringsUntil, heardAt }, now));
  if (call.state === "answered_elsewhere") lookAgainAt(now.getTime() + LINGER_MS);
}

async function act(step: Step, call: Call): Promise<void> {
  if (step === "announce") await announce(call);
  if (step === "reword") await reword(call);
  if (step === "withdraw") await withdraw(call.call_id);
}

async function countMissed(call: Call, memory: CallMemory | null): Promise<void> {
  await stored.missed.set(missedWith(call, await stored.missed.get(), memory).slice(-REMEMBERED_CALLS));
}

async function tellNews(): Promise<void> {
  await stored.callsNews.set((await stored.callsNews.get()) + 1);
}

/** A deadline, not work: should the worker die first, the alarm's tick does the same. */
function lookAgainAt(moment: number): void {
  setTimeout(() => void withdrawOverdue().then(hearEnds).catch(actionProblem), Math.max(0, moment - Date.now()) + 50);
}

/** Takes back what still claims to ring after its time to live, also what a death left standing. */
export async function withdrawOverdue(): Promise<void> {
  if (await inTurn(overdueIsOver)) await tellNews();
}

async function overdueIsOver(): Promise<boolean> {
  const now = new Date();
  const calls = await stored.calls.get();
  const overdue = calls.filter((one) => one.state === "ringing" && new Date(one.ringsUntil) <= now);
  if (overdue.length > 0) {
    await stored.calls.set(calls.map((one) => (overdue.includes(one) ? { ...one, state: "unknown" } : one)));
  }
  await clearStanding();
  const live = await stored.liveCalls.get();
  const left = live.filter((one) => phaseOf(one, now) !== null);
  if (left.length < live.length) await stored.liveCalls.set(left);
  return overdue.length > 0;
}

/** Of a ring whose end nobody has told, the server knows what that makes it; asked again until it has said so. */
export async function hearEnds(): Promise<void> {
  if ((await unknownEnds()).length === 0) return;
  const { calls } = await api.calls(NEWEST_CALLS);
  await inTurn(async () => {
    const unknown = await unknownEnds(); // of some it may have been told while the server was asked
    const theirs = calls.filter((call) => unknown.includes(call.call_id));
    for (const call of theirs) await takeIn(call, new Date().toISOString()); // oxlint-disable-line no-await-in-loop -- in turn
    const gone = unknown.filter((callId) => !theirs.some((call) => call.call_id === callId)); // such as a test call
    await stored.calls.set(
      (await stored.calls.get()).map((one) => (gone.includes(one.callId) ? { ...one, state: "over" } : one)),
    );
  });
}

async function unknownEnds(): Promise<readonly string[]> {
  return (await stored.calls.get()).filter(({ state }) => state === "unknown").map(({ callId }) => callId);
}

/** What stands although nothing rings, or although nobody may be told now. */
async function clearStanding(): Promise<void> {
  const told = await mayNotify(new Date());
  const ringing = (await stored.calls.get()).filter((one) => told && one.state === "ringing" && !one.dismissed);
  await withdrawAllBut(ringing.map(({ callId }) => callId));
}

/** Notifications were switched off or paused: what stands goes. */
export function hushed(): Promise<void> {
  return inTurn(clearStanding);
}

/** The list of calls was opened: nothing is newly missed any more. */
export function callsSeen(): Promise<void> {
  return inTurn(async () => {
    await stored.callsSeenAt.set(new Date().toISOString());
    await stored.missed.set([]);
  });
}

/** After a gap in the events: what was missed meanwhile, what rings, and what does no more, is in the list of calls. */
export async function recountMissed(): Promise<void> {
  const page = await api.calls(NEWEST_CALLS);
  await inTurn(async () => {
    if (await isSignedOut()) return;
    await recount(page.calls);
    await keepStanding(new Map(page.calls.map((call) => [call.call_id, call.state])));
  });
  const ringing = page.calls.filter((call) => call.state === "ringing");
  await Promise.all(ringing.map((call) => heardCall(call, endOfRing(call, new Date()))));
  await tellNews();
}

/** Each is remembered as it is told here: a later event of it is not news. */
async function recount(calls: readonly Call[]): Promise<void> {
  const [missed, seenAt, memories] = [
    await stored.missed.get(),
    await stored.callsSeenAt.get(),
    await stored.calls.get(),
  ];
  const knownOf = ({ call_id: callId }: Call) => memories.find((one) => one.callId === callId) ?? null;
  const newly = calls.filter((call) => isNewlyMissed(call, missed, knownOf(call), seenAt));
  await stored.missed.set(newly.map(({ call_id: callId }) => callId));
  const over = calls.filter(({ state }) => state !== "ringing");
  const told = over.map((call) => remembered(call, call.started_at, knownOf(call), false));
  const others = memories.filter((one) => !told.some(({ callId }) => callId === one.callId));
  await stored.calls.set([...told, ...others].slice(0, REMEMBERED_CALLS));
}

/** Of what is thought to ring or to go on, only what does. */
async function keepStanding(states: ReadonlyMap<string, Call["state"]>): Promise<void> {
  const calls = await stored.calls.get();
  await stored.calls.set(calls.map((one) => (states.get(one.callId) === "ringing" ? one : { ...one, state: "over" })));
  const live = await stored.liveCalls.get();
  await stored.liveCalls.set(live.filter(({ call }) => states.get(call.call_id) === call.state));
  await clearStanding();
}

/** The rep does not want to hear of this call any more, wherever it was shown. */
export function dismissCall(callId: string): Promise<void> {
  return inTurn(async () => {
    const calls = await stored.calls.get();
    await stored.calls.set(calls.map((one) => (one.callId === callId ? { ...one, dismissed: true } : one)));
    await stored.liveCalls.set((await stored.liveCalls.get()).filter(({ call }) => call.call_id !== callId));
    await withdraw(callId);
  });
}

/** Remembers who it is on a number that several share (null: takes that back), and shows it wherever it rings. */
export async function chooseCaller(number: string, contactId: number | null): Promise<void> {
  const caller = await api.chooseCaller(number, contactId);
  await inTurn(async () => {
    const live = await stored.liveCalls.get();
    const chosen = live.map((one) => (one.call.number === number ? { ...one, call: { ...one.call, caller } } : one));
    await stored.liveCalls.set(chosen);
    const theirs = new Map(
      chosen.filter((_, place) => chosen[place] !== live[place]).map(({ call }) => [call.call_id, call]),
    );
    const calls = await stored.calls.get();
    await stored.calls.set(calls.map((one) => withRecord(one, theirs.get(one.callId))));
    const ringing = calls.filter((one) => one.announced && one.state === "ringing");
    await Promise.all(ringing.flatMap(({ callId }) => theirs.get(callId) ?? []).map(reword));
  });
  await tellNews();
  await stored.contactsNews.set((await stored.contactsNews.get()) + 1); // the phone asks anew who its callers are
}

function withRecord(memory: CallMemory, call: Call | undefined): CallMemory {
  return call === undefined ? memory : { ...memory, contactId: recordOf(call) };
}

async function memoryOf(callId: string): Promise<CallMemory | undefined> {
  return (await stored.calls.get()).find((one) => one.callId === callId);
}

/** A click on a notification opens the contact in HubSpot, if it is from one, else what Callbook knows. */
export async function openCaller(notificationId: string): Promise<void> {
  const callId = callOf(notificationId);
  if (callId === null) return;
  await withdraw(callId);
  const contactId = (await memoryOf(callId))?.contactId ?? null;
  if (contactId === null) await showPopup();
  else await openContact(contactId);
}

/** A button of a notification. */
export async function pressed(notificationId: string, button: number): Promise<void> {
  const callId = callOf(notificationId);
  if (callId === null) return;
  const opens = button === OPEN && ((await memoryOf(callId))?.contactId ?? null) !== null;
  await (opens ? openCaller(notificationId) : dismissCall(callId));
}

/** Opens the contact's record in HubSpot, in front. */
export async function openContact(contactId: number): Promise<void> {
  const { hubspot_url: url } = await api.contact(contactId);
  if (url === null) return;
  const { windowId } = await browser.tabs.create({ url });
  if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
}

/** On sign-out: no name may stay on the screen, nor come back by what was being taken in just then. */
export function withdrawAll(): Promise<void> {
  return inTurn(async () => {
    if (!(await isSignedOut())) return; // somebody has signed in meanwhile
    await Promise.all([stored.calls.set([]), stored.liveCalls.set([]), stored.missed.set([])]);
    await withdrawAllBut([]);
  });
}
