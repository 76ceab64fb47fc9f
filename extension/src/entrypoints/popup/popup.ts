/**
 * The popup's state: what storage holds and the pages of contacts in view. Reading goes to the server directly;
 * whatever must outlive the popup is a message to the worker. Every change draws once a frame.
 */
import { browser } from "wxt/browser";

import { api, probe } from "../../api";
import { CallList } from "../../call-list";
import { ContactList } from "../../contact-list";
import type { Contact, PersonalIn, ProblemPage, SettingsChange } from "../../contract";
import { diagnosticsOf } from "../../diagnostics";
import { actionProblem, Refused, type ActionProblem } from "../../errors";
import type { Answer, PopupMessage } from "../../protocol";
import { stored } from "../../storage";
import type { NotSaved, PopupActions, PopupState } from "../../ui/popup-state";

const POLL_MS = 2_000;
const CLOCK_MS = 15_000;

type Kept = Omit<PopupState, "now" | "contacts" | "calls" | "contact" | "problems" | "tabId">;
type Draw = (state: PopupState, actions: PopupActions) => void;

async function send(message: PopupMessage): Promise<ActionProblem | null> {
  // A worker that dies with the message in hand leaves it without an answer.
  const answer: Answer | null | undefined = await browser.runtime.sendMessage(message).catch(() => null);
  if (answer === null || answer === undefined) return "refused";
  return answer.ok ? null : answer.problem;
}

async function keptState(): Promise<Kept> {
  const [session, server, sync, settings, notifications, unreachableSince, keptRunId, missed, placement] =
    await Promise.all([
      stored.session.get(),
      stored.server.get(),
      stored.sync.get(),
      stored.settings.get(),
      stored.notifications.get(),
      stored.unreachableSince.get(),
      stored.keptRunId.get(),
      stored.missed.get(),
      stored.placement.get(),
    ]);
  return {
    session,
    server,
    sync,
    settings,
    notifications,
    unreachableSince,
    keptRunId,
    missed: missed.length,
    placement,
  };
}

export class Popup {
  private kept: Kept | null = null;
  private tabId: number | null = null;
  private contact: Contact | null = null;
  private problems: ProblemPage | null = null;
  private scheduled = false;
  private list = this.newList();
  private calls = this.newCalls();

  constructor(private readonly draw: Draw) {}

  async start(): Promise<void> {
    this.watch();
    const tabs = browser.tabs.query({ active: true, currentWindow: true });
    const [kept, firstPage] = await Promise.all([keptState(), stored.firstPage.get()]);
    this.kept = kept;
    if (firstPage !== null) this.list.prime(firstPage);
    this.drawNow();
    if (kept.session.state === "signedIn") this.ask();
    // A worker that died in a sign-in puts it right when it boots: any word wakes it.
    if (kept.session.state === "authorizing") this.tell({ type: "refresh" });
    this.tabId = (await tabs)[0]?.id ?? null;
    this.drawSoon();
    setInterval(this.drawSoon, CLOCK_MS);
    setInterval(() => {
      if (this.kept?.sync?.run) this.tell({ type: "refresh" });
    }, POLL_MS);
  }

  /** Everything anew from the server. */
  private ask(): void {
    this.tell({ type: "refresh" });
    this.list.refresh();
    void this.readSettings().catch(this.quietly);
  }

  private async readSettings(): Promise<void> {
    const settings = await api.settings();
    if (this.isSignedIn()) await stored.settings.set(settings);
  }

  private watch(): void {
    stored.session.watch((session) => {
      const signedInBefore = this.kept?.session.state === "signedIn";
      this.keep({ session });
      if (session.state === "signedIn" && !signedInBefore) this.ask();
      if (session.state === "signedOut") this.forget();
    });
    stored.server.watch((server) => this.keep({ server }));
    stored.sync.watch((sync) => this.keep({ sync }));
    stored.settings.watch((settings) => this.keep({ settings }));
    stored.notifications.watch((notifications) => this.keep({ notifications }));
    stored.keptRunId.watch((keptRunId) => this.keep({ keptRunId }));
    stored.missed.watch((missed) => this.keep({ missed: missed.length }));
    stored.placement.watch((placement) => this.keep({ placement }));
    stored.unreachableSince.watch((unreachableSince) => {
      this.keep({ unreachableSince });
      if (unreachableSince === null) this.list.refreshSoon();
    });
    stored.contactsNews.watch(() => this.list.refreshSoon());
    stored.callsNews.watch(() => {
      if (this.calls.isOpen()) this.calls.refresh();
    });
  }

  /** Asked again after every answer: what comes after signing out must not be kept. */
  private isSignedIn(): boolean {
    return this.kept?.session.state === "signedIn";
  }

  private keep(change: Partial<Kept>): void {
    if (this.kept === null) return;
    this.kept = { ...this.kept, ...change };
    this.drawSoon();
  }

  /** Signed out: nothing of the user stays in this window. */
  private forget(): void {
    this.list = this.newList();
    this.calls = this.newCalls();
    this.contact = null;
    this.problems = null;
    this.drawSoon();
  }

  private newList(): ContactList {
    const list: ContactList = new ContactList(
      async (query) => {
        const page = await api.contacts(query);
        const first = query.offset === 0 && query.q === "" && query.source === "all";
        if (first && this.isSignedIn()) await stored.firstPage.set(page);
        return page;
      },
      () => this.drawSoon(),
      (error) => this.quietly(error),
    );
    return list;
  }

  private newCalls(): CallList {
    return new CallList(
      async (query) => {
        const page = await api.calls(query);
        const first = query.before === null && query.filter === "all";
        if (first && this.isSignedIn()) await stored.recentCalls.set(page);
        return page;
      },
      () => this.drawSoon(),
      (error) => this.quietly(error),
    );
  }

  private readonly drawSoon = (): void => {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => this.drawNow());
  };

  private drawNow(): void {
    this.scheduled = false;
    if (this.kept === null) return;
    const { kept, tabId, contact, problems } = this;
    const [contacts, calls] = [this.list.view(), this.calls.view()];
    this.draw({ ...kept, now: new Date(), tabId, contacts, calls, contact, problems }, this.actions);
  }

  private async openCalls(): Promise<void> {
    const cached = await stored.recentCalls.get();
    if (cached !== null && this.calls.view().filter === "all") {
      this.calls.prime(cached);
      this.drawSoon();
    }
    this.calls.refresh();
    await send({ type: "calls-seen" });
  }

  /** A personal contact came, changed or went: names and counts change with it, and no one should wait for the news. */
  private contactsChanged(): void {
    this.tell({ type: "refresh" });
    this.list.refresh();
    if (this.calls.isOpen()) this.calls.refresh();
  }

  private async saveContact(id: number | null, contact: PersonalIn): Promise<NotSaved | null> {
    try {
      const saved = await (id === null ? api.addContact(contact) : api.changeContact(id, contact));
      if (id !== null) this.contact = saved;
    } catch (error) {
      return { problem: actionProblem(error), fields: error instanceof Refused ? error.fields : [] };
    }
    this.contactsChanged();
    return null;
  }

  private async deleteContact(id: number): Promise<void> {
    await api.deleteContact(id);
    this.contactsChanged();
  }

  private async readProblems(): Promise<void> {
    this.problems = null;
    this.problems = await api.problems();
    this.drawSoon();
  }

  private async copyDiagnostics(): Promise<void> {
    if (this.kept === null) return;
    const [faults, serverVersion] = [await stored.faults.get(), await stored.serverVersion.get()];
    const { version } = browser.runtime.getManifest();
    const facts = { ...this.kept, now: new Date(), version, browser: navigator.userAgent, faults, serverVersion };
    await navigator.clipboard.writeText(diagnosticsOf(facts));
  }

  private async changeSettings(change: SettingsChange): Promise<void> {
    await stored.settings.set(await api.changeSettings(change));
    this.tell({ type: "refresh" });
  }

  private tell(message: PopupMessage): void {
    void send(message).catch(this.quietly);
  }

  /** What went wrong is in the state already (signed out, unreachable); anything else is a fault of ours. */
  private readonly quietly = (error: unknown): void => {
    actionProblem(error);
  };

  /** Runs it and says how it went. */
  private async tried(action: () => Promise<unknown>): Promise<ActionProblem | null> {
    try {
      await action();
      return null;
    } catch (error) {
      return actionProblem(error);
    }
  }

  private readonly actions: PopupActions = {
    authorize: () => this.tell({ type: "authorize", tabId: this.tabId }),
    unauthorize: () => send({ type: "unauthorize", everything: false }),
    deleteData: () => send({ type: "unauthorize", everything: true }),
    sync: (kind, acceptRemovals) => send({ type: "sync", kind, acceptRemovals, tabId: this.tabId }),
    keepRemoved: (runId) => void stored.keptRunId.set(runId),
    showOnPage: () => {
      if (this.tabId !== null) this.tell({ type: "show-on-page", tabId: this.tabId });
    },
    tryNow: () => this.tell({ type: "refresh" }),
    changeSettings: (change) => this.tried(() => this.changeSettings(change)),
    setNotifications: (on) => void stored.notifications.set(on),
    probeServer: probe,
    changeServer: (address) => send({ type: "change-server", address }),
    search: (text) => this.list.search(text),
    filter: (source) => this.list.filter(source),
    need: (first, last) => this.list.need(first, last),
    openContact: (id) =>
      this.tried(async () => {
        this.contact = await api.contact(id);
        this.drawSoon();
      }),
    saveContact: (id, contact) => this.saveContact(id, contact),
    deleteContact: (id) => this.tried(() => this.deleteContact(id)),
    openProblems: () => this.tried(() => this.readProblems()),
    openCalls: () => void this.openCalls().catch(this.quietly),
    filterCalls: (filter) => this.calls.pick(filter),
    olderCalls: () => this.calls.showOlder(),
    copy: (text) => navigator.clipboard.writeText(text),
    copyDiagnostics: () => this.copyDiagnostics(),
  };
}
