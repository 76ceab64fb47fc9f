import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { FeedPage } from "./contract";
import { SignedOut } from "./errors";
import type { NamesByNumber } from "./phone-names";
import { aBridge, ALICE, answerTo, ask, feedPage, feedRow, login, NOBODY, settled, typesOf } from "./testing/phone";

const SYNC = "rc-adapter-sync-third-party-contacts";
const MATCH = "rc-adapter-trigger-contact-match";
const STATUS = "rc-adapter-update-authorization-status";
let made = aBridge();

beforeEach(() => {
  vi.useFakeTimers();
  made = aBridge();
});

afterEach(() => {
  made.bridge.end();
  vi.useRealTimers();
});

describe("who is signed in", () => {
  test("is told when it changes, and only then", () => {
    made.bridge.heard(login(true));
    made.posted.length = 0;
    made.bridge.authorize(NOBODY);
    made.bridge.authorize(ALICE);
    made.bridge.authorize({ ...ALICE });
    expect(made.posted).toEqual([{ type: STATUS, authorized: true, authorizedAccount: "Brightmoor Supply" }]);
  });

  test("before it is nobody, the widget takes an empty list and no names for what it had", async () => {
    made.registered();
    await made.asked("/contacts/match", { phoneNumbers: ["101"] });
    made.posted.length = 0;
    made.bridge.authorize(NOBODY);
    expect(made.posted).toEqual([{ type: SYNC }, { type: MATCH, phoneNumbers: ["101"] }]);
    made.around.names.mockClear();
    expect(await made.asked("/contacts", { page: 1, syncTimestamp: 5, type: "api" })).toEqual({
      data: [],
      nextPage: null,
    });
    made.bridge.heard(ask("/contacts/match", { phoneNumbers: ["101"] }, "r-2"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(answerTo(made.posted, "r-2")).toEqual({ data: {} });
    expect(made.around.names).not.toHaveBeenCalled();
    expect(made.posted.at(-1)).toEqual({ type: STATUS, authorized: false });
  });

  test("whoever signs in again at once has their contacts read", async () => {
    made.registered();
    made.bridge.authorize(NOBODY);
    made.posted.length = 0;
    made.bridge.authorize(ALICE);
    await settled();
    expect(typesOf(made.posted)).toEqual([STATUS, SYNC]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(typesOf(made.posted)).toEqual([STATUS, SYNC]);
  });

  test("somebody else's contacts replace those that were there", async () => {
    made.registered();
    await made.asked("/contacts", { page: 1, syncTimestamp: null });
    const stamp = answerTo(made.posted, "r-1") as { syncTimestamp: number }; // of a read of everything
    made.posted.length = 0;
    made.bridge.startAgain();
    await vi.advanceTimersByTimeAsync(200);
    expect(typesOf(made.posted)).toEqual([SYNC]);
    made.bridge.heard(ask("/contacts", { page: 1, syncTimestamp: stamp.syncTimestamp }, "r-2"));
    await settled();
    expect(made.around.feed).toHaveBeenLastCalledWith(null);
    expect(answerTo(made.posted, "r-2")).not.toHaveProperty("syncTimestamp");
  });

  test("names that the widget kept from before it was loaded go, too", () => {
    made.registered();
    made.bridge.asked(["101", "+12065550142"]);
    made.bridge.authorize(NOBODY);
    expect(made.posted).toContainEqual({ type: MATCH, phoneNumbers: ["101", "+12065550142"] });
  });

  test("a read that was under way does not bring the list back", async () => {
    made.registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await made.asked("/contacts", { page: 1, syncTimestamp: null });
    made.bridge.authorize(NOBODY);
    made.posted.length = 0;
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null }, "r-2"));
    await settled();
    expect(answerTo(made.posted, "r-2")).toEqual({ data: [], nextPage: null });
    expect(typesOf(made.posted)).not.toContain(SYNC); // it would be lost: the widget reads one at a time
    await vi.advanceTimersByTimeAsync(200);
    expect(typesOf(made.posted).at(-1)).toBe(SYNC);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(typesOf(made.posted)).toContain(STATUS);
  });

  test("a read under way does not hold up the contacts of who signed in meanwhile", async () => {
    made.registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await made.asked("/contacts", { page: 1, syncTimestamp: null });
    made.bridge.startAgain();
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null }, "r-2"));
    await settled();
    expect(answerTo(made.posted, "r-2")).toEqual({ data: [], nextPage: null });
    made.posted.length = 0;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(typesOf(made.posted)).toContain(SYNC);
  });

  test("what was to be told to a widget that is gone is not told to the next", async () => {
    made.registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await made.asked("/contacts", { page: 1, syncTimestamp: null });
    made.bridge.authorize(NOBODY);
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null }, "r-2"));
    await settled();
    made.bridge.end();
    made.posted.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(made.posted).toEqual([]);
  });

  test("a page of changes that comes after signing out empties the list", async () => {
    made.registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)]));
    const { syncTimestamp } = (await made.asked("/contacts", { page: 1, syncTimestamp: null })) as {
      syncTimestamp: number;
    };
    const { promise, reject } = Promise.withResolvers<FeedPage>();
    made.around.feed.mockReturnValueOnce(promise);
    made.bridge.heard(ask("/contacts", { page: 1, syncTimestamp }, "r-2"));
    made.bridge.authorize(NOBODY);
    reject(new SignedOut());
    await settled();
    expect(answerTo(made.posted, "r-2")).toEqual({ data: [], nextPage: null });
  });

  test("names that come after signing out are not handed over", async () => {
    made.registered();
    const { promise, resolve } = Promise.withResolvers<NamesByNumber>();
    made.around.names.mockReturnValueOnce(promise);
    made.bridge.heard(ask("/contacts/match", { phoneNumbers: ["101"] }));
    made.bridge.authorize(NOBODY);
    resolve({ "101": [{ id: "1", name: "Ada", type: "HubSpot", phoneNumbers: [] }] });
    await settled();
    expect(answerTo(made.posted, "r-1")).toEqual({ data: {} });
  });
});
