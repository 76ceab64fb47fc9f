/** What the popup draws, and what a person can ask of it. `app/` fills both; nothing here runs. */
import type { CallListView } from "../call-list";
import type { ContactListView } from "../contact-list";
import type {
  CallFilter,
  Contact,
  FieldRefusal,
  Moment,
  PersonalIn,
  ProblemPage,
  RunKind,
  RunMove,
  Settings,
  SettingsChange,
  SourceFilter,
  SyncState,
} from "../contract";
import type { ActionProblem } from "../errors";
import type { HubSpotSearchView } from "../hubspot-search";
import type { LineListView } from "../line-list";
import type { LiveCall, PhoneSettings, Placement, Session, Wish } from "../protocol";
import type { Restart } from "./restart";

export interface PopupState {
  now: Date;
  session: Session;
  server: string;
  sync: SyncState | null;
  settings: Settings | null;
  notifications: boolean;
  phone: PhoneSettings;
  /** No call is told by notification or card until then. */
  pausedUntil: Moment | null;
  /** Hosts without the caller card. */
  mutedSites: readonly string[];
  /** The caller card may be shown on pages. */
  pagesAllowed: boolean;
  /** Calls that ring or go on. */
  live: readonly LiveCall[];
  /** What was asked for on a page, to be done here. */
  wish: Wish | null;
  unreachableSince: Moment | null;
  /** This computer has no network. */
  offline: boolean;
  keptRunId: number | null;
  missed: number;
  placement: Placement | null;
  /** The tab the popup was opened over; null in windows of their own. */
  tabId: number | null;
  /** The extension has to be started again. */
  restart: Restart | null;
  contacts: ContactListView;
  calls: CallListView;
  /** The contact that is open; null while it is on its way. */
  contact: Contact | null;
  /** The search at HubSpot that is open; null before the first. */
  hubSpot: HubSpotSearchView | null;
  /** What could not be read; null while it is on its way. */
  problems: ProblemPage | null;
  /** The rep's own numbers and extensions. */
  ownLines: LineListView;
}

/** A command of the manifest; `shortcut` is empty where no key is set. */
export interface Command {
  name: "_execute_action" | "open-side-panel";
  shortcut: string;
}

/** How an action went; null is well. */
export type Outcome = Promise<ActionProblem | null>;
export type ServerReach = "reachable" | "unreachable" | "other";

/** Why what was entered was not saved. */
export interface NotSaved {
  problem: ActionProblem;
  fields: readonly FieldRefusal[];
}

export interface PopupActions {
  authorize: () => void;
  /** Null where the build knows no demo, or this is it. */
  authorizeDemo: (() => void) | null;
  /** Null where a tab could not bring the answer back. */
  authorizeInTab: (() => void) | null;
  /** What the tab came back with. */
  finishInTab: (answer: string) => Outcome;
  unauthorize: () => Outcome;
  deleteData: () => Outcome;
  sync: (kind: RunKind, acceptRemovals: boolean) => Outcome;
  steer: (move: RunMove) => Outcome;
  keepRemoved: (runId: number) => void;
  showOnPage: () => void;
  tryNow: () => void;
  restart: () => void;
  /** Null where this window is the side panel, or cannot open it. */
  openPanel: (() => void) | null;
  openOptions: () => void;
  openFirstRun: () => void;
  commands: () => Promise<readonly Command[]>;
  changeShortcuts: () => void;
  sendTestCall: () => Outcome;
  changeSettings: (change: SettingsChange) => Outcome;
  readLines: () => void;
  /** A number or extension, as it was written; null is well. */
  addLine: (written: string) => Promise<NotSaved | null>;
  removeLine: (line: string) => Outcome;
  setNotifications: (on: boolean) => void;
  setPhone: (phone: PhoneSettings) => void;
  openPhone: () => void;
  /** Null: no longer paused. */
  pauseNotifications: (until: Moment | null) => void;
  setCallerCard: (on: boolean) => void;
  unmuteSite: (host: string) => void;
  probeServer: (address: string) => Promise<ServerReach>;
  changeServer: (address: string) => Outcome;
  search: (text: string) => void;
  filter: (source: SourceFilter) => void;
  need: (first: number, last: number) => void;
  openContact: (id: number) => Outcome;
  /** Adds a personal contact (`id` null) or changes one; null is well. */
  saveContact: (id: number | null, contact: PersonalIn) => Promise<NotSaved | null>;
  deleteContact: (id: number) => Outcome;
  /** Looks for a name, an e-mail address or a number at HubSpot itself. */
  searchHubSpot: (text: string) => void;
  openProblems: () => Outcome;
  openCalls: () => void;
  dismissCall: (callId: string) => void;
  chooseCaller: (number: string, contactId: number | null) => Outcome;
  openInHubSpot: (contactId: number) => Outcome;
  searchCalls: (text: string) => void;
  wishTaken: () => void;
  filterCalls: (filter: CallFilter) => void;
  olderCalls: () => void;
  /** Calls the number (E.164, or as it was written). */
  dial: (number: string) => void;
  copy: (text: string) => Promise<void>;
  diagnostics: () => Promise<string>;
  copyDiagnostics: () => Promise<void>;
}
