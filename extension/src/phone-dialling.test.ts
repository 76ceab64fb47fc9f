import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { aBridge, dialer, login, typesOf } from "./testing/phone";

const CALL = "rc-adapter-new-call";
let made = aBridge();

beforeEach(() => {
  vi.useFakeTimers();
  made = aBridge();
});

afterEach(() => {
  made.bridge.end();
  vi.useRealTimers();
});

describe("dialling", () => {
  test("waits until the phone is ready", () => {
    made.bridge.dial("+12065550142");
    made.bridge.heard(login(false));
    made.bridge.heard(login(true));
    expect(typesOf(made.posted)).not.toContain(CALL);
    made.bridge.heard(dialer(true));
    expect(made.posted.at(-1)).toEqual({ type: CALL, phoneNumber: "+12065550142", toCall: true });
    made.bridge.heard(dialer(true));
    expect(typesOf(made.posted).filter((type) => type === CALL)).toHaveLength(1);
  });

  test.each([
    ["not signed in", [login(false)], "signed_out"],
    ["silent", [], "not_ready"],
    ["signed in, and not ready", [login(true)], "not_ready"],
  ] as const)("a phone that is %s does not call later, and that is said", async (_, heard, why) => {
    made.bridge.dial("+12065550142");
    for (const one of heard) made.bridge.heard(one);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.around.notDialled).toHaveBeenCalledWith("+12065550142", why);
    made.bridge.heard(login(true));
    made.bridge.heard(dialer(true));
    expect(typesOf(made.posted)).not.toContain(CALL);
  });

  test("the last number wins", () => {
    made.bridge.dial("1");
    made.bridge.dial("2");
    made.bridge.heard(login(true));
    made.bridge.heard(dialer(true));
    expect(made.posted.filter((one) => "phoneNumber" in one)).toEqual([{ type: CALL, phoneNumber: "2", toCall: true }]);
  });

  test("after the end nothing is said any more", async () => {
    made.bridge.dial("1");
    made.bridge.end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.around.notDialled).not.toHaveBeenCalled();
  });
});

test("calls are told on, an unexplained end a little later", async () => {
  const about = { telephonySessionId: "s-1", direction: "Inbound", from: { phoneNumber: "+12065550142" } };
  const call = (telephonyStatus: string): object => ({
    type: "rc-active-call-notify",
    call: { ...about, telephonyStatus },
  });
  made.bridge.heard(call("Ringing"));
  made.bridge.heard(call("NoCall"));
  expect(made.news.map(({ state: became }) => became)).toEqual(["ringing"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(made.news.map(({ state: became }) => became)).toEqual(["ringing", "missed"]);
});
