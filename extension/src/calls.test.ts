import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { remembered, stepFor } from "./call-memory";
import {
  chooseCaller,
  dismissCall,
  heardCall,
  hushed,
  openCaller,
  pressed,
  recountMissed,
  withdrawOverdue,
} from "./calls";
import type { CallState } from "./contract";
import { stored, type CallMemory } from "./storage";
import { alicesAccount, call, caller, candidate, NOW } from "./testing/samples";

const RINGS_UNTIL = "2026-11-21T14:16:50.000Z";
const PAST = "2026-11-21T14:15:59.000Z";

function memory(change: Partial<CallMemory> = {}): CallMemory {
  return {
    callId: "call-1",
    state: "ringing",
    ringsUntil: RINGS_UNTIL,
    announced: true,
    dismissed: false,
    missed: false,
    contactId: 21,
    ...change,
  };
}

describe("what a call event asks for", () => {
  test("a ring is announced once, then only reworded", () => {
    expect(stepFor(call(), RINGS_UNTIL, null, NOW)).toBe("announce");
    expect(stepFor(call(), RINGS_UNTIL, memory(), NOW)).toBe("reword");
  });

  test("a ring past its time to live is not shown, and taken back if it was", () => {
    expect(stepFor(call(), PAST, null, NOW)).toBe("nothing");
    expect(stepFor(call(), PAST, memory(), NOW)).toBe("withdraw");
  });

  test.each<CallState>(["answered", "ended", "missed", "answered_elsewhere", "voicemail"])(
    "%s takes it back",
    (state) => {
      expect(stepFor(call({ state }), RINGS_UNTIL, memory(), NOW)).toBe("withdraw");
      expect(stepFor(call({ state }), RINGS_UNTIL, null, NOW)).toBe("nothing");
    },
  );

  test("a ring that its end overtook stays silent", () => {
    const over = remembered(call({ state: "missed" }), RINGS_UNTIL, null, false);
    expect(stepFor(call(), RINGS_UNTIL, over, NOW)).toBe("nothing");
    expect(remembered(call(), RINGS_UNTIL, over, false).state).toBe("over");
  });

  test("the rep's own call is not announced", () => {
    expect(stepFor(call({ direction: "outbound" }), RINGS_UNTIL, null, NOW)).toBe("nothing");
  });
});

describe("in the browser", () => {
  const create = vi.fn<(id: string, options: object) => Promise<string>>();
  const update = vi.fn<(id: string, options: object) => Promise<boolean>>();
  const clear = vi.fn<(id: string) => Promise<boolean>>();
  const openPopup = vi.fn<() => Promise<void>>();
  /** What stands on the screen. */
  const shown = new Set<string>();

  beforeEach(async () => {
    vi.useFakeTimers({ now: NOW });
    await signIn();
    for (const mock of [create, update, clear]) mock.mockReset();
    clear.mockImplementation((id) => Promise.resolve(shown.delete(id)));
    create.mockImplementation((id) => Promise.resolve(shown.add(id)).then(() => id));
    shown.clear();
    const getAll = () => Promise.resolve(Object.fromEntries([...shown].map((id) => [id, true])));
    Object.assign(fakeBrowser.notifications, { create, update, clear, getAll });
    Object.assign(fakeBrowser.action, { openPopup });
    openPopup.mockResolvedValue();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  test("one notification per call, whatever is repeated", async () => {
    await heardCall(call(), RINGS_UNTIL);
    await heardCall(call(), RINGS_UNTIL);
    expect(create).toHaveBeenCalledTimes(1);
    expect(create.mock.calls[0]?.[0]).toBe("call:call-1");
    expect(create.mock.calls[0]?.[1]).toMatchObject({ title: "Bianca Ferraro" });
    expect(update).toHaveBeenCalledTimes(1);
  });

  test("it is remembered before it is shown, so that a death in between cannot show it twice", async () => {
    create.mockImplementation(async () => {
      expect((await stored.calls.get())[0]?.announced).toBe(true);
      throw new Error("the worker died");
    });
    await expect(heardCall(call(), RINGS_UNTIL)).rejects.toThrow("died");
    create.mockClear();
    await heardCall(call(), RINGS_UNTIL);
    expect(create).not.toHaveBeenCalled();
  });

  test("switched off, nothing is shown", async () => {
    await stored.notifications.set(false);
    await heardCall(call(), RINGS_UNTIL);
    expect(create).not.toHaveBeenCalled();
  });

  test("a ring nobody ended is taken back at its time to live", async () => {
    await heardCall(call(), RINGS_UNTIL);
    vi.setSystemTime(new Date(RINGS_UNTIL).getTime() + 1);
    await withdrawOverdue();
    expect(clear).toHaveBeenCalledWith("call:call-1");
    expect((await stored.calls.get())[0]?.state).toBe("unknown");
  });

  test("a death between knowing that it is over and taking it back leaves nothing standing", async () => {
    await heardCall(call(), RINGS_UNTIL);
    vi.setSystemTime(new Date(RINGS_UNTIL).getTime() + 1);
    clear.mockRejectedValueOnce(new Error("the worker died"));
    await expect(withdrawOverdue()).rejects.toThrow("died");
    await withdrawOverdue();
    expect(shown.size).toBe(0);
  });

  test("what is dismissed is gone everywhere and stays gone", async () => {
    await heardCall(call(), RINGS_UNTIL);
    expect(await stored.liveCalls.get()).toHaveLength(1);
    await dismissCall("call-1");
    await heardCall(call(), RINGS_UNTIL);
    expect(shown.size).toBe(0);
    expect(await stored.liveCalls.get()).toEqual([]);
    expect(create).toHaveBeenCalledTimes(1);
    expect(update).not.toHaveBeenCalled();
  });

  test("paused, nothing is announced, but the call is there to be seen", async () => {
    await stored.pausedUntil.set(RINGS_UNTIL);
    await heardCall(call(), RINGS_UNTIL);
    expect(create).not.toHaveBeenCalled();
    expect(await stored.liveCalls.get()).toHaveLength(1);
  });

  test("a pause takes away what stands; one that has passed is none", async () => {
    await heardCall(call(), RINGS_UNTIL);
    await stored.pausedUntil.set("2026-11-21T14:15:00.000Z");
    await hushed();
    expect(shown.size).toBe(1);
    await stored.pausedUntil.set(RINGS_UNTIL);
    await hushed();
    expect(shown.size).toBe(0);
  });

  test("the buttons are Open in HubSpot and Dismiss, or Dismiss alone where there is no record", async () => {
    await heardCall(call(), RINGS_UNTIL);
    const [open, dismiss] = [{ title: "Open in HubSpot" }, { title: "Dismiss" }];
    expect(create.mock.calls[0]?.[1]).toMatchObject({ buttons: [open, dismiss], requireInteraction: true });
    const stranger = caller({ label: "none", reason: "not_found", candidates: [] });
    await heardCall(call({ call_id: "call-2", caller: stranger }), RINGS_UNTIL);
    expect(create.mock.calls[1]?.[1]).toMatchObject({ buttons: [dismiss] });
    await pressed("call:call-2", 0);
    expect([...shown]).toEqual(["call:call-1"]);
    await pressed("call:call-1", 1);
    expect(shown.size).toBe(0);
  });

  test("two calls at once are two notifications, and each ends by itself", async () => {
    await heardCall(call(), RINGS_UNTIL);
    await heardCall(call({ call_id: "call-2" }), RINGS_UNTIL);
    expect([...shown]).toEqual(["call:call-1", "call:call-2"]);
    await heardCall(call({ state: "ended" }), RINGS_UNTIL);
    expect([...shown]).toEqual(["call:call-2"]);
    expect((await stored.liveCalls.get()).map((one) => one.call.call_id)).toEqual(["call-2"]);
  });

  test("a call goes on until it ends, also as seen by a browser that lost the events between", async () => {
    await heardCall(call(), RINGS_UNTIL);
    await heardCall(call({ state: "answered", answered_at: "2026-11-21T14:15:58.000Z" }), RINGS_UNTIL);
    expect((await stored.liveCalls.get())[0]?.call.state).toBe("answered");
    await signIn();
    const over = { calls: [call({ state: "ended" })], next: null, total: 1, counts: { all: 1, missed: 0, unknown: 0 } };
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json(over)));
    await recountMissed();
    expect(await stored.liveCalls.get()).toEqual([]);
  });

  test("who it is on a shared number is asked of the server, and said wherever it rings", async () => {
    const both = [candidate(), candidate({ id: 22, name: "Ben Carver" })];
    const shared = caller({ label: "shared", people: 2, candidates: both });
    await heardCall(call({ caller: shared }), RINGS_UNTIL);
    expect(create.mock.calls[0]?.[1]).toMatchObject({ title: "Incoming call" });
    await signIn();
    const fetched = vi.fn<typeof fetch>(() => Promise.resolve(Response.json({ ...shared, chosen: 22 })));
    vi.stubGlobal("fetch", fetched);
    await chooseCaller("+14155550132", 22);
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({
      method: "PUT",
      body: '{"number":"+14155550132","contact_id":22}',
    });
    expect(update.mock.calls[0]?.[1]).toMatchObject({ title: "Ben Carver" });
    expect((await stored.liveCalls.get())[0]?.call.caller.chosen).toBe(22);
    expect((await stored.calls.get())[0]?.contactId).toBe(22);
  });

  test("a pick that was taken back does not come back with news from before", async () => {
    const both = [candidate(), candidate({ id: 22, name: "Ben Carver" })];
    const shared = caller({ label: "shared", people: 2, candidates: both });
    const picked = { ...shared, chosen: 22 };
    await heardCall(call({ caller: picked }), RINGS_UNTIL);
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json(shared)));
    await chooseCaller("+14155550132", null);
    await heardCall(call({ caller: picked }), RINGS_UNTIL); // told before, and late
    await heardCall(call({ caller: shared }), RINGS_UNTIL); // every pick is told
    expect((await stored.liveCalls.get())[0]?.call.caller.chosen).toBeNull();
  });

  test("a click opens nothing for a caller who is nobody's contact", async () => {
    const open = vi.spyOn(fakeBrowser.tabs, "create");
    await heardCall(call({ caller: caller({ label: "none", candidates: [] }) }), RINGS_UNTIL);
    await openCaller("call:call-1");
    expect(clear).toHaveBeenCalledWith("call:call-1");
    expect(open).not.toHaveBeenCalled();
    expect(openPopup).toHaveBeenCalledTimes(1);
  });
});

async function signIn(): Promise<void> {
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
}
