/**
 * The phone window: the frame with RingCentral's widget, and what the bridge to it needs of storage, server and browser.
 * Only one of all open phone pages has a widget; another one waits until that is closed.
 */
import { browser } from "wxt/browser";

import { api } from "../../api";
import { send } from "../../app/worker";
import { reportCall, sendReports } from "../../call-reports";
import type { ContactRow } from "../../contract";
import { actionProblem } from "../../errors";
import { PhoneBridge, type PhoneState } from "../../phone-bridge";
import { isFromWidget, PHONE_TYPES, SERVICE, type Authorization, type WidgetContact } from "../../phone-messages";
import { CallerNames, withRecent, type NamesByNumber } from "../../phone-names";
import { tokenOf, type PhoneSettings, type PopupMessage, type Session } from "../../protocol";
import { stored, type DialRequest } from "../../storage";
import { turns } from "../../turns";
import { widgetAddress } from "../../ui/phone-address";
import type { PhoneActions, PhoneView } from "../../ui/phone";

const LOCK = "phone-window";
/** A document that was loaded over this one's predecessor gets the lock a little later. */
const LOCK_WITHIN_MS = 500;
const SPEAKS_WITHIN_MS = 10_000;
const DIAL_FRESH_MS = 60_000;
const MOST_FOUND = 50;

type Draw = (view: PhoneView, actions: PhoneActions) => void;

export class PhonePage {
  private view: PhoneView = { frame: null, trouble: null, notice: null, asking: false, counts: null };
  private frame: HTMLIFrameElement | null = null;
  private origin = "";
  private loads = 0;
  private session: Session = { state: "signedOut", problem: null };
  private silence: ReturnType<typeof setTimeout> | null = null;
  private bridge = this.newBridge();
  private readonly inTurn = turns();
  private readonly names = new CallerNames({
    ask: (numbers) => api.callers(numbers),
    recent: () => stored.recentCallers.get(),
    remember: (found) => this.remember(found),
    onLate: (numbers) => this.bridge.namesAreLate(numbers),
  });

  constructor(private readonly draw: Draw) {}

  start(): void {
    const alone = setTimeout(() => this.show({ trouble: "elsewhere" }), LOCK_WITHIN_MS);
    const held = navigator.locks.request(LOCK, async () => {
      clearTimeout(alone);
      this.show({ trouble: null });
      await this.begin();
      await new Promise(() => undefined); // as long as the window is open
    });
    void held.catch(fail);
  }

  /** Any message to this window; what is not of the very widget is nobody's business. */
  heard(event: MessageEvent): void {
    if (isFromWidget(event, this.frame?.contentWindow ?? null, this.origin)) this.bridge.heard(event.data);
  }

  private async begin(): Promise<void> {
    stored.session.watch((session) => this.sessionIs(session));
    stored.phone.watch((settings) => this.load(settings));
    stored.contactsNews.watch(() => this.bridge.contactsChanged());
    stored.dialRequest.watch((request) => this.dial(request));
    stored.unreachableSince.watch((since) => {
      if (since === null) this.serverIsBack();
    });
    const [session, settings, request] = await Promise.all([
      stored.session.get(),
      stored.phone.get(),
      stored.dialRequest.get(),
    ]);
    this.session = session;
    this.load(settings);
    this.dial(request);
    void sendReports().catch(fail);
  }

  /** A frame and a bridge of their own for each time the widget is asked for. */
  private load(settings: PhoneSettings): void {
    this.bridge.end();
    this.bridge = this.newBridge();
    this.bridge.authorize(authorizationOf(this.session));
    void this.rememberAsked(this.bridge).catch(fail);
    this.loads = 0;
    if (this.silence !== null) clearTimeout(this.silence);
    const url = widgetAddress(settings);
    this.origin = url === null ? "" : new URL(url).origin;
    if (url === null) return this.show({ frame: null, trouble: "no_address" });
    this.silence = setTimeout(() => this.show({ trouble: "silent" }), SPEAKS_WITHIN_MS);
    this.show({ frame: { url, number: (this.view.frame?.number ?? 0) + 1 }, trouble: "waiting" });
  }

  /** The oldest first. */
  private async rememberAsked(bridge: PhoneBridge): Promise<void> {
    bridge.asked((await stored.recentCallers.get()).map(({ number }) => number).toReversed());
  }

  private newBridge(): PhoneBridge {
    return new PhoneBridge({
      post: (message) => this.frame?.contentWindow?.postMessage(message, this.origin),
      changed: (state) => this.widgetIs(state),
      feed: api.feed,
      names: (body) => this.names.answer(body),
      search,
      openRecord: (contactId) => void this.openRecord(contactId).catch(fail),
      authorize: () => tell({ type: "authorize", tabId: null }),
      unauthorize: () => void this.askUnauthorize().catch(fail),
      syncRecent: () => tell({ type: "sync", kind: "recent", acceptRemovals: false, tabId: null }),
      report: (news) => void reportCall(news).catch(fail),
      notDialled: (number, why) => this.show({ notice: { kind: why, number } }),
    });
  }

  private sessionIs(session: Session): void {
    const before = tokenOf(this.session);
    this.session = session;
    this.bridge.authorize(authorizationOf(session));
    const now = tokenOf(session);
    if (before !== null && now !== null && before !== now) this.bridge.startAgain();
  }

  private serverIsBack(): void {
    this.bridge.serverIsBack();
    void sendReports().catch(fail);
  }

  private widgetIs({ spoke }: PhoneState): void {
    if (!spoke) return;
    if (this.silence !== null) clearTimeout(this.silence);
    if (this.view.trouble !== null) this.show({ trouble: null });
  }

  private dial(request: DialRequest | null): void {
    if (request === null) return;
    void stored.dialRequest.set(null).catch(fail);
    if (Date.now() - new Date(request.at).getTime() > DIAL_FRESH_MS) return;
    this.show({ notice: null });
    this.bridge.dial(request.number);
  }

  private remember(found: NamesByNumber): Promise<void> {
    return this.inTurn(async () => {
      if ((await stored.session.get()).state !== "signedIn") return;
      await stored.recentCallers.set(withRecent(await stored.recentCallers.get(), found, new Date().toISOString()));
    });
  }

  private async openRecord(contactId: number): Promise<void> {
    const url = await recordOf(contactId);
    if (url === "failed") return this.show({ notice: { kind: "not_opened" } });
    if (url === null) return this.show({ notice: { kind: "not_in_hubspot" } });
    const { windowId } = await browser.tabs.create({ url });
    await browser.windows.update(windowId, { focused: true });
  }

  private async askUnauthorize(): Promise<void> {
    this.show({ asking: true, counts: (await stored.sync.get())?.counts ?? null });
  }

  private show(change: Partial<PhoneView>): void {
    this.view = { ...this.view, ...change };
    this.draw(this.view, this.actions);
  }

  private readonly actions: PhoneActions = {
    framed: (frame) => {
      this.frame = frame;
    },
    loaded: () => {
      this.loads += 1;
      if (this.loads > 1) this.bridge.reloaded();
    },
    tryAgain: () => void stored.phone.get().then((settings) => this.load(settings)),
    showOther: () => tell({ type: "open-phone" }),
    dismiss: () => this.show({ notice: null }),
    keepAuthorized: () => this.show({ asking: false }),
    unauthorize: () => send({ type: "unauthorize", everything: false }),
  };
}

function authorizationOf(session: Session): Authorization {
  if (session.state !== "signedIn") return { authorized: false, account: null };
  return { authorized: true, account: session.account.portal_name };
}

function tell(message: PopupMessage): void {
  void send(message).catch(fail);
}

/** What went wrong is in the state already (signed out, unreachable); anything else is a fault of ours. */
function fail(error: unknown): void {
  actionProblem(error);
}

async function recordOf(contactId: number): Promise<string | null> {
  try {
    return (await api.contact(contactId)).hubspot_url;
  } catch (error) {
    actionProblem(error);
    return "failed";
  }
}

/** The widget shows a row for each number whose contact has the text in name or number: one without any is left out. */
async function search(text: string): Promise<WidgetContact[]> {
  try {
    const query = { source: "all", q: text.slice(0, 100), offset: 0, limit: MOST_FOUND, letters: false } as const;
    return (await api.contacts(query)).contacts.flatMap(foundRow);
  } catch (error) {
    actionProblem(error);
    return [];
  }
}

function foundRow({ id, name, company, phone }: ContactRow): WidgetContact[] {
  if (phone === null) return [];
  const phoneNumbers = [{ phoneNumber: phone.e164 ?? phone.raw, phoneType: PHONE_TYPES[phone.kind] }];
  return [{ id: String(id), name, type: SERVICE, phoneNumbers, ...(company !== null && { company }) }];
}
