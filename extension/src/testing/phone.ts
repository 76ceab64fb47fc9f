/** The widget's messages for tests: what it asks and tells, as it was seen to. */
import { expect, vi } from "vitest";

import type { CallNews, FeedPage, FeedRow } from "../contract";
import { PhoneBridge, type PhoneState, type Surroundings } from "../phone-bridge";

export const ALICE = { authorized: true, account: "Brightmoor Supply" };
export const NOBODY = { authorized: false, account: null };

interface Fixture {
  bridge: PhoneBridge;
  /** What went to the widget, in order. */
  posted: object[];
  news: CallNews[];
  states: PhoneState[];
  around: { [K in keyof Omit<Surroundings, "post" | "changed" | "report">]: ReturnType<typeof vi.fn<Surroundings[K]>> };
  /** Registered, with Alice's contacts; what was posted until then is forgotten. */
  registered: () => void;
  /** What the widget is answered. */
  asked: (path: string, body: object) => Promise<unknown>;
}

/** A bridge whose surroundings are spies; the server has one contact and no names. */
export function aBridge(): Fixture {
  const [posted, news, states]: [object[], CallNews[], PhoneState[]] = [[], [], []];
  const around: Fixture["around"] = {
    feed: vi.fn<Surroundings["feed"]>().mockResolvedValue(feedPage([feedRow(1)])),
    names: vi.fn<Surroundings["names"]>().mockResolvedValue({}),
    search: vi.fn<Surroundings["search"]>().mockResolvedValue([]),
    openRecord: vi.fn<Surroundings["openRecord"]>(),
    authorize: vi.fn<Surroundings["authorize"]>(),
    unauthorize: vi.fn<Surroundings["unauthorize"]>(),
    syncRecent: vi.fn<Surroundings["syncRecent"]>(),
    notDialled: vi.fn<Surroundings["notDialled"]>(),
  };
  const bridge = new PhoneBridge({
    post: (message) => posted.push(message),
    changed: (state) => states.push(state),
    report: (one) => news.push(one),
    ...around,
  });
  const registered = (): void => {
    bridge.authorize(ALICE);
    bridge.heard(login(true));
    bridge.heard(dialer(true));
    posted.length = 0;
  };
  const asked = async (path: string, body: object): Promise<unknown> => {
    bridge.heard(ask(path, body));
    await settled();
    return answerTo(posted, "r-1");
  };
  return { bridge, posted, news, states, around, registered, asked };
}

/** What is under way has been answered; what waits for a pause goes on waiting. */
export async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1);
}

/** A row of the feed; ids beneath it are made of `id`. */
export function feedRow(id: number, change: Partial<FeedRow> = {}): FeedRow {
  return {
    id,
    hubspot_id: String(1000 + id),
    deleted: false,
    name: `Name ${id}`,
    first_name: "Name",
    last_name: String(id),
    company: null,
    job_title: null,
    emails: [],
    phones: [{ number: `+1206555${String(id).padStart(4, "0")}`, extension: null, kind: "phone" }],
    ...change,
  };
}

export function removed(id: number): FeedRow {
  const nothing = { name: null, first_name: null, last_name: null, phones: [] };
  return feedRow(id, { ...nothing, deleted: true });
}

export function feedPage(rows: readonly FeedRow[], change: Partial<FeedPage> = {}): FeedPage {
  return {
    contacts: [...rows],
    epoch: 1,
    cursor: rows.length,
    newest: 100,
    more: false,
    start_again: false,
    ...change,
  };
}

export function ask(path: string, body: object, requestId = "r-1"): object {
  return { type: "rc-post-message-request", requestId, path, body };
}

export const login = (loggedIn: boolean): object => ({ type: "rc-login-status-notify", loggedIn });
export const dialer = (ready: boolean): object => ({ type: "rc-dialer-status-notify", ready });

/** The `type` of each message, in order. */
export function typesOf(messages: readonly object[]): unknown[] {
  return messages.map((message) => ("type" in message ? message.type : undefined));
}

/** The only answer to this request. */
export function answerTo(messages: readonly object[], requestId: string): unknown {
  const answers = messages.filter((one) => "responseId" in one && one.responseId === requestId);
  expect(answers).toHaveLength(1);
  const [answer] = answers;
  return answer !== undefined && "response" in answer ? answer.response : undefined;
}
