import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { isFromWidget, type WidgetContact } from "./phone-messages";
import { aBridge, ALICE, ask, dialer, feedPage, feedRow, login, NOBODY, settled, typesOf } from "./testing/phone";

const REGISTER = "rc-adapter-register-third-party-service";
const SYNC = "rc-adapter-sync-third-party-contacts";
const MATCH = "rc-adapter-trigger-contact-match";
let made = aBridge();

beforeEach(() => {
  vi.useFakeTimers();
  made = aBridge();
});

afterEach(() => {
  made.bridge.end();
  vi.useRealTimers();
});

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
    made.registered();
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
  beforeEach(() => made.registered());

  test("contacts", async () => {
    const answer = await made.asked("/contacts", { page: 1, syncTimestamp: null });
    expect(answer).toMatchObject({ data: [{ id: "1", type: "HubSpot" }], nextPage: null });
    expect(made.around.syncRecent).not.toHaveBeenCalled();
  });

  test("a refresh by hand starts a sync, once for all its pages", async () => {
    made.around.feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
    await made.asked("/contacts", { page: 1, syncTimestamp: null, type: "manual" });
    made.bridge.heard(ask("/contacts", { page: 2, syncTimestamp: null, type: "manual" }, "r-2"));
    await settled();
    expect(made.around.syncRecent).toHaveBeenCalledTimes(1);
  });

  test("names", async () => {
    const contacts: WidgetContact[] = [{ id: "1", name: "Ada", type: "HubSpot", phoneNumbers: [] }];
    made.around.names.mockResolvedValueOnce({ "101": contacts });
    expect(await made.asked("/contacts/match", { phoneNumbers: ["101"] })).toEqual({ data: { "101": contacts } });
  });

  test("a search", async () => {
    await made.asked("/contacts/search", { searchString: " ada " });
    expect(made.around.search).toHaveBeenCalledWith("ada");
  });

  test("a search for nothing, and one for no text, are answered at once", async () => {
    expect(await made.asked("/contacts/search", { searchString: 7 })).toEqual({ data: [] });
    expect(made.around.search).not.toHaveBeenCalled();
  });

  test("a contact to be seen", async () => {
    expect(await made.asked("/contacts/view", { id: "21" })).toEqual({ data: "ok" });
    expect(made.around.openRecord).toHaveBeenCalledWith(21);
  });

  test.each(["line:+1206", "../../x", "21 or 1", "", 21, null])("not for the id %s", async (id) => {
    await made.asked("/contacts/view", { id });
    expect(made.around.openRecord).not.toHaveBeenCalled();
  });

  test("Unauthorize asks the rep, Authorize begins, and both are answered at once", async () => {
    expect(await made.asked("/authorize", { authorized: true })).toEqual({ data: "ok" });
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

describe("when contacts change", () => {
  beforeEach(() => made.registered());

  test("the widget reads them again, and the names it has shown, once for many changes", async () => {
    await made.asked("/contacts/match", { phoneNumbers: ["101", "+12065550142"] });
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
    await made.asked("/contacts", { page: 1, syncTimestamp: null });
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
