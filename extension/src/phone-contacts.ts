/**
 * The widget's list of contacts, page by page out of the change feed. The widget keeps a number of ours (that of a
 * read's first page) and gives it back with the next read: it stands for a place in the feed. With such a place only
 * changes are sent, removed rows among them; without one, or where the feed says "start again", everything anew, and
 * then the widget shows whatever row it is sent, so that nothing removed and nothing twice may be among them.
 */
import type { FeedPage, FeedPhone, FeedRow } from "./contract";
import { actionProblem } from "./errors";
import { PHONE_TYPES, SERVICE, type Unread, type WidgetContact, type WidgetPhone } from "./phone-messages";

const KEPT_PLACES = 10;

export interface FeedPlace {
  epoch: number;
  cursor: number;
}

/** Without `syncTimestamp` the widget replaces all it had by what it was sent. */
export interface ContactsAnswer {
  data: WidgetContact[];
  nextPage: number | null;
  syncTimestamp?: number;
}

/** One read of the widget's, of so many pages as the feed has. */
interface Read {
  whose: number;
  nextPage: number;
  /** Where the next page of the feed begins; null at its very beginning. */
  place: FeedPlace | null;
  /** The number that stands for where the read after this one begins; null where everything has to be replaced. */
  stamp: number | null;
  /** Ids that were sent, in a read of everything. */
  sent: Set<string> | null;
}

type Feed = (after: FeedPlace | null) => Promise<FeedPage>;

export class ContactPages {
  private readonly places = new Map<number, FeedPlace>();
  private running: Read | null = null;
  /** Rises when contacts become somebody else's. */
  private whose = 0;
  private lastStamp = 0;

  /** `onBroken`: a read ended before it had everything; there should be another one. */
  constructor(
    private readonly feed: Feed,
    private readonly onBroken: (why: "started_again" | "failed") => void,
  ) {}

  /**
   * The answer to a request of the widget's; null for a page that nobody waits for any more. A read whose contacts have
   * become somebody else's is ended: the widget reads one at a time, and would wait for its next page for a minute.
   */
  async answer({ page, syncTimestamp }: Unread): Promise<ContactsAnswer | null> {
    const asked = typeof page === "number" ? page : 1;
    const read = asked === 1 ? this.begin(syncTimestamp) : this.running;
    if (read === null) return this.ended("started_again");
    if (read.nextPage !== asked) return null;
    this.running = read;
    const found = await this.foundBy(read);
    if (read.whose !== this.whose) return this.ended("started_again");
    return this.running === read ? this.answerWith(read, found) : null;
  }

  private async foundBy(read: Read): Promise<FeedPage | null> {
    return this.pageOf(read).catch((error: unknown) => {
      actionProblem(error); // anything but an answer that failed is a fault of ours
      return null;
    });
  }

  private answerWith(read: Read, found: FeedPage | null): ContactsAnswer {
    if (found === null) return this.broken(read, "failed");
    return found.start_again ? this.broken(read, "started_again") : this.told(read, found);
  }

  /** An empty list in place of all that the widget had. */
  nothing(): ContactsAnswer {
    this.whose += 1;
    this.running = null;
    this.places.clear();
    return { data: [], nextPage: null };
  }

  private begin(syncTimestamp: unknown): Read {
    const known = typeof syncTimestamp === "number";
    const place = known ? (this.places.get(syncTimestamp) ?? null) : null;
    const stamp = known && place === null ? null : this.newStamp();
    return { whose: this.whose, nextPage: 1, place, stamp, sent: place === null ? new Set() : null };
  }

  /** Moments in milliseconds, which is what the widget takes them for; each later than the one before. */
  private newStamp(): number {
    this.lastStamp = Math.max(Date.now(), this.lastStamp + 1);
    return this.lastStamp;
  }

  private async pageOf(read: Read): Promise<FeedPage> {
    const found = await this.feed(read.place);
    if (!found.start_again || read.nextPage > 1) return found;
    read.place = null;
    read.stamp = null;
    read.sent = new Set();
    return this.feed(null);
  }

  private told(read: Read, found: FeedPage): ContactsAnswer {
    const { epoch, cursor, newest, more } = found;
    read.place = { epoch, cursor };
    if (read.sent === null) this.keepPlace(read, read.place);
    else if (read.nextPage === 1) this.keepPlace(read, { epoch, cursor: newest });
    const data = read.sent === null ? found.contacts.map(contactOf) : firstSent(read.sent, found);
    read.nextPage += 1;
    if (!more) this.running = null;
    return { data, nextPage: more ? read.nextPage : null, ...stampOf(read) };
  }

  /** Who did not get everything has nothing to go on from: their number stands for no place any more. */
  private broken(read: Read, why: "started_again" | "failed"): ContactsAnswer {
    this.running = null;
    if (read.sent !== null && read.stamp !== null) this.places.delete(read.stamp);
    return { ...this.ended(why), ...stampOf(read) };
  }

  private ended(why: "started_again" | "failed"): ContactsAnswer {
    this.onBroken(why);
    return { data: [], nextPage: null };
  }

  private keepPlace({ stamp }: Read, place: FeedPlace): void {
    if (stamp === null) return;
    this.places.set(stamp, place);
    const [oldest] = this.places.keys();
    if (this.places.size > KEPT_PLACES && oldest !== undefined) this.places.delete(oldest);
  }
}

/** Each once, and no removed one; what changes meanwhile is of the next read. */
function firstSent(sent: Set<string>, found: FeedPage): WidgetContact[] {
  const fresh = found.contacts.filter((row) => !row.deleted && !sent.has(String(row.id))).map(contactOf);
  for (const { id } of fresh) sent.add(id);
  return fresh;
}

function stampOf({ stamp }: Read): { syncTimestamp?: number } {
  return stamp === null ? {} : { syncTimestamp: stamp };
}

function contactOf({ id, deleted, name, phones, emails, ...row }: FeedRow): WidgetContact {
  const about = { id: String(id), type: SERVICE } as const;
  if (deleted) return { ...about, name: "", phoneNumbers: [], deleted };
  const { first_name: firstName, last_name: lastName, company, job_title: jobTitle } = row;
  return {
    ...about,
    name: name ?? "",
    phoneNumbers: phones.map(phoneOf),
    emails,
    ...(firstName && { firstName }),
    ...(lastName && { lastName }),
    ...(company && { company }),
    ...(jobTitle && { jobTitle }),
  };
}

/** RingCentral writes an extension behind an asterisk. */
function phoneOf({ number, extension, kind }: FeedPhone): WidgetPhone {
  return { phoneNumber: extension === null ? number : `${number}*${extension}`, phoneType: PHONE_TYPES[kind] };
}
