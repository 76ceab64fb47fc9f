/**
 * Calls, events, deaths of the worker at any write, restarts of the browser and the server, another user at the same
 * browser, and time, in any order: a call is shown at most once, never after its end nor past its time to live, never
 * to another user, what rings is there to be seen, and what was missed since the list was looked at is counted.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { phaseOf } from "./call-facts";
import { isMissed } from "./call-memory";
import { callsSeen, dismissCall, hearEnds, withdrawAll, withdrawOverdue } from "./calls";
import type { Call, CallState } from "./contract";
import { disconnect, stayConnected } from "./push";
import { forgetUser, stored } from "./storage";
import { Died, RING_MS, World } from "./testing/call-world";
import { alicesAccount, NOW } from "./testing/samples";

const SEEDS = 200;
const STEPS = 100;
const AHEAD_MS: readonly number[] = [0, 600_000, -600_000];
const ENDS: readonly CallState[] = ["answered", "answered_elsewhere", "ended", "missed", "voicemail"];

/** mulberry32: small, seeded, even enough. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

let world: World;

/** With the browser's own `set`: each test puts one in its place that counts. */
const AREAS = [fakeBrowser.storage.local, fakeBrowser.storage.session].map((area) => ({
  area,
  set: area.set.bind(area),
}));

function install(): void {
  for (const { area, set } of AREAS) {
    Object.assign(area, {
      set: async (values: object) => {
        world.write();
        return set(values as Record<string, unknown>); // storage takes what can be copied
      },
    });
  }
  Object.assign(fakeBrowser.notifications, {
    getAll: async () => Object.fromEntries([...world.shown].map((id) => [id, true])),
    create: async (id: string) => {
      world.write();
      expect(world.rings(id), `${id} is announced while it rings`).toBe(true);
      world.announced.set(id, (world.announced.get(id) ?? 0) + 1);
      world.shown.add(id);
      return id;
    },
    update: async (id: string) => {
      world.write();
      return world.shown.has(id);
    },
    clear: async (id: string) => {
      world.write();
      return world.shown.delete(id);
    },
  });
  vi.stubGlobal("fetch", async (address: string) => {
    if (world.down) throw new TypeError("Failed to fetch");
    const answer = world.answer(address);
    if (world.startsAgain(address)) world.noteUncounted((await stored.calls.get()).map(({ callId }) => callId));
    return answer === null ? new Response(null, { status: 503 }) : Response.json(answer);
  });
}

function unlessDied(error: unknown): void {
  if (error instanceof Died) throw error;
}

/** As the alarm does; the socket is never to be had here. True if the worker lived through it. */
async function tick(dieAfter: number): Promise<boolean> {
  world.writesLeft = dieAfter;
  try {
    await withdrawOverdue();
    await stayConnected().catch(unlessDied);
    await hearEnds().catch(unlessDied);
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
  const lived = world.writesLeft >= 0;
  if (!lived) forgetTimers();
  world.writesLeft = Infinity;
  disconnect();
  return lived;
}

/** Which vitest does by going back to where the clock began. */
function forgetTimers(): void {
  const now = Date.now();
  vi.clearAllTimers();
  vi.setSystemTime(now);
}

/** As the background does when somebody leaves and somebody else signs in. */
async function changeUser(): Promise<void> {
  world.nextUser();
  await forgetUser();
  await stored.session.set({ state: "signedOut", problem: null });
  await withdrawAll();
  await signIn();
}

async function signIn(): Promise<void> {
  const token = `t${world.users}`;
  await stored.session.set({ state: "signedIn", token, expiresAt: "", account: alicesAccount, problem: null });
  await stored.cursor.set(0);
}

async function closeBrowser(): Promise<void> {
  forgetTimers();
  await fakeBrowser.storage.session.clear();
  world.shown.clear();
  world.forgiveAll();
}

/** What must hold whenever the worker has caught up. */
async function expectTruth(): Promise<void> {
  const untrue = [...world.shown].filter((id) => !world.rings(id) || world.dismissed.has(id));
  expect(untrue, "stands although it is over, dismissed, or somebody else's").toEqual([]);
  const now = new Date();
  const live = (await stored.liveCalls.get()).filter((one) => phaseOf(one, now) !== null);
  for (const { call } of live) {
    const actual = world.calls.find((one) => one.call_id === call.call_id);
    expect(actual === undefined ? null : world.told(actual).state, `${call.call_id} is live`).toBe(call.state);
  }
  const there = live.map(({ call }) => call.call_id);
  const ringing = world.calls.filter(({ call_id }) => world.rings(`call:${call_id}`));
  const unseen = ringing.filter(({ call_id }) => {
    const excused = world.dismissed.has(`call:${call_id}`) || world.forgiven.has(call_id);
    return !excused && !there.includes(call_id);
  });
  expect(unseen, "rings and cannot be seen").toEqual([]);
  await expectTrueCount();
}

function idsMissed(calls: readonly Call[]): readonly string[] {
  return calls.filter(isMissed).map(({ call_id }) => call_id);
}

async function expectTrueCount(): Promise<void> {
  const seen = idsMissed(world.seen);
  const missed = idsMissed(world.calls.map((one) => world.told(one))).filter((id) => !seen.includes(id));
  const certain = (ids: readonly string[]) => ids.filter((id) => !world.uncounted.has(id)).toSorted();
  expect(certain(await stored.missed.get()), "newly missed").toEqual(certain(missed));
}

/** One of these is next, each as likely as it is often here. */
const HAPPENINGS: readonly ((random: (below: number) => number) => unknown)[] = [
  () => world.ring(),
  () => world.ring(),
  (random) => world.change(random(Math.max(1, world.calls.length)), ENDS[random(ENDS.length)] ?? "ended"),
  (random) => world.change(random(Math.max(1, world.calls.length)), ENDS[random(ENDS.length)] ?? "ended"),
  (random) => world.repeat(random(Math.max(1, world.events.length))),
  (random) => vi.advanceTimersByTimeAsync(random(30_000)),
  (random) => tick(random(12)),
  (random) => tick(random(12)),
  dismissOne,
  (random) => (random(6) === 0 ? closeBrowser() : undefined),
  (random) => (random(6) === 0 ? world.prune() : undefined),
  (random) => (random(6) === 0 ? changeUser() : undefined),
  (random) => {
    world.down = random(3) === 0;
  },
  lookAround,
  lookAround,
  lookAtCalls,
];

async function dismissOne(): Promise<void> {
  const [id] = world.shown;
  if (id === undefined) return;
  world.dismissed.add(id);
  await dismissCall(id.slice("call:".length));
}

async function lookAround(): Promise<void> {
  if ((await tick(Infinity)) && !world.down) await expectTruth();
}

async function lookAtCalls(): Promise<void> {
  await lookAround();
  if (world.down) return;
  await callsSeen();
  world.seen = world.calls.map((one) => world.told(one));
}

async function run(seed: number): Promise<void> {
  world = new World(AHEAD_MS[seed % AHEAD_MS.length]);
  const random = randomOf(seed);
  await signIn();
  for (let steps = 0; steps < STEPS; steps += 1) {
    await HAPPENINGS[random(HAPPENINGS.length)]?.(random); // oxlint-disable-line no-await-in-loop -- order matters
    const twice = [...world.announced].filter(([, times]) => times > 1);
    expect(twice, `seed ${seed}: announced more than once`).toEqual([]);
  }
  world.down = false;
  if (await tick(Infinity)) await expectTruth();
  world.down = true; // what is left has its time to live, whatever the server says
  await vi.advanceTimersByTimeAsync(RING_MS + 1_000);
  await tick(Infinity);
  expect([...world.shown], `seed ${seed}: still rings after all time to live`).toEqual([]);
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  install();
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))("whatever happens, seed %i", async (seed) => {
  await run(seed);
});

test("a browser that forgets what it has shown is found out", async () => {
  const forgetful = vi.spyOn(stored.calls, "set").mockResolvedValue();
  const runs = Array.from({ length: SEEDS }, (_, seed) => seed);
  const found = runs.reduce<Promise<boolean>>(
    async (before, seed) => (await before) || failsAt(seed),
    Promise.resolve(false),
  );
  expect(await found).toBe(true);
  forgetful.mockRestore();
});

async function failsAt(seed: number): Promise<boolean> {
  fakeBrowser.reset();
  install();
  return run(seed).then(
    () => false,
    () => true,
  );
}
