import { beforeEach, describe, expect, test, vi } from "vitest";

import { Unreachable } from "./errors";
import { ContactPages, type ContactsAnswer } from "./phone-contacts";
import type { WidgetContact } from "./phone-messages";
import { feedPage, feedRow, removed } from "./testing/phone";
import type { FeedPage } from "./contract";

const feed = vi.fn<(after: { epoch: number; cursor: number } | null) => Promise<FeedPage>>();
const broken = vi.fn<(why: string) => void>();
let pages = new ContactPages(feed, broken);

beforeEach(() => {
  pages = new ContactPages(feed, broken);
});

interface WholeRead {
  data: WidgetContact[];
  stamp: number | null;
}

/** All pages of one read, as the widget asks for them: each with the number it had before. */
async function readAll(syncTimestamp: number | null): Promise<WholeRead> {
  const whole: WholeRead = { data: [], stamp: null };
  for (let page: number | null = 1; page !== null;) {
    const answer: ContactsAnswer | null = await pages.answer({ page, syncTimestamp }); // oxlint-disable-line no-await-in-loop -- page after page
    if (answer === null) throw new Error(`Page ${page} was not answered`);
    if (page === 1) whole.stamp = answer.syncTimestamp ?? null;
    whole.data.push(...answer.data);
    page = answer.nextPage;
  }
  return whole;
}

async function stampAfter(first: FeedPage): Promise<number | null> {
  feed.mockResolvedValueOnce(first);
  return (await readAll(null)).stamp;
}

test("a row becomes the widget's contact", async () => {
  const phones = [
    { number: "+12065550142", extension: "7", kind: "phone" as const },
    { number: "+12065550143", extension: null, kind: "mobile" as const },
    { number: "+12065550144", extension: null, kind: "whatsapp" as const },
  ];
  const row = feedRow(5, { phones, company: "Portico Legal", job_title: "VP", emails: ["a@b.example"] });
  feed.mockResolvedValueOnce(feedPage([row]));
  const { data } = await readAll(null);
  expect(data).toEqual([
    {
      id: "5",
      type: "HubSpot",
      name: "Name 5",
      firstName: "Name",
      lastName: "5",
      company: "Portico Legal",
      jobTitle: "VP",
      emails: ["a@b.example"],
      phoneNumbers: [
        { phoneNumber: "+12065550142*7", phoneType: "business" },
        { phoneNumber: "+12065550143", phoneType: "mobile" },
        { phoneNumber: "+12065550144", phoneType: "other" },
      ],
    },
  ]);
});

describe("a read of everything", () => {
  test("goes page by page from cursor to cursor", async () => {
    feed.mockResolvedValueOnce(feedPage([feedRow(1)], { cursor: -5, more: true }));
    feed.mockResolvedValueOnce(feedPage([feedRow(2)], { cursor: 9 }));
    const { data } = await readAll(null);
    expect(data.map(({ id }) => id)).toEqual(["1", "2"]);
    expect(feed.mock.calls).toEqual([[null], [{ epoch: 1, cursor: -5 }]]);
  });

  test("sends nothing removed and nothing twice: the widget would show both", async () => {
    feed.mockResolvedValueOnce(feedPage([feedRow(1), removed(3)], { more: true }));
    feed.mockResolvedValueOnce(feedPage([feedRow(1), feedRow(2)]));
    const { data } = await readAll(null);
    expect(data.map(({ id }) => id)).toEqual(["1", "2"]);
  });

  test("the read after it begins where the feed was when it began", async () => {
    feed.mockResolvedValueOnce(feedPage([feedRow(1)], { newest: 40, more: true }));
    feed.mockResolvedValueOnce(feedPage([feedRow(2)], { newest: 55, cursor: 2 }));
    const { stamp } = await readAll(null);
    feed.mockResolvedValueOnce(feedPage([]));
    await readAll(stamp);
    expect(feed.mock.lastCall).toEqual([{ epoch: 1, cursor: 40 }]);
  });
});

describe("a read of changes", () => {
  test("tells who is gone, and ends where the next one begins", async () => {
    const stamp = await stampAfter(feedPage([feedRow(1)], { newest: 10 }));
    feed.mockResolvedValueOnce(feedPage([removed(1), feedRow(2)], { cursor: 12 }));
    const { data, stamp: next } = await readAll(stamp);
    expect(data[0]).toMatchObject({ id: "1", type: "HubSpot", deleted: true });
    expect(next).toBeGreaterThan(stamp ?? 0);
    feed.mockResolvedValueOnce(feedPage([]));
    await readAll(next);
    expect(feed.mock.lastCall).toEqual([{ epoch: 1, cursor: 12 }]);
  });

  test("that the widget gave up keeps the place it began at", async () => {
    const stamp = await stampAfter(feedPage([feedRow(1)], { newest: 10 }));
    feed.mockResolvedValueOnce(feedPage([feedRow(2)], { cursor: 12, more: true }));
    await pages.answer({ page: 1, syncTimestamp: stamp });
    feed.mockResolvedValueOnce(feedPage([feedRow(2)], { cursor: 12 }));
    await readAll(stamp);
    expect(feed.mock.lastCall).toEqual([{ epoch: 1, cursor: 10 }]);
  });

  test("where the feed says start again everything is sent, and the widget replaces what it had", async () => {
    const stamp = await stampAfter(feedPage([feedRow(1)]));
    feed.mockResolvedValueOnce(feedPage([], { start_again: true }));
    feed.mockResolvedValueOnce(feedPage([feedRow(7)], { epoch: 2 }));
    const { data, stamp: next } = await readAll(stamp);
    expect(data.map(({ id }) => id)).toEqual(["7"]);
    expect(next).toBeNull();
  });

  test("a number that is not ours means everything anew, too", async () => {
    feed.mockResolvedValueOnce(feedPage([feedRow(1)]));
    expect((await readAll(123)).stamp).toBeNull();
    expect(feed).toHaveBeenCalledWith(null);
  });
});

test("start again in the midst of a read ends it, and asks for another", async () => {
  feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
  feed.mockResolvedValueOnce(feedPage([], { start_again: true }));
  await readAll(null);
  expect(broken).toHaveBeenCalledWith("started_again");
});

test("a feed that fails ends the read, and the next one begins anew", async () => {
  feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
  feed.mockRejectedValueOnce(new Unreachable());
  const { data, stamp } = await readAll(null);
  expect(data.map(({ id }) => id)).toEqual(["1"]);
  expect(broken).toHaveBeenCalledWith("failed");
  feed.mockResolvedValueOnce(feedPage([feedRow(1), feedRow(2)]));
  const next = await readAll(stamp);
  expect(feed.mock.lastCall).toEqual([null]);
  expect(next.data.map(({ id }) => id)).toEqual(["1", "2"]);
});

test("changes that fail are read again from where they began", async () => {
  const stamp = await stampAfter(feedPage([feedRow(1)], { newest: 10 }));
  feed.mockResolvedValueOnce(feedPage([feedRow(2)], { cursor: 11, more: true }));
  feed.mockRejectedValueOnce(new Unreachable());
  const { stamp: broken_ } = await readAll(stamp);
  feed.mockResolvedValueOnce(feedPage([feedRow(2), feedRow(3)], { cursor: 12 }));
  await readAll(broken_);
  expect(feed.mock.lastCall).toEqual([{ epoch: 1, cursor: 11 }]);
});

test("a read whose contacts have become somebody else's ends at once, and there is another one", async () => {
  feed.mockResolvedValueOnce(feedPage([feedRow(1)], { more: true }));
  await pages.answer({ page: 1, syncTimestamp: null });
  pages.nothing();
  expect(await pages.answer({ page: 2, syncTimestamp: null })).toEqual({ data: [], nextPage: null });
  expect(broken).toHaveBeenLastCalledWith("started_again");
  const { promise, resolve } = Promise.withResolvers<FeedPage>();
  feed.mockReturnValueOnce(promise);
  const underWay = pages.answer({ page: 1, syncTimestamp: null });
  pages.nothing();
  resolve(feedPage([feedRow(1)]));
  expect(await underWay).toEqual({ data: [], nextPage: null });
});

test("a page that nobody waits for any more is not answered", async () => {
  const { promise, resolve } = Promise.withResolvers<FeedPage>();
  feed.mockReturnValueOnce(promise);
  const old = pages.answer({ page: 1, syncTimestamp: null });
  feed.mockResolvedValueOnce(feedPage([feedRow(2)]));
  await readAll(null);
  resolve(feedPage([feedRow(1)]));
  expect(await old).toBeNull();
});

test("an empty list replaces everything", () => {
  expect(pages.nothing()).toEqual({ data: [], nextPage: null });
});
