/**
 * What popup and side panel run: it keeps the state that is drawn, and does what a person asks. Reading goes to the
 * server directly; whatever must outlive the window is a message to the worker. Rows that were waited for are drawn at
 * once, other changes once a frame.
 */
import { browser } from "wxt/browser";

import { api, probe } from "../api";
import type { SettingsChange } from "../contract";
import { diagnosticsOf } from "../diagnostics";
import { actionProblem, type ActionProblem } from "../errors";
import { PAGE_ORIGINS, type PopupMessage } from "../protocol";
import { DEMO_SERVER, stored } from "../storage";
import type { Command, PopupActions, PopupState } from "../ui/popup-state";
import { followKept, keptState, type Kept } from "./kept";
import { leadsBack } from "./leading-back";
import { Readings } from "./readings";
import { send, watchWorker } from "./worker";

/** A server on this very computer needs no network. */
const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/u;
const POLL_MS = 2_000;
const CLOCK_MS = 15_000;

/** Where it runs. Only the popup is over a page that it may write on, and can open the side panel. */
export type Place = "popup" | "panel" | "tab";

const COMMANDS = ["_execute_action", "open-side-panel"] as const;

/** The manifest's commands with their keys, which the person may have changed. */
async function ownCommands(): Promise<Command[]> {
  const all = await browser.commands.getAll();
  return COMMANDS.map((name) => ({ name, shortcut: all.find((one) => one.name === name)?.shortcut ?? "" }));
}

type Draw = (state: PopupState, actions: PopupActions) => void;

export class Surface {
  private kept: Kept | null = null;
  private tabId: number | null = null;
  private windowId: number | null = null;
  private stuck = false;
  /** The frame in which it is drawn next. */
  private frame: number | null = null;
  private readonly readings = new Readings({
    changed: () => this.drawSoon(),
    // At once: in the next frame it would be painted one frame later.
    arrived: () => this.drawNow(),
    isSignedIn: () => this.isSignedIn(),
    failed: (error) => this.quietly(error),
  });

  constructor(
    private readonly place: Place,
    private readonly draw: Draw,
  ) {}

  async start(): Promise<void> {
    this.watch();
    const over = this.tabBelow();
    const { kept, firstPage } = await keptState();
    await over; // asked beside it: to draw twice before anything is seen would take longer
    this.kept = kept;
    if (firstPage !== null) this.readings.list.prime(firstPage);
    this.drawNow();
    if (kept.session.state === "signedIn") this.ask();
    // A worker that died in a sign-in puts it right when it boots: any word wakes it.
    if (kept.session.state === "authorizing") this.tell({ type: "refresh" });
    watchWorker((stuck) => {
      if (this.stuck === stuck) return;
      this.stuck = stuck;
      this.drawSoon();
    });
    for (const change of ["online", "offline"]) addEventListener(change, () => this.tell({ type: "refresh" }));
    setInterval(this.drawSoon, CLOCK_MS);
    setInterval(() => {
      if (this.kept?.sync?.run) this.tell({ type: "refresh" });
    }, POLL_MS);
  }

  private async tabBelow(): Promise<void> {
    if (this.place !== "popup") return;
    const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
    this.tabId = tab?.id ?? null;
    this.windowId = tab?.windowId ?? null;
  }

  /** Everything anew from the server. */
  private ask(): void {
    this.tell({ type: "refresh" });
    this.readings.list.refresh();
    void this.readings.readSettings().catch(this.quietly);
  }

  private watch(): void {
    followKept((change) => this.keep(change));
    stored.contactsNews.watch(() => this.readings.list.refreshSoon());
    stored.callsNews.watch(() => this.readings.refreshCalls());
  }

  private isSignedIn(): boolean {
    return this.kept?.session.state === "signedIn";
  }

  private keep(change: Partial<Kept>): void {
    if (this.kept === null) return;
    const signedInBefore = this.isSignedIn();
    this.kept = { ...this.kept, ...change };
    if (this.isSignedIn() && !signedInBefore) this.ask();
    if (change.session?.state === "signedOut") this.readings.forget();
    if (change.unreachableSince === null) this.readAgain();
    this.drawSoon();
  }

  /** The server has been out of reach. */
  private readAgain(): void {
    this.readings.list.refreshSoon();
    void this.readings.lines.readIfMissing();
  }

  private readonly drawSoon = (): void => {
    this.frame ??= requestAnimationFrame(() => this.drawNow());
  };

  private drawNow(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.kept === null) return;
    const { updateReady, ...kept } = this.kept;
    const { tabId } = this;
    const offline = "onLine" in navigator && !navigator.onLine && !LOOPBACK.test(kept.server);
    const restart = this.restartFor(updateReady);
    const state = { ...kept, now: new Date(), tabId, offline, restart, ...this.readings.view() };
    this.draw(state, { ...this.actions, ...this.offers(kept.server) });
  }

  /** What not every window can do, or not with every server. */
  private offers(server: string): Pick<PopupActions, "openPanel" | "authorizeInTab" | "authorizeDemo"> {
    return {
      openPanel: this.windowId === null ? null : this.openPanel,
      authorizeInTab: leadsBack(server) ? this.authorizeInTab : null,
      authorizeDemo: DEMO_SERVER === null || server === DEMO_SERVER ? null : this.authorizeDemo,
    };
  }

  private restartFor(updateReady: string | null): PopupState["restart"] {
    if (this.stuck) return "stuck";
    return updateReady === null ? null : "update";
  }

  /** At once: after an await the click no longer counts as the person's gesture. */
  private readonly openPanel = (): void => {
    if (this.windowId === null) return;
    void browser.sidePanel.open({ windowId: this.windowId }).then(() => window.close());
  };

  private readonly authorizeDemo = (): void => this.tell({ type: "authorize-demo", tabId: this.tabId });
  private readonly authorizeInTab = (): void => this.tell({ type: "authorize-in-tab" });

  private async diagnostics(): Promise<string> {
    if (this.kept === null) return "";
    const [faults, serverVersion] = [await stored.faults.get(), await stored.serverVersion.get()];
    const { version } = browser.runtime.getManifest();
    const facts = { ...this.kept, now: new Date(), version, browser: navigator.userAgent, faults, serverVersion };
    return diagnosticsOf(facts);
  }

  private async changeSettings(change: SettingsChange): Promise<void> {
    await stored.settings.set(await api.changeSettings(change));
    this.tell({ type: "refresh" });
  }

  /** With the phone window; where none is set up, with whatever this computer calls with. */
  private dial(number: string): void {
    if (this.kept?.phone.address === "") location.assign(`tel:${number.replaceAll(/[^\d+*#]/gu, "")}`);
    else this.tell({ type: "dial", number });
  }

  /** Chrome asks the person; the worker hears the answer, also when the question closes this window. */
  private setCallerCard(on: boolean): void {
    const pages = { origins: PAGE_ORIGINS };
    void (on ? browser.permissions.request(pages) : browser.permissions.remove(pages)).catch(() => undefined);
  }

  private async unmute(host: string): Promise<void> {
    const muted = await stored.mutedSites.get();
    await stored.mutedSites.set(muted.filter((one) => one !== host));
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
    authorizeDemo: null,
    authorizeInTab: null,
    finishInTab: (answer) => send({ type: "finish-in-tab", answer }),
    unauthorize: () => send({ type: "unauthorize", everything: false }),
    deleteData: () => send({ type: "unauthorize", everything: true }),
    sync: (kind, acceptRemovals) => send({ type: "sync", kind, acceptRemovals, tabId: this.tabId }),
    steer: (move) => send({ type: "steer", move }),
    keepRemoved: (runId) => void stored.keptRunId.set(runId),
    showOnPage: () => {
      if (this.tabId !== null) this.tell({ type: "show-on-page", tabId: this.tabId });
    },
    tryNow: () => this.tell({ type: "refresh" }),
    changeSettings: (change) => this.tried(() => this.changeSettings(change)),
    readLines: () => void this.readings.lines.read(),
    addLine: (written) => this.readings.addLine(written),
    removeLine: (line) => this.tried(() => this.readings.lines.remove(line)),
    setNotifications: (on) => void stored.notifications.set(on),
    setPhone: (phone) => void stored.phone.set(phone),
    openPhone: () => this.tell({ type: "open-phone" }),
    probeServer: probe,
    changeServer: (address) => send({ type: "change-server", address }),
    search: (text) => this.readings.list.search(text),
    filter: (source) => this.readings.list.filter(source),
    need: (first, last) => this.readings.list.need(first, last),
    openContact: (id) => this.tried(() => this.readings.openContact(id)),
    saveContact: (id, contact) => this.readings.saveContact(id, contact),
    deleteContact: (id) => this.tried(() => this.readings.deleteContact(id)),
    searchHubSpot: (text) => void this.readings.searchHubSpot(text).catch(this.quietly),
    openProblems: () => this.tried(() => this.readings.openProblems()),
    pauseNotifications: (until) => void stored.pausedUntil.set(until),
    setCallerCard: (on) => this.setCallerCard(on),
    unmuteSite: (host) => void this.unmute(host).catch(this.quietly),
    dismissCall: (callId) => this.tell({ type: "dismiss-call", callId }),
    chooseCaller: (number, contactId) => send({ type: "choose-caller", number, contactId }),
    openInHubSpot: (contactId) => send({ type: "open-contact", contactId }),
    searchCalls: (text) => this.readings.searchCalls(text),
    wishTaken: () => void stored.wish.set(null),
    openCalls: () => void this.readings.openCalls().catch(this.quietly),
    filterCalls: (filter) => this.readings.filterCalls(filter),
    olderCalls: () => this.readings.olderCalls(),
    dial: (number) => this.dial(number),
    copy: (text) => navigator.clipboard.writeText(text),
    diagnostics: () => this.diagnostics(),
    copyDiagnostics: async () => navigator.clipboard.writeText(await this.diagnostics()),
    restart: () => browser.runtime.reload(),
    openPanel: null,
    openOptions: () => void browser.runtime.openOptionsPage(),
    openFirstRun: () => void browser.tabs.create({ url: browser.runtime.getURL("/welcome.html") }),
    commands: () => ownCommands(),
    changeShortcuts: () => void browser.tabs.create({ url: "chrome://extensions/shortcuts" }),
    sendTestCall: () => this.tried(() => api.sendTestCall()),
  };
}
