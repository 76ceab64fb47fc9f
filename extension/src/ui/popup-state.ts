/** What the popup draws, and what a person can ask of it. The entrypoint fills both; nothing here runs. */
import type { ContactListView } from "../contact-list";
import type { Call, Contact, Moment, RunKind, Settings, SettingsChange, SourceFilter, SyncState } from "../contract";
import type { ActionProblem } from "../errors";
import type { Placement, Session } from "../protocol";

export interface CallsView {
  calls: Call[];
  total: number;
  more: boolean;
}

export interface PopupState {
  now: Date;
  session: Session;
  server: string;
  sync: SyncState | null;
  settings: Settings | null;
  notifications: boolean;
  unreachableSince: Moment | null;
  keptRunId: number | null;
  missed: number;
  placement: Placement | null;
  /** The tab the popup was opened over. */
  tabId: number | null;
  contacts: ContactListView;
  calls: CallsView | null;
  /** The contact that is open; null while it is on its way. */
  contact: Contact | null;
}

/** How an action went; null is well. */
export type Outcome = Promise<ActionProblem | null>;
export type ServerReach = "reachable" | "unreachable" | "other";

export interface PopupActions {
  authorize: () => void;
  unauthorize: () => Outcome;
  sync: (kind: RunKind, acceptRemovals: boolean) => Outcome;
  keepRemoved: (runId: number) => void;
  showOnPage: () => void;
  tryNow: () => void;
  changeSettings: (change: SettingsChange) => Outcome;
  setNotifications: (on: boolean) => void;
  probeServer: (address: string) => Promise<ServerReach>;
  changeServer: (address: string) => Outcome;
  search: (text: string) => void;
  filter: (source: SourceFilter) => void;
  need: (first: number, last: number) => void;
  openContact: (id: number) => Outcome;
  openCalls: () => void;
  moreCalls: () => void;
  copy: (text: string) => Promise<void>;
}
