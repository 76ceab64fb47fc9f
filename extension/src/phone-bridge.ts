/**
 * Between the widget and Callbook: registers the service once for each load of the widget, answers what it asks, tells
 * calls on, and has it dial. Knows no window: what was heard comes in, what is to be posted goes out.
 */
import type { CallNews, FeedPage } from "./contract";
import { EXPLAINED_WITHIN_MS, PhoneCalls } from "./phone-calls";
import { ContactPages, type FeedPlace } from "./phone-contacts";
import { Dialling } from "./phone-dialling";
import {
  authorizationStatus,
  matchAgain,
  newCall,
  PATHS,
  read,
  readContactsAgain,
  registration,
  response,
  textIn,
  type Authorization,
  type Heard,
  type Unread,
  type WidgetContact,
} from "./phone-messages";
import type { NamesByNumber } from "./phone-names";
import { t } from "./i18n";

/** What the window is told of, to draw it. */
export interface PhoneState {
  /** The widget has said something since it was loaded. */
  spoke: boolean;
  /** Null before it said. */
  loggedIn: boolean | null;
  ready: boolean;
}

export interface Surroundings {
  post: (message: object) => void;
  changed: (state: PhoneState) => void;
  feed: (after: FeedPlace | null) => Promise<FeedPage>;
  names: (body: Unread) => Promise<NamesByNumber>;
  search: (text: string) => Promise<WidgetContact[]>;
  openRecord: (contactId: number) => void;
  authorize: () => void;
  /** The rep is asked first. */
  unauthorize: () => void;
  syncRecent: () => void;
  report: (news: CallNews) => void;
  /** The number was not called. */
  notDialled: (number: string, why: "signed_out" | "not_ready") => void;
}

const NEWS_PAUSE_MS = 2_000;
const FAILED_PAUSE_MS = 30_000;
/** So long the widget takes, at most, to be done with a read whose last page it was answered. */
const READ_ENDS_MS = 200;
const REMEMBERED_QUERIES = 200;

export class PhoneBridge {
  private registered = false;
  private state: PhoneState = { spoke: false, loggedIn: null, ready: false };
  private authorization: Authorization = { authorized: false, account: null };
  private readonly pages: ContactPages;
  private readonly calls = new PhoneCalls();
  private readonly dialling: Dialling;
  /** What names were asked for, the newest last. */
  private readonly queries = new Set<string>();
  private again: { timer: ReturnType<typeof setTimeout>; at: number } | null = null;
  private clearing = false;
  private telling: ReturnType<typeof setTimeout> | undefined;
  private emptying: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly around: Surroundings) {
    this.pages = new ContactPages(around.feed, (why) =>
      this.readAgainIn(why === "failed" ? FAILED_PAUSE_MS : NEWS_PAUSE_MS),
    );
    this.dialling = new Dialling((number) => around.post(newCall(number)), around.notDialled);
  }

  /** The frame has another document in it: a widget that knows nothing of us. */
  reloaded(): void {
    this.registered = false;
    this.clearing = false;
    this.leaveAsItIs();
    this.become({ spoke: false, loggedIn: null, ready: false });
  }

  /** Something that came from the widget, and from nobody else. */
  heard(data: unknown): void {
    const heard = read(data);
    if (heard === null) return;
    if (!this.state.spoke) this.become({ spoke: true });
    switch (heard.kind) {
      case "login":
        return this.heardLogin(heard.loggedIn);
      case "dialer":
        return this.become({ ready: heard.ready });
      case "request":
        return void this.answer(heard);
      case "other":
        return this.heardCall(heard.type, heard.message);
    }
  }

  /** Who is signed in to Callbook now. */
  authorize(next: Authorization): void {
    const before = this.authorization;
    if (before.authorized === next.authorized && before.account === next.account) return;
    this.authorization = next;
    if (!this.registered) return;
    if (before.authorized && !next.authorized) return this.clear();
    // A widget that has not been told of the end in between reads nothing by itself.
    if (this.clearing) this.readAgainIn(0);
    this.tellAuthorization();
  }

  /** Whoever is signed in may be somebody else: places in the feed are of the one before. */
  startAgain(): void {
    this.pages.nothing();
    this.readAgainIn(READ_ENDS_MS);
  }

  /** Contacts changed: the widget reads what did, and asks anew who the numbers are that it asked for. */
  contactsChanged(): void {
    this.readAgainIn(NEWS_PAUSE_MS);
  }

  serverIsBack(): void {
    this.readAgainIn(0);
  }

  namesAreLate(numbers: readonly string[]): void {
    this.around.post(matchAgain(numbers));
  }

  /** What was asked for before this window or the widget was loaded: the widget may have kept its names. */
  asked(numbers: readonly string[]): void {
    for (const number of numbers) this.rememberQuery(number);
  }

  /** Calls the number as soon as the widget can, and says so if it cannot. */
  dial(number: string): void {
    this.dialling.want(number, this.state);
  }

  /** The window goes, or gets another widget. */
  end(): void {
    if (this.again !== null) clearTimeout(this.again.timer);
    this.again = null;
    this.leaveAsItIs();
    this.dialling.end();
  }

  private become(change: Partial<PhoneState>): void {
    this.state = { ...this.state, ...change };
    this.around.changed(this.state);
    this.dialling.widgetIs(this.state);
  }

  private heardLogin(loggedIn: boolean): void {
    this.become(loggedIn ? { loggedIn } : { loggedIn, ready: false });
    if (this.registered) return;
    this.registered = true;
    const titles = { authorize: t("authorize"), unauthorize: t("unauthorize") };
    this.around.post(registration(this.authorization, titles));
  }

  private heardCall(type: string, message: Unread): void {
    const news = this.calls.heard(type, message, Date.now());
    for (const one of news) this.around.report(one);
    setTimeout(() => this.tellOverdue(), EXPLAINED_WITHIN_MS);
  }

  private tellOverdue(): void {
    for (const one of this.calls.due(Date.now())) this.around.report(one);
  }

  // --- what the widget asks

  private async answer({ requestId, path, body }: Extract<Heard, { kind: "request" }>): Promise<void> {
    const answer = await this.answerTo(path, body);
    if (answer !== null) this.around.post(response(requestId, answer));
  }

  private async answerTo(path: string, body: Unread): Promise<object | null> {
    switch (path) {
      case PATHS.contacts:
        return this.contacts(body);
      case PATHS.search:
        return { data: await this.search(body) };
      case PATHS.match:
        return { data: await this.names(body) };
      case PATHS.view:
        this.view(body);
        return { data: "ok" };
      case PATHS.authorize:
        this.toggleAuthorization();
        return { data: "ok" };
      default:
        return null;
    }
  }

  private async contacts(body: Unread): Promise<object | null> {
    if (!this.authorization.authorized) return this.cleared(body);
    if (body.page === 1 && body.type === "manual") this.around.syncRecent();
    const answer = await this.pages.answer(body);
    return this.authorization.authorized ? answer : this.cleared(body);
  }

  private async search({ searchString }: Unread): Promise<WidgetContact[]> {
    const text = textIn(searchString)?.trim() ?? "";
    return text === "" || !this.authorization.authorized ? [] : this.around.search(text);
  }

  private async names(body: Unread): Promise<NamesByNumber> {
    if (!this.authorization.authorized) return {};
    const found = await this.around.names(body);
    const numbers: unknown[] = Array.isArray(body.phoneNumbers) ? body.phoneNumbers : [];
    this.asked(numbers.filter((one) => typeof one === "string"));
    return this.authorization.authorized ? found : {};
  }

  private rememberQuery(number: string): void {
    this.queries.delete(number);
    this.queries.add(number);
    const [oldest] = this.queries;
    if (this.queries.size > REMEMBERED_QUERIES && oldest !== undefined) this.queries.delete(oldest);
  }

  private view({ id }: Unread): void {
    if (typeof id === "string" && /^\d{1,15}$/u.test(id)) this.around.openRecord(Number(id));
  }

  private toggleAuthorization(): void {
    if (this.authorization.authorized) this.around.unauthorize();
    else this.around.authorize();
  }

  // --- keeping it true

  private tellAuthorization(): void {
    this.clearing = false;
    this.around.post(authorizationStatus(this.authorization));
  }

  /** The widget asks nothing more once it is told: before that, it takes an empty list and no names for all it has. */
  private clear(): void {
    this.clearing = true;
    if (this.again !== null) clearTimeout(this.again.timer);
    this.again = null;
    this.around.post(readContactsAgain());
    if (this.queries.size > 0) this.around.post(matchAgain([...this.queries]));
    this.queries.clear();
    this.tellSoon();
  }

  /** There is nothing of ours in the widget, or another widget. */
  private leaveAsItIs(): void {
    clearTimeout(this.telling);
    clearTimeout(this.emptying);
  }

  private tellSoon(): void {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (this.clearing) this.tellAuthorization();
    }, NEWS_PAUSE_MS);
  }

  /**
   * A read that was under way ends here, and leaves the widget with what it was given before. It reads one at a time:
   * only when it is done with that one does it hear that it is to read once more.
   */
  private cleared({ page }: Unread): object {
    if (page !== 1) {
      this.emptying = setTimeout(() => {
        if (!this.authorization.authorized) this.around.post(readContactsAgain());
      }, READ_ENDS_MS);
      this.tellSoon();
    }
    return this.pages.nothing();
  }

  /** After a pause, so that a run's many changes are read together; an earlier wish stays. */
  private readAgainIn(pauseMs: number): void {
    const at = Date.now() + pauseMs;
    if (this.again !== null && this.again.at <= at) return;
    if (this.again !== null) clearTimeout(this.again.timer);
    this.again = { at, timer: setTimeout(() => this.readAgain(), pauseMs) };
  }

  private readAgain(): void {
    this.again = null;
    if (!this.registered || !this.authorization.authorized) return;
    this.around.post(readContactsAgain());
    if (this.queries.size > 0) this.around.post(matchAgain([...this.queries]));
  }
}
