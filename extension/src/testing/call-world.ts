/**
 * A server with calls and events of a user, whose clock may be wrong, and what a browser shows of them: for tests that
 * let anything happen in any order.
 */
import type { Call, CallState } from "../contract";
import { call as sample, syncState } from "./samples";

export const RING_MS = 45_000;
const LAST: readonly CallState[] = ["ended", "missed", "voicemail", "answered_elsewhere"];

export class Died extends Error {}

export class World {
  calls: Call[] = [];
  events: string[] = [];
  readonly shown = new Set<string>();
  readonly dismissed = new Set<string>();
  /** Rings that the browser need not show any more: it was closed. */
  readonly forgiven = new Set<string>();
  readonly announced = new Map<string, number>();
  /** Calls as they stood when the list was last looked at. */
  seen: readonly Call[] = [];
  /** Never heard of before their events were lost: whether they were missed since the clocks tell, which are wrong here. */
  readonly uncounted = new Set<string>();
  /** Writes until the worker dies; below 0: dead. */
  writesLeft = Infinity;
  pruned = 0;
  down = false;
  users = 1;
  private rung = 0;

  /** `aheadMs`: by how much the server's clock is before the browser's. */
  constructor(private readonly aheadMs = 0) {}

  private now(): number {
    return Date.now() + this.aheadMs;
  }

  told(call: Call): Call {
    const left = call.state === "ringing" ? new Date(call.started_at).getTime() + RING_MS - this.now() : 0;
    return left < 0 ? { ...call, state: "missed", rings_ms: 0 } : { ...call, rings_ms: left };
  }

  ring(): void {
    const call_id = `call-${this.rung}`;
    this.rung += 1;
    this.calls.push(sample({ call_id, started_at: new Date(this.now()).toISOString() }));
    this.events.push(call_id);
  }

  change(place: number, state: CallState): void {
    const call = this.calls[place];
    if (call === undefined || !mayBecome(call.state, state)) return;
    this.calls[place] = { ...call, state };
    this.events.push(call.call_id);
  }

  answer(address: string): unknown {
    const { pathname, searchParams } = new URL(address);
    if (pathname === "/api/sync") return syncState({ event: this.events.length });
    if (pathname === "/api/calls/search") {
      const calls = this.calls.map((one) => this.told(one)).toReversed();
      return { calls, next: null, total: calls.length, counts: { all: calls.length, missed: 0, unknown: 0 } };
    }
    if (pathname !== "/api/events") return null;
    const after = Number(searchParams.get("after") ?? 0);
    const newest = this.events.length;
    if (after < this.pruned) return { events: [], newest, start_again: true };
    const events = this.events.slice(after).map((callId, place) => this.event(callId, after + place + 1));
    return { events, newest, start_again: false };
  }

  startsAgain(address: string): boolean {
    const { pathname, searchParams } = new URL(address);
    return pathname === "/api/events" && Number(searchParams.get("after") ?? 0) < this.pruned;
  }

  noteUncounted(known: readonly string[]): void {
    for (const { call_id } of this.calls) if (!known.includes(call_id)) this.uncounted.add(call_id);
  }

  repeat(place: number): void {
    const callId = this.events[place];
    if (callId !== undefined) this.events.push(callId);
  }

  prune(): void {
    this.pruned = this.events.length;
  }

  /** Who had this browser before has calls of their own, which are nobody's business here any more. */
  nextUser(): void {
    this.users += 1;
    this.calls = [];
    this.events = [];
    this.seen = [];
    this.pruned = 0;
  }

  forgiveAll(): void {
    for (const { call_id } of this.calls) this.forgiven.add(call_id);
  }

  private event(callId: string, number: number): unknown {
    const call = this.calls.find((one) => one.call_id === callId) ?? sample();
    return { number, kind: "call", at: call.started_at, data: { call: this.told(call) } };
  }

  write(): void {
    this.writesLeft -= 1;
    if (this.writesLeft < 0) throw new Died();
  }

  rings(notification: string): boolean {
    const call = this.calls.find((one) => `call:${one.call_id}` === notification);
    return call !== undefined && this.told(call).state === "ringing";
  }
}

/** A call that was told as missed may have been answered after all. */
function mayBecome(before: CallState, state: CallState): boolean {
  if (before === "missed") return state === "answered";
  return !LAST.includes(before) && (before !== "answered" || state === "ended");
}
