import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { callsSeen, heardCall, isNewlyMissed, openCaller, remembered, stepFor, withdrawOverdue } from "./calls";
import { callerLine, callerTitle } from "./call-words";
import type { CallState } from "./contract";
import { stored, type CallMemory } from "./storage";
import { bianca, biancasPhone, call, caller, NOW } from "./testing/samples";

const RINGS_UNTIL = "2026-11-21T14:16:50.000Z";
const PAST = "2026-11-21T14:15:59.000Z";

function memory(change: Partial<CallMemory> = {}): CallMemory {
  return { callId: "call-1", state: "ringing", ringsUntil: RINGS_UNTIL, announced: true, contactId: 21, ...change };
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

  test.each<CallState>(["answered", "ended", "missed", "answered_elsewhere"])("%s takes it back", (state) => {
    expect(stepFor(call({ state }), RINGS_UNTIL, memory(), NOW)).toBe("withdraw");
    expect(stepFor(call({ state }), RINGS_UNTIL, null, NOW)).toBe("nothing");
  });

  test("a ring that its end overtook stays silent", () => {
    const over = remembered(call({ state: "missed" }), RINGS_UNTIL, null, false);
    expect(stepFor(call(), RINGS_UNTIL, over, NOW)).toBe("nothing");
    expect(remembered(call(), RINGS_UNTIL, over, false).state).toBe("over");
  });

  test("the rep's own call is not announced", () => {
    expect(stepFor(call({ direction: "outbound" }), RINGS_UNTIL, null, NOW)).toBe("nothing");
  });
});

describe("the words", () => {
  test("a known caller", () => {
    expect(callerTitle(caller())).toBe("Bianca Ferraro");
    expect(callerLine(caller())).toBe("Portico Legal · (415) 555-0132");
  });

  test.each([
    [{ candidates: [] }, "(415) 555-0132 · not in your contacts"],
    [{ candidates: [], reason: "withheld" as const, display: "" }, "Number withheld"],
    [
      { candidates: [1, 2, 3].map((id) => ({ ...bianca, id, matched: biancasPhone })) },
      "Shared by 3 people · (415) 555-0132",
    ],
  ])("no single name: %o", (change, line) => {
    expect(callerTitle(caller(change))).toBe("Incoming call");
    expect(callerLine(caller(change))).toBe(line);
  });
});

test("a company's main line is named after the company, not after the only one who works there", () => {
  const line = caller({ label: "company_line", company: "Portico Legal" });
  expect(callerTitle(line)).toBe("Portico Legal");
  expect(callerLine(line)).toBe("Company main line · (415) 555-0132");
  expect(remembered(call({ caller: line }), RINGS_UNTIL, null, true).contactId).toBeNull();
});

describe("in the browser", () => {
  const create = vi.fn<(id: string, options: object) => Promise<string>>();
  const update = vi.fn<(id: string, options: object) => Promise<boolean>>();
  const clear = vi.fn<(id: string) => Promise<boolean>>();

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    Object.assign(fakeBrowser.notifications, { create, update, clear });
  });

  afterEach(() => {
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
    expect((await stored.calls.get())[0]?.state).toBe("over");
  });

  test("a missed call counts once, until the list is opened", async () => {
    const missed = call({ state: "missed", ended_at: "2026-11-21T14:15:58.000Z" });
    await heardCall(missed, RINGS_UNTIL);
    await heardCall(missed, RINGS_UNTIL);
    expect(await stored.missed.get()).toEqual(["call-1"]);
    await callsSeen();
    await heardCall(missed, RINGS_UNTIL);
    expect(await stored.missed.get()).toEqual([]);
  });

  test("a click opens nothing for a caller who is nobody's contact", async () => {
    const open = vi.spyOn(fakeBrowser.tabs, "create");
    await heardCall(call({ caller: caller({ candidates: [] }) }), RINGS_UNTIL);
    await openCaller("call:call-1");
    expect(clear).toHaveBeenCalledWith("call:call-1");
    expect(open).not.toHaveBeenCalled();
  });
});

test("only an inbound call that nobody took is missed", () => {
  expect(isNewlyMissed(call({ state: "missed" }), [], null)).toBe(true);
  expect(isNewlyMissed(call({ state: "missed", direction: "outbound" }), [], null)).toBe(false);
  expect(isNewlyMissed(call({ state: "answered_elsewhere" }), [], null)).toBe(false);
});
