/**
 * Calls as the rep hears of them: one notification per call while it rings, gone on every end, never shown twice
 * and never after its time to live. What to do is decided purely; the memory is written before the browser acts.
 */
import { browser } from "wxt/browser";

import { api } from "./api";
import type { Call, Moment } from "./contract";
import { callerLine, callerTitle, onlyCandidate } from "./call-words";
import { stored, type CallMemory } from "./storage";
import { turns } from "./turns";

const inTurn = turns();

const REMEMBERED_CALLS = 200;
const RECOUNTED_CALLS = 100;
const NOTIFICATION = "call:";

export type Step = "announce" | "reword" | "withdraw" | "nothing";

/** What a call event asks for, given what is remembered of the call. */
export function stepFor(call: Call, ringsUntil: Moment, memory: CallMemory | null, now: Date): Step {
  const announced = memory !== null && memory.announced;
  if (!rings(call, ringsUntil, now)) return announced ? "withdraw" : "nothing";
  if (memory !== null && memory.state === "over") return "nothing"; // the end overtook the ring
  return announced ? "reword" : "announce";
}

function rings(call: Call, ringsUntil: Moment, now: Date): boolean {
  return call.direction === "inbound" && call.state === "ringing" && new Date(ringsUntil) > now;
}

/** The contact it is from, if it can be only one. */
function onlyContact(call: Call): number | null {
  return onlyCandidate(call.caller)?.id ?? null;
}

export function remembered(call: Call, ringsUntil: Moment, memory: CallMemory | null, announced: boolean): CallMemory {
  const over = call.state !== "ringing" || memory?.state === "over";
  return {
    callId: call.call_id,
    state: over ? "over" : "ringing",
    ringsUntil,
    announced: announced || memory?.announced === true,
    contactId: onlyContact(call),
  };
}

/** Whether this event adds a call to the missed ones: once per call, and not when the list has been looked at since. */
export function isNewlyMissed(call: Call, missed: readonly string[], seenAt: Moment | null): boolean {
  if (call.direction !== "inbound" || call.state !== "missed" || missed.includes(call.call_id)) return false;
  return seenAt === null || new Date(call.ended_at ?? call.started_at) > new Date(seenAt);
}

export function heardCall(call: Call, ringsUntil: Moment): Promise<void> {
  return inTurn(() => takeIn(call, ringsUntil));
}

async function takeIn(call: Call, ringsUntil: Moment): Promise<void> {
  const calls = await stored.calls.get();
  const memory = calls.find((one) => one.callId === call.call_id) ?? null;
  const wanted = stepFor(call, ringsUntil, memory, new Date());
  const step = wanted === "announce" && !(await stored.notifications.get()) ? "nothing" : wanted;
  const next = remembered(call, ringsUntil, memory, step === "announce");
  const others = calls.filter((one) => one.callId !== call.call_id);
  await stored.calls.set([next, ...others].slice(0, REMEMBERED_CALLS));
  await act(step, call);
  await countMissed(call);
  await stored.callsNews.set((await stored.callsNews.get()) + 1);
  if (next.state === "ringing") withdrawAt(ringsUntil);
}

async function act(step: Step, call: Call): Promise<void> {
  const id = NOTIFICATION + call.call_id;
  const words = { title: callerTitle(call.caller), message: callerLine(call.caller) };
  if (step === "announce") {
    const iconUrl = browser.runtime.getURL("/icon/128.png");
    await browser.notifications.create(id, { type: "basic", iconUrl, ...words });
  }
  if (step === "reword") await browser.notifications.update(id, words);
  if (step === "withdraw") await browser.notifications.clear(id);
}

async function countMissed(call: Call): Promise<void> {
  const missed = await stored.missed.get();
  if (!isNewlyMissed(call, missed, await stored.callsSeenAt.get())) return;
  await stored.missed.set([...missed, call.call_id].slice(-REMEMBERED_CALLS));
}

/** A deadline, not work: should the worker die first, the alarm's tick does the same. */
function withdrawAt(ringsUntil: Moment): void {
  setTimeout(() => void withdrawOverdue(), Math.max(0, new Date(ringsUntil).getTime() - Date.now()) + 50);
}

/** Takes back what still claims to ring after its time to live. */
export function withdrawOverdue(): Promise<void> {
  return inTurn(overdueIsOver);
}

async function overdueIsOver(): Promise<void> {
  const calls = await stored.calls.get();
  const now = new Date();
  const overdue = calls.filter((one) => one.state === "ringing" && new Date(one.ringsUntil) <= now);
  if (overdue.length === 0) return;
  await stored.calls.set(calls.map((one) => (overdue.includes(one) ? { ...one, state: "over" } : one)));
  await Promise.all(overdue.map((one) => browser.notifications.clear(NOTIFICATION + one.callId)));
}

/** The list of calls was opened: nothing is newly missed any more. */
export function callsSeen(): Promise<void> {
  return inTurn(async () => {
    await stored.callsSeenAt.set(new Date().toISOString());
    await stored.missed.set([]);
  });
}

/** After a gap in the events: what was missed meanwhile is in the list of calls. */
export async function recountMissed(): Promise<void> {
  const seenAt = await stored.callsSeenAt.get();
  const page = await api.calls({ filter: "all", limit: RECOUNTED_CALLS, before: null });
  const missed = page.calls.filter((call) => isNewlyMissed(call, [], seenAt)).map((call) => call.call_id);
  await stored.missed.set([...new Set(missed)]);
  await stored.callsNews.set((await stored.callsNews.get()) + 1);
}

/** A click on a notification opens the contact in HubSpot, if it is from one. */
export async function openCaller(notificationId: string): Promise<void> {
  if (!notificationId.startsWith(NOTIFICATION)) return;
  await browser.notifications.clear(notificationId);
  const callId = notificationId.slice(NOTIFICATION.length);
  const memory = (await stored.calls.get()).find((one) => one.callId === callId);
  if (memory === undefined || memory.contactId === null) return;
  const { hubspot_url: url } = await api.contact(memory.contactId);
  if (url !== null) await browser.tabs.create({ url });
}

/** On sign-out: no name may stay on the screen. */
export async function withdrawAll(): Promise<void> {
  const shown = Object.keys(await browser.notifications.getAll());
  await Promise.all(shown.map((id) => browser.notifications.clear(id)));
}
