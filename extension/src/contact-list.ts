/**
 * The contacts in view, out of a list of any length: pages of 50 come as they are looked at, and what is on the screen
 * stays until something newer can take its place. Typing asks at once, but for few answers at a time: what is typed
 * meanwhile is asked when one of them has come.
 */
import type { ContactPage, ContactQuery, ContactRow, SourceFilter } from "./contract";

/** Six screens of the popup: twice as many would take a third longer to come. */
const PAGE_ROWS = 50;
const KEPT_PAGES = 80;
const REQUESTS_AT_ONCE = 3;
/** With fewer, the last key of a quick word would wait for the answer to one before it, and then for its own. */
const LISTS_AT_ONCE = 3;
const REFRESH_PAUSE_MS = 2_000;
const LONGEST_SEARCH = 100;

/** What is drawn. A new `epoch` is another list: the reader goes back to its top. */
export interface ContactListView {
  epoch: number;
  source: SourceFilter;
  /** The search text as typed, and the one the rows answer. */
  typed: string;
  q: string;
  page: Omit<ContactPage, "contacts" | "next"> | null;
  rowAt(index: number): ContactRow | undefined;
}

type Load = (query: ContactQuery) => Promise<ContactPage>;

/** Which list: what was asked for, and the text it was asked with. */
type Question = Pick<ContactQuery, "source" | "q">;

export class ContactList {
  private readonly pages = new Map<number, ContactRow[]>();
  private readonly asked = new Set<number>();
  private wanted: readonly number[] = [0];
  private source: SourceFilter = "all";
  private typed = "";
  private page: ContactListView["page"] = null;
  /** Of the list on the screen. */
  private shown: Question = { source: "all", q: "" };
  private epoch = 0;
  /** Lists are numbered as they are asked for; the one on the screen may be older than the newest. */
  private newest = 0;
  private shownNumber = 0;
  private listsAwaited = 0;
  private askAgain = false;
  /** Another one for every reading of the rows: what an older one still brings is dropped. */
  private reading = 0;
  private refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly load: Load,
    /** What was asked for is being asked: it is drawn in passing. */
    private readonly changed: () => void,
    /** Rows somebody waits for are here. */
    private readonly arrived: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  view(): ContactListView {
    const { epoch, source, typed, page } = this;
    const rowAt = (index: number): ContactRow | undefined =>
      this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
    return { epoch, source, typed, q: this.shown.q, page, rowAt };
  }

  /** Rows from before, to have something to show at once. */
  prime(page: ContactPage): void {
    this.take(0, page);
  }

  search(text: string): void {
    this.typed = text;
    this.ask();
    this.changed();
  }

  filter(source: SourceFilter): void {
    this.source = source;
    this.ask();
    this.changed();
  }

  /** These rows are in view (last exclusive): fetch what is missing of them. */
  need(first: number, last: number): void {
    const from = Math.floor(first / PAGE_ROWS);
    const to = Math.max(from, Math.floor((last - 1) / PAGE_ROWS));
    this.wanted = Array.from({ length: to - from + 1 }, (_, step) => from + step);
    this.fetchWanted();
  }

  /** The list changed on the server; news that come in a burst are one. */
  refreshSoon(): void {
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined;
      this.refresh();
    }, REFRESH_PAUSE_MS);
  }

  /** Reads again what is in view; the old rows stay until the new ones are here. */
  refresh(): void {
    if (this.shownNumber !== this.newest) return this.ask();
    const reading = this.readAnew();
    const wanted = this.wanted.slice(0, REQUESTS_AT_ONCE);
    void Promise.all(wanted.map(async (index) => ({ index, page: await this.load(this.query(index, true)) }))).then(
      (answers) => {
        if (reading !== this.reading) return;
        this.pages.clear();
        for (const { index, page } of answers) this.take(index, page);
        this.arrived();
      },
      this.failed,
    );
  }

  /** Another search or another source: a new list, now or when one that is under way has come. */
  private ask(): void {
    const number = ++this.newest;
    this.askAgain = this.listsAwaited >= LISTS_AT_ONCE;
    if (this.askAgain) return;
    this.listsAwaited += 1;
    const asked: Question = { source: this.source, q: this.typed.trim().slice(0, LONGEST_SEARCH) };
    void this.load({ ...asked, offset: 0, limit: PAGE_ROWS, letters: asked.q === "" })
      .then((page) => this.show(number, asked, page), this.failed)
      .then(() => {
        this.listsAwaited -= 1;
        if (this.askAgain) this.ask();
      });
  }

  private show(number: number, asked: Question, page: ContactPage): void {
    if (number < this.shownNumber) return;
    this.readAnew();
    this.pages.clear();
    this.shownNumber = number;
    this.shown = asked;
    this.epoch += 1;
    this.wanted = [0];
    this.take(0, page);
    this.arrived();
  }

  private readAnew(): number {
    this.asked.clear();
    return ++this.reading;
  }

  private query(index: number, letters: boolean): ContactQuery {
    const { source, q } = this.shown;
    return { source, q, offset: index * PAGE_ROWS, limit: PAGE_ROWS, letters: letters && q === "" };
  }

  private fetchWanted(): void {
    for (const index of this.wanted) {
      const known = this.pages.has(index) || this.asked.has(index);
      if (!known && this.page !== null && this.asked.size < REQUESTS_AT_ONCE) this.fetchPage(index);
    }
  }

  private fetchPage(index: number): void {
    const { reading } = this;
    this.asked.add(index);
    void this.load(this.query(index, false)).then(
      (page) => {
        if (reading !== this.reading) return;
        this.asked.delete(index);
        this.pages.set(index, page.contacts);
        this.dropFarPages();
        this.arrived();
        this.fetchWanted();
      },
      (error: unknown) => {
        if (reading === this.reading) this.asked.delete(index);
        this.failed(error);
      },
    );
  }

  private take(index: number, { contacts, next: _next, ...page }: ContactPage): void {
    this.pages.set(index, contacts);
    this.page = page;
  }

  private dropFarPages(): void {
    const [middle = 0] = this.wanted;
    const byDistance = [...this.pages.keys()].toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const far of byDistance.slice(KEPT_PAGES)) this.pages.delete(far);
  }
}
