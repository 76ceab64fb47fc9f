import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { FeedPage } from "./contract";
import { SignedOut } from "./errors";
import { isFromWidget, type WidgetContact } from "./phone-messages";
import type { NamesByNumber } from "./phone-names";
import { aBridge, ALICE, answerTo, ask, dialer, feedPage, feedRow, login, NOBODY, typesOf } from "./testing/phone";

const REGISTER = "rc-adapter-register-third-party-service";
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

/** Registered, with Alice's contacts. */
function registered(): void {
  made.bridge.authorize(ALICE);
  made.bridge.heard(login(true));
  made.bridge.heard(dialer(true));
  made.posted.length = 0;
}

/** What is under way has been answered; what waits for a pause goes on waiting. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1);
}

async function asked(path: string, body: object): Promise<unknown> {
  made.bridge.heard(ask(path, body));
  await settled();
  return answerTo(made.posted, "r-1");
}

describe("registration", () => {
  test("on the first word of the login, whatever it is, and once", () => {
    made.bridge.heard(dialer(false));
    made.bridge.heard({ type: "rc-adapter-pushAdapterState" });
    expect(made.posted).toEqual([]);
    made.bridge.heard(login(false));
    made.bridge.heard(login(true));
    made.bridge.heard(login(false));
    expect(typesOf(made.posted)).toEqual([REGISTER]);
  });

  test("says everything that the service offers", () => {
    made.bridge.authorize(ALICE);
    made.bridge.heard(login(false));
    expect(made.posted[0]).toMatchObject({
      service: {
        name: "HubSpot",
        contactMatchTtl: 600_000,
        authorizedTitle: "Unauthorize",
        unauthorizedTitle: "Authorize",
        authorized: true,
        authorizedAccount: "Brightmoor Supply",
      },
    });
    const { service } = made.posted[0] as { service: Record<string, unknown> }; // what was asserted right above
    for (const path of ["contactsPath", "contactSearchPath", "contactMatchPath", "viewMatchedContactPath"]) {
      expect(service[path]).toMatch(/^\//u);
    }
    expect(service.authorizationPath).toBe("/authorize");
    expect(service.contactIcon).toMatch(/^data:image\/svg/u);
  });

  test("again when the frame has loaded another document", () => {
    registered();
    made.bridge.reloaded();
    expect(made.states.at(-1)).toEqual({ spoke: false, loggedIn: null, ready: false });
    made.bridge.heard(login(false));
    expect(typesOf(made.posted)).toEqual([REGISTER]);
  });
});

test.each([
  ["no object", "rc-login-status-notify"],
  ["null", null],
  ["a list", [login(true)]],
  ["no type", { loggedIn: true }],
  ["a type of another kind", { type: 7 }],
  ["a request without an id", { type: "rc-post-message-request", path: "/contacts" }],
  ["a request with an overlong id", ask("/contacts", {}, "x".repeat(201))],
])("%s is not heard", async (_, data) => {
  made.bridge.heard(data);
  await settled();
  expect(made.posted).toEqual([]);
  expect(made.states).toEqual([]);
});

test("only the widget's own window, at its own origin, is heard", () => {
  const [frame, other] = [{} as MessageEventSource, {} as MessageEventSource]; // only told apart
  const origin = "https://apps.ringcentral.com";
  expect(isFromWidget({ source: frame, origin }, frame, origin)).toBe(true);
  expect(isFromWidget({ source: other, origin }, frame, origin)).toBe(false);
  expect(isFromWidget({ source: frame, origin: "https://evil.example" }, frame, origin)).toBe(false);
  expect(isFromWidget({ source: null, origin }, null, origin)).toBe(false);
});

describe("what the widget asks", () => {
  beforeEach(registered);

  test("contacts", async () => {
    const answer = await asked("/contacts", { page: 1, syncTimestamp: null });
    expect(answer).toMatchObject({ data: [{ id: "1", type: "HubSpot" }], nextPage: null });
    expect(made.around.syncRecent).not.toHaveBeenCalled();
  });

  test("a refresh by hand starts a sync, once for all its pages", async () => {
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await asked("/contacts", { page: 1, syncTimestamp: null, type: "manual" });
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null, type: "manual" }, "r-2"));
    await settled();
    expect(made.around.syncRecent).toHaveBeenCalledTimes(1);
  });

  test("names", async () => {
    const contacts: WidgetContact[] = [{ id: "1", name: "Ada", type: "HubSpot", phoneNumbers: [] }];
    made.around.names.mockResolvedValueOnce({ "101": contacts });
    expect(await asked("/contacts/match", { phoneNumbers: ["101"] })).toEqual({ data: { "101": contacts } });
  });

  test("a search", async () => {
    await asked("/contacts/search", { searchString: " ada " });
    expect(made.around.search).toHaveBeenCalledWith("ada");
  });

  test("a search for nothing, and one for no text, are answered at once", async () => {
    expect(await asked("/contacts/search", { searchString: 7 })).toEqual({ data: [] });
    expect(made.around.search).not.toHaveBeenCalled();
  });

  test("a contact to be seen", async () => {
    expect(await asked("/contacts/view", { id: "21" })).toEqual({ data: "ok" });
    expect(made.around.openRecord).toHaveBeenCalledWith(21);
  });

  test.each(["line:+1206", "../../x", "21 or 1", "", 21, null])("not for the id %s", async (id) => {
    await asked("/contacts/view", { id });
    expect(made.around.openRecord).not.toHaveBeenCalled();
  });

  test("Unauthorize asks the rep, Authorize begins, and both are answered at once", async () => {
    expect(await asked("/authorize", { authorized: true })).toEqual({ data: "ok" });
    expect(made.around.unauthorize).toHaveBeenCalledTimes(1);
    expect(made.around.authorize).not.toHaveBeenCalled();
    made.bridge.authorize(NOBODY);
    made.bridge.heard(ask("/authorize", { authorized: false }, "r-2"));
    await settled();
    expect(made.around.authorize).toHaveBeenCalledTimes(1);
  });

  test("anything else is nobody's to answer", async () => {
    made.bridge.heard(ask("/elsewhere", {}));
    await settled();
    expect(made.posted).toEqual([]);
  });
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
    registered();
    await asked("/contacts/match", { phoneNumbers: ["101"] });
    made.posted.length = 0;
    made.bridge.authorize(NOBODY);
    expect(made.posted).toEqual([{ type: SYNC }, { type: MATCH, phoneNumbers: ["101"] }]);
    made.around.names.mockClear();
    expect(await asked("/contacts", { page: 1, syncTimestamp: 5, type: "api" })).toEqual({ data: [], nextPage: null });
    made.bridge.heard(ask("/contacts/match", { phoneNumbers: ["101"] }, "r-2"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(answerTo(made.posted, "r-2")).toEqual({ data: {} });
    expect(made.around.names).not.toHaveBeenCalled();
    expect(made.posted.at(-1)).toEqual({ type: STATUS, authorized: false });
  });

  test("whoever signs in again at once has their contacts read", async () => {
    registered();
    made.bridge.authorize(NOBODY);
    made.posted.length = 0;
    made.bridge.authorize(ALICE);
    await settled();
    expect(typesOf(made.posted)).toEqual([STATUS, SYNC]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(typesOf(made.posted)).toEqual([STATUS, SYNC]);
  });

  test("somebody else's contacts replace those that were there", async () => {
    registered();
    await asked("/contacts", { page: 1, syncTimestamp: null });
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
    registered();
    made.bridge.asked(["101", "+12065550142"]);
    made.bridge.authorize(NOBODY);
    expect(made.posted).toContainEqual({ type: MATCH, phoneNumbers: ["101", "+12065550142"] });
  });

  test("a read that was under way does not bring the list back", async () => {
    registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await asked("/contacts", { page: 1, syncTimestamp: null });
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
    registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await asked("/contacts", { page: 1, syncTimestamp: null });
    made.bridge.startAgain();
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null }, "r-2"));
    await settled();
    expect(answerTo(made.posted, "r-2")).toEqual({ data: [], nextPage: null });
    made.posted.length = 0;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(typesOf(made.posted)).toContain(SYNC);
  });

  test("a page of changes that comes after signing out empties the list", async () => {
    registered();
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)]));
    const { syncTimestamp } = (await asked("/contacts", { page: 1, syncTimestamp: null })) as { syncTimestamp: number };
    const { promise, reject } = Promise.withResolvers<FeedPage>();
    made.around.feed.mockReturnValueOnce(promise);
    made.bridge.heard(ask("/contacts", { page: 1, syncTimestamp }, "r-2"));
    made.bridge.authorize(NOBODY);
    reject(new SignedOut());
    await settled();
    expect(answerTo(made.posted, "r-2")).toEqual({ data: [], nextPage: null });
  });

  test("names that come after signing out are not handed over", async () => {
    registered();
    const { promise, resolve } = Promise.withResolvers<NamesByNumber>();
    made.around.names.mockReturnValueOnce(promise);
    made.bridge.heard(ask("/contacts/match", { phoneNumbers: ["101"] }));
    made.bridge.authorize(NOBODY);
    resolve({ "101": [{ id: "1", name: "Ada", type: "HubSpot", phoneNumbers: [] }] });
    await settled();
    expect(answerTo(made.posted, "r-1")).toEqual({ data: {} });
  });
});

describe("when contacts change", () => {
  beforeEach(registered);

  test("the widget reads them again, and the names it has shown, once for many changes", async () => {
    await asked("/contacts/match", { phoneNumbers: ["101", "+12065550142"] });
    made.posted.length = 0;
    made.bridge.contactsChanged();
    made.bridge.contactsChanged();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(made.posted).toEqual([{ type: SYNC }, { type: MATCH, phoneNumbers: ["101", "+12065550142"] }]);
    made.bridge.contactsChanged();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(typesOf(made.posted)).toEqual([SYNC, MATCH, SYNC, MATCH]);
  });

  test("a feed that failed is read again later, or as soon as the server is back", async () => {
    made.around.feed.mockResolvedValueOnce(feedPage([], { more: true }));
    made.around.feed.mockResolvedValueOnce(feedPage([], { start_again: true }));
    await asked("/contacts", { page: 1, syncTimestamp: null });
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null }, "r-2"));
    made.bridge.serverIsBack();
    await settled();
    expect(typesOf(made.posted).filter((type) => type === SYNC)).toHaveLength(1);
  });

  test("names that came late are asked for again", () => {
    made.bridge.namesAreLate(["101"]);
    expect(made.posted).toEqual([{ type: MATCH, phoneNumbers: ["101"] }]);
  });
});
