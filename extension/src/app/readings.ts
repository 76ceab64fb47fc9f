/** What a window has read from the server for its reader: the lists, the contact that is open, what could not be read. */
import { api } from "../api";
import { CallList } from "../call-list";
import { ContactList } from "../contact-list";
import type { Contact, PersonalIn, ProblemPage } from "../contract";
import { actionProblem, Refused } from "../errors";
import { HubSpotSearch } from "../hubspot-search";
import { LineList } from "../line-list";
import { stored } from "../storage";
import type { NotSaved, PopupState } from "../ui/popup-state";
import { send } from "./worker";

type Read = Pick<PopupState, "contacts" | "calls" | "contact" | "problems" | "hubSpot" | "ownLines">;

interface Wiring {
  /** There is something new to draw. */
  changed: () => void;
  /** The same, and somebody waits for it. */
  arrived: () => void;
  /** Asked after every answer: what comes after signing out must not be kept. */
  isSignedIn: () => boolean;
  /** A request failed; what follows from it is in the state already. */
  failed: (error: unknown) => void;
}

function notSaved(error: unknown): NotSaved {
  return { problem: actionProblem(error), fields: error instanceof Refused ? error.fields : [] };
}

export class Readings {
  list = this.newList();
  lines = this.newLines();
  private calls = this.newCalls();
  private hubSpot = this.newHubSpotSearch();
  private contact: Contact | null = null;
  private openings = 0;
  private problems: ProblemPage | null = null;

  constructor(private readonly wiring: Wiring) {}

  view(): Read {
    const { contact, problems } = this;
    return {
      contacts: this.list.view(),
      calls: this.calls.view(),
      hubSpot: this.hubSpot.view(),
      contact,
      problems,
      ownLines: this.lines.view(),
    };
  }

  /** Signed out: nothing of the user stays in this window. */
  forget(): void {
    this.list = this.newList();
    this.lines = this.newLines();
    this.calls = this.newCalls();
    this.hubSpot = this.newHubSpotSearch();
    this.contact = null;
    this.problems = null;
    this.wiring.changed();
  }

  async readSettings(): Promise<void> {
    const settings = await api.settings();
    if (this.wiring.isSignedIn()) await stored.settings.set(settings);
  }

  async openContact(id: number): Promise<void> {
    const opening = ++this.openings;
    const contact = await api.contact(id);
    if (opening === this.openings) this.show(contact);
  }

  /** Unless another one is opened, or this one saved, before the answer is there. */
  private async readContactAgain(): Promise<void> {
    const before = this.contact;
    if (before === null) return;
    const contact = await api.contact(before.id);
    if (this.contact === before) this.show(contact);
  }

  private show(contact: Contact): void {
    this.contact = contact;
    this.wiring.changed();
  }

  async openProblems(): Promise<void> {
    this.problems = null;
    this.problems = await api.problems();
    this.wiring.changed();
  }

  searchHubSpot(text: string): Promise<void> {
    return this.hubSpot.ask(text);
  }

  async openCalls(): Promise<void> {
    const cached = await stored.recentCalls.get();
    const { filter, q } = this.calls.view();
    if (cached !== null && filter === "all" && q === "") {
      this.calls.prime(cached);
      this.wiring.changed();
    }
    this.calls.refresh();
    await send({ type: "calls-seen" });
  }

  filterCalls(filter: PopupState["calls"]["filter"]): void {
    this.calls.pick(filter);
  }

  searchCalls(text: string): void {
    this.calls.search(text);
  }

  olderCalls(): void {
    this.calls.showOlder();
  }

  /** What somebody has looked at: the list of calls, and the contact whose last call is shown. */
  refreshCalls(): void {
    if (this.calls.isOpen()) this.calls.refresh();
    void this.readContactAgain().catch((error: unknown) => this.wiring.failed(error));
  }

  async saveContact(id: number | null, contact: PersonalIn): Promise<NotSaved | null> {
    try {
      const saved = await (id === null ? api.addContact(contact) : api.changeContact(id, contact));
      if (id !== null) this.contact = saved;
    } catch (error) {
      return notSaved(error);
    }
    this.contactsChanged();
    return null;
  }

  async addLine(written: string): Promise<NotSaved | null> {
    try {
      await this.lines.add(written);
      return null;
    } catch (error) {
      return notSaved(error);
    }
  }

  async deleteContact(id: number): Promise<void> {
    await api.deleteContact(id);
    if (this.contact?.id === id) this.contact = null;
    this.contactsChanged();
  }

  /** A contact came, changed or went: names and counts change with it, and no one should wait for the news. */
  private contactsChanged(): void {
    void send({ type: "refresh" });
    this.list.refresh();
    this.refreshCalls();
  }

  private newList(): ContactList {
    return new ContactList(
      async (query) => {
        const page = await api.contacts(query);
        const first = query.offset === 0 && query.q === "" && query.source === "all";
        if (first && this.wiring.isSignedIn()) await stored.firstPage.set(page);
        return page;
      },
      () => this.wiring.changed(),
      () => this.wiring.arrived(),
      (error) => this.wiring.failed(error),
    );
  }

  private newLines(): LineList {
    return new LineList(api.lines, api.setLines, () => this.wiring.changed());
  }

  private newHubSpotSearch(): HubSpotSearch {
    return new HubSpotSearch(
      (text) => api.searchHubSpot(text),
      () => this.wiring.changed(),
      () => this.contactsChanged(),
    );
  }

  private newCalls(): CallList {
    return new CallList(
      async (query) => {
        const page = await api.calls(query);
        const first = query.before === null && query.filter === "all" && query.q === "";
        if (first && this.wiring.isSignedIn()) await stored.recentCalls.set(page);
        return page;
      },
      () => this.wiring.changed(),
      (error) => this.wiring.failed(error),
    );
  }
}
