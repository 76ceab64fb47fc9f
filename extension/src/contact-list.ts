/**
 * The contacts in view, out of a list of any length: pages of 100 come as they are looked at, answers to an older
 * question are dropped, and what is on the screen stays until something newer can take its place.
 */
import type { ContactPage, ContactQuery, ContactRow, SourceFilter } from "./contract";

export const PAGE_ROWS = 100;
const KEPT_PAGES = 40;
const REQUESTS_AT_ONCE = 3;
const TYPING_PAUSE_MS = 80;
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

export class ContactList {
  private readonly pages = new Map<number, ContactRow[]>();
  private readonly asked = new Set<number>();
  private wanted: readonly number[] = [0];
  private question = 0;
  /** A new list was asked for and has not come. */
  private asking = false;
  private epoch = 0;
  private source: SourceFilter = "all";
  private typed = "";
  private q = "";
  private page: ContactListView["page"] = null;
  private typing: ReturnType<typeof setTimeout> | undefined;
  private refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly load: Load,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  view(): ContactListView {
    const { epoch, source, typed, q, page } = this;
    const rowAt = (index: number): ContactRow | undefined =>
      this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
    return { epoch, source, typed, q, page, rowAt };
  }

  /** Rows from before, to have something to show at once. */
  prime(page: ContactPage): void {
    this.take(0, page);
  }

  search(text: string): void {
    this.typed = text;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.ask(), text === "" ? 0 : TYPING_PAUSE_MS);
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
    if (this.asking) return this.ask();
    const question = ++this.question;
    this.asked.clear();
    const wanted = this.wanted.slice(0, REQUESTS_AT_ONCE);
    void Promise.all(wanted.map(async (index) => ({ index, page: await this.load(this.query(index, true)) }))).then(
      (answers) => {
        if (question !== this.question) return;
        this.pages.clear();
        for (const { index, page } of answers) this.take(index, page);
        this.changed();
      },
      this.failed,
    );
  }

  /** Another search or another source: a new list. */
  private ask(): void {
    clearTimeout(this.typing);
    this.asking = true;
    this.asked.clear();
    const question = ++this.question;
    this.wanted = [0];
    const q = this.typed.trim().slice(0, LONGEST_SEARCH);
    const query = { ...this.query(0, true), q, letters: q === "" };
    void this.load(query).then((page) => {
      if (question !== this.question) return;
      this.asking = false;
      this.pages.clear();
      this.q = q;
      this.epoch += 1;
      this.take(0, page);
      this.changed();
    }, this.failed);
  }

  private query(index: number, letters: boolean): ContactQuery {
    return {
      source: this.source,
      q: this.q,
      offset: index * PAGE_ROWS,
      limit: PAGE_ROWS,
      letters: letters && this.q === "",
    };
  }

  private fetchWanted(): void {
    for (const index of this.wanted) {
      const known = this.pages.has(index) || this.asked.has(index);
      if (!known && this.page !== null && this.asked.size < REQUESTS_AT_ONCE) this.fetchPage(index);
    }
  }

  private fetchPage(index: number): void {
    const question = this.question;
    this.asked.add(index);
    void this.load(this.query(index, false)).then(
      (page) => {
        if (question !== this.question) return;
        this.asked.delete(index);
        this.pages.set(index, page.contacts);
        this.dropFarPages();
        this.changed();
        this.fetchWanted();
      },
      (error: unknown) => {
        if (question === this.question) this.asked.delete(index);
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
