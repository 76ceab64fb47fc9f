/** What the popup draws, and what a person can ask of it. The entrypoint fills both; nothing here runs. */
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
  Settings,
  SettingsChange,
  SourceFilter,
  SyncState,
} from "../contract";
import type { ActionProblem } from "../errors";
import type { Placement, Session } from "../protocol";

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
  calls: CallListView;
  /** The contact that is open; null while it is on its way. */
  contact: Contact | null;
  /** What could not be read; null while it is on its way. */
  problems: ProblemPage | null;
}

/** How an action went; null is well. */
export type Outcome = Promise<ActionProblem | null>;
export type ServerReach = "reachable" | "unreachable" | "other";

/** Why a personal contact was not saved. */
export interface NotSaved {
  problem: ActionProblem;
  fields: readonly FieldRefusal[];
}

export interface PopupActions {
  authorize: () => void;
  unauthorize: () => Outcome;
  deleteData: () => Outcome;
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
  /** Adds a personal contact (`id` null) or changes one; null is well. */
  saveContact: (id: number | null, contact: PersonalIn) => Promise<NotSaved | null>;
  deleteContact: (id: number) => Outcome;
  openProblems: () => Outcome;
  openCalls: () => void;
  filterCalls: (filter: CallFilter) => void;
  olderCalls: () => void;
  copy: (text: string) => Promise<void>;
  copyDiagnostics: () => Promise<void>;
}
