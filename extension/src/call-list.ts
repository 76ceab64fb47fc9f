/**
 * The calls in view, newest first, by filter and search: older ones come as the list is scrolled, answers to an older
 * question are dropped, and what is on the screen stays until something newer can take its place.
 */
import type { Call, CallCounts, CallFilter, CallPage, CallQuery } from "./contract";

const PAGE_CALLS = 100;
/** The server gives no more at once. */
const MOST_AT_ONCE = 200;

/** What is drawn; `calls` is null before the first answer. */
export interface CallListView {
  filter: CallFilter;
  /** What is searched for. */
  q: string;
  calls: readonly Call[] | null;
  counts: CallCounts | null;
  /** There are older ones. */
  more: boolean;
}

type Load = (query: CallQuery) => Promise<CallPage>;

export class CallList {
  private filter: CallFilter = "all";
  private q = "";
  private calls: readonly Call[] | null = null;
  private counts: CallCounts | null = null;
  private older: number | null = null;
  /** By this computer's clock, of those that rang when they were read. */
  private readonly ringsUntil = new Map<string, number>();
  private question = 0;
  private asking = false;

  constructor(
    private readonly load: Load,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  view(): CallListView {
    const { filter, q, counts, older } = this;
    const calls = this.calls?.map((call) => this.settled(call)) ?? null;
    return { filter, q, calls, counts, more: older !== null };
  }

  /** Whether anyone has looked at it. */
  isOpen(): boolean {
    return this.calls !== null;
  }

  /** Calls from before, to have something to show at once; whether what rang then still does, nobody knows. */
  prime(page: CallPage): void {
    const calls = page.calls.filter(({ state }) => state !== "ringing");
    if (this.calls === null) this.take({ ...page, calls }, []);
  }

  pick(filter: CallFilter): void {
    if (filter !== this.filter) {
      this.filter = filter;
      this.calls = null;
      this.older = null;
      this.changed();
    }
    this.refresh();
  }

  /** What is on the screen stays until the answer is there. */
  search(text: string): void {
    this.q = text;
    this.changed();
    this.refresh();
  }

  /** Reads again what is in view, as far as one answer reaches. */
  refresh(): void {
    const limit = Math.min(MOST_AT_ONCE, Math.max(PAGE_CALLS, this.calls?.length ?? 0));
    this.ask({ filter: this.filter, q: this.q.trim(), limit, before: null }, []);
  }

  /** The end of the list is in view. */
  showOlder(): void {
    if (this.older === null || this.asking) return;
    this.ask({ filter: this.filter, q: this.q.trim(), limit: PAGE_CALLS, before: this.older }, this.calls ?? []);
  }

  private ask(query: CallQuery, newer: readonly Call[]): void {
    const question = ++this.question;
    this.asking = true;
    void this.load(query).then(
      (page) => {
        if (question !== this.question) return;
        this.asking = false;
        this.take(page, newer);
        this.changed();
      },
      (error: unknown) => {
        if (question === this.question) this.asking = false;
        this.failed(error);
      },
    );
  }

  private take(page: CallPage, newer: readonly Call[]): void {
    const now = Date.now();
    for (const { call_id, rings_ms } of page.calls) this.ringsUntil.set(call_id, now + rings_ms);
    this.calls = [...newer, ...page.calls];
    this.counts = page.counts ?? null; // a server of before this extension does not count them
    this.older = page.next;
  }

  /** A ring is over with its time to live, as the server would tell it. */
  private settled(call: Call): Call {
    const over = call.state === "ringing" && Date.now() >= (this.ringsUntil.get(call.call_id) ?? 0);
    return over ? { ...call, state: call.direction === "inbound" ? "missed" : "ended" } : call;
  }
}
