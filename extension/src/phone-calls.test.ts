import { describe, expect, test } from "vitest";

import type { CallNews } from "./contract";
import { EXPLAINED_WITHIN_MS, PhoneCalls } from "./phone-calls";

const ID = "s-1";
const FROM = "+12065550142";

const webPhone = (event: string, change: object = {}) =>
  [
    `rc-call-${event}-notify`,
    {
      call: {
        id: "c-1",
        direction: "Inbound",
        from: FROM,
        fromUserName: "WIRELESS CALLER",
        to: "101",
        partyData: { sessionId: ID },
        ...change,
      },
    },
  ] as const;
const presence = (telephonyStatus: string, change: object = {}) =>
  [
    "rc-active-call-notify",
    { call: { telephonySessionId: ID, direction: "Inbound", from: { phoneNumber: FROM }, telephonyStatus, ...change } },
  ] as const;
const session = (code: string, reason?: string, ...others: object[]) =>
  [
    "rc-telephony-session-notify",
    {
      telephonySession: {
        id: ID,
        extensionId: 101,
        parties: [
          ...others,
          { extensionId: 101, direction: "Inbound", from: { phoneNumber: FROM }, status: { code, reason } },
        ],
      },
    },
  ] as const;

type Message = ReturnType<typeof webPhone> | ReturnType<typeof presence> | ReturnType<typeof session>;

function states(calls: PhoneCalls, ...messages: Message[]): string[] {
  return messages.flatMap(([type, message]) => calls.heard(type, message, 0)).map(({ state }) => state);
}

test("a call that is told three times over is told on once", () => {
  const calls = new PhoneCalls();
  const [news, ...more] = [webPhone("ring"), presence("Ringing"), session("Proceeding"), webPhone("ring")].flatMap(
    ([type, message]) => calls.heard(type, message, 0),
  );
  expect(more).toEqual([]);
  expect(news).toEqual<CallNews>({
    call_id: ID,
    direction: "inbound",
    state: "ringing",
    number: FROM,
    name: "WIRELESS CALLER",
  });
});

test("answered, and ended twice", () => {
  const ended = [webPhone("end"), webPhone("end"), presence("NoCall"), session("Disconnected")];
  const all = states(new PhoneCalls(), webPhone("ring"), webPhone("start"), presence("CallConnected"), ...ended);
  expect(all).toEqual(["ringing", "answered", "ended"]);
});

describe("an end before anybody answered", () => {
  test("waits for the session's word, and takes it", () => {
    const calls = new PhoneCalls();
    expect(states(calls, webPhone("ring"), webPhone("end"), presence("NoCall"))).toEqual(["ringing"]);
    expect(states(calls, session("Disconnected", "Pickup"))).toEqual(["answered_elsewhere"]);
    expect(calls.due(EXPLAINED_WITHIN_MS * 2)).toEqual([]);
  });

  test("is a missed call when nobody says more", () => {
    const calls = new PhoneCalls();
    states(calls, webPhone("ring"), webPhone("end"));
    expect(calls.due(EXPLAINED_WITHIN_MS - 1)).toEqual([]);
    expect(calls.due(EXPLAINED_WITHIN_MS)).toMatchObject([{ state: "missed" }]);
    expect(states(calls, webPhone("end"), presence("NoCall"), presence("Ringing"))).toEqual([]);
    expect(calls.due(EXPLAINED_WITHIN_MS * 3)).toEqual([]);
    expect(states(calls, session("Disconnected"), session("Disconnected"))).toEqual(["ended"]);
  });

  test("is not believed any more when it is told late that another device of the rep's took the call", () => {
    const calls = new PhoneCalls();
    states(calls, webPhone("ring"), webPhone("end"));
    calls.due(EXPLAINED_WITHIN_MS);
    expect(states(calls, presence("CallConnected"), session("Answered"), presence("NoCall"))).toEqual([
      "answered",
      "ended",
    ]);
  });

  test("of the web phone alone is none, when another device of the rep's took the call", () => {
    const calls = new PhoneCalls();
    expect(states(calls, webPhone("ring"), webPhone("end"), presence("CallConnected"))).toEqual([
      "ringing",
      "answered",
    ]);
    expect(calls.due(EXPLAINED_WITHIN_MS)).toEqual([]);
    expect(states(calls, presence("NoCall"))).toEqual(["ended"]);
  });
});

test.each([
  ["Pickup", [], "answered_elsewhere"],
  ["AgentAnswered", [], "answered_elsewhere"],
  ["NoAnswer", [], "ended"],
  ["NoAnswer", [{ extensionId: 102, direction: "Inbound", status: { code: "Answered" } }], "answered_elsewhere"],
] as const)("a session that ends by %s, with %o beside it, is %s", (reason, others, state) => {
  const calls = new PhoneCalls();
  expect(states(calls, session("Proceeding"), session("Disconnected", reason, ...others))).toEqual(["ringing", state]);
});

test("voicemail", () => {
  expect(states(new PhoneCalls(), webPhone("ring"), webPhone("end", { isToVoicemail: true }))).toEqual([
    "ringing",
    "voicemail",
  ]);
  expect(states(new PhoneCalls(), session("Proceeding"), session("VoiceMail"))).toEqual(["ringing", "voicemail"]);
});

test("a call of the rep's own is with whom they called", () => {
  const own = { direction: "Outbound", from: "101", to: FROM };
  const [news] = new PhoneCalls().heard(...webPhone("init", own), 0);
  expect(news).toMatchObject({ direction: "outbound", state: "ringing", number: FROM, name: null });
});

test("a call of the rep's own is named by its session, which the web phone does not know at first", () => {
  const own = { direction: "Outbound", from: "101", to: FROM };
  const rings = presence("Ringing", { direction: "Outbound", from: { extensionNumber: "101" } });
  const told = [webPhone("init", { ...own, partyData: null }), rings, webPhone("start", own)];
  const calls = new PhoneCalls();
  const news = told.flatMap(([type, message]) => calls.heard(type, message, 0));
  expect(news.map(({ call_id: id, state }) => [id, state])).toEqual([
    [ID, "ringing"],
    [ID, "answered"],
  ]);
});

test("a call that is parked or passed on is not over", () => {
  const parked = [presence("NoCall", { terminationType: "intermediate" }), presence("CallConnected")];
  const over = presence("NoCall", { terminationType: "final" });
  expect(states(new PhoneCalls(), presence("CallConnected"), ...parked, over)).toEqual(["answered", "ended"]);
});

/** Of the rep's own party `id`, beside a colleague's. */
function leg(id: string, code: string): readonly [string, object] {
  const colleague = { id: "p-2", extensionId: 102, direction: "Inbound", status: { code: "Disconnected" } };
  const own = { id, extensionId: 101, direction: "Inbound", from: { phoneNumber: FROM }, status: { code } };
  return [
    "rc-telephony-session-notify",
    { telephonySession: { id: ID, extensionId: "101", parties: [colleague, own] } },
  ];
}

describe("a call that comes back to the rep in the same session", () => {
  test("rings anew, when it was over for them", () => {
    const calls = new PhoneCalls();
    const heard = (...messages: readonly (readonly [string, object])[]) =>
      messages
        .flatMap(([type, message]) => calls.heard(type, { ...message }, 0))
        .map((news) => [news.call_id, news.state]);
    expect(heard(leg("p-1", "Proceeding"), leg("p-1", "Answered"), leg("p-1", "Disconnected"))).toHaveLength(3);
    expect(heard(leg("p-3", "Proceeding"), presence("Ringing", { partyId: "p-3" }))).toEqual([["s-1/p-3", "ringing"]]);
    expect(heard(presence("NoCall", { partyId: "p-1" }), leg("p-1", "Disconnected"))).toEqual([]);
    expect(heard(leg("p-3", "Answered"), leg("p-3", "Disconnected"))).toEqual([
      ["s-1/p-3", "answered"],
      ["s-1/p-3", "ended"],
    ]);
  });

  test("is the same call while it is not over", () => {
    expect(states(new PhoneCalls(), webPhone("ring"), presence("Ringing", { partyId: "p-9" }))).toEqual(["ringing"]);
  });
});

test("a session of others is no news", () => {
  const parties = [{ extensionId: 102, direction: "Inbound", status: { code: "Proceeding" } }];
  const others = { telephonySession: { id: ID, extensionId: 101, parties } };
  expect(new PhoneCalls().heard("rc-telephony-session-notify", others, 0)).toEqual([]);
});

test.each([
  ["no call", ["rc-call-ring-notify", {}]],
  ["no id", webPhone("ring", { id: null, partyData: null })],
  ["an overlong id", webPhone("ring", { id: "x".repeat(201), partyData: null })],
  ["no direction", webPhone("ring", { direction: "Sideways" })],
  ["an unknown status", presence("Dreaming")],
  ["no party", ["rc-telephony-session-notify", { telephonySession: { id: ID, parties: "none" } }]],
  ["another event", ["rc-call-hold-notify", { call: { id: "c-1", direction: "Inbound" } }]],
] as const)("%s is no news", (_, [type, message]) => {
  expect(new PhoneCalls().heard(type, message, 0)).toEqual([]);
});

test("a hidden number is none, and texts are cut to what the server takes", () => {
  const [hidden] = new PhoneCalls().heard(...webPhone("ring", { from: null, fromUserName: "\0" }), 0);
  expect(hidden).toMatchObject({ number: "", name: null });
  const [long] = new PhoneCalls().heard(...webPhone("ring", { from: "1".repeat(300) }), 0);
  expect(long?.number).toHaveLength(200);
});

test("only so many calls are remembered", () => {
  const calls = new PhoneCalls();
  for (let place = 0; place < 300; place += 1) {
    states(calls, webPhone("ring", { partyData: { sessionId: `s-${place}` } }));
  }
  expect(states(calls, webPhone("ring", { partyData: { sessionId: "s-299" } }))).toEqual([]);
  expect(states(calls, webPhone("ring", { partyData: { sessionId: "s-0" } }))).toEqual(["ringing"]);
});
