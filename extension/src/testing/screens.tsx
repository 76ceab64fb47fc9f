/** Every screen with sample facts, for tests that hold for all of them. */
import type { ComponentChild } from "preact";

import type { CallListView } from "../call-list";
import type { ContactListView } from "../contact-list";
import type { Problem, Run, SyncState } from "../contract";
import type { SignInProblem } from "../errors";
import type { HubSpotSearchView } from "../hubspot-search";
import type { Session, SignInPlace } from "../protocol";
import { App } from "../ui/app";
import { ContactForm } from "../ui/contact-form";
import { ContactPanel } from "../ui/contact-panel";
import { FirstRun } from "../ui/first-run";
import { HubSpotSearchPanel } from "../ui/hubspot-search";
import { Options } from "../ui/options";
import { Overlay } from "../ui/overlay";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { Problems } from "../ui/problems";
import { Settings } from "../ui/settings";
import { SignedIn } from "../ui/signed-in";
import { SyncDialog } from "../ui/sync-dialog";
import { DeleteDataDialog, UnauthorizeDialog } from "../ui/unauthorize-dialog";
import { callScreens } from "./call-screens";
import { PHONE, PHONE_FACTS } from "./phone-screens";
import { alicesAccount, bianca, biancasPhone, ended, NOW, personal, remote, run, syncState } from "./samples";

const nothing = (): void => undefined;
const well = (): Promise<null> => Promise.resolve(null);

/** Actions that do nothing, and are well. */
// The names are the interface's own; whatever is called answers as most of them do.
const idle = new Proxy({} as PopupActions, { get: () => well });

const contacts: ContactListView = {
  epoch: 0,
  source: "all",
  typed: "",
  q: "",
  page: {
    counts: { all: 1, hubspot: 1, personal: 0 },
    total: 1,
    letters: [{ letter: "F", offset: 0, count: 1 }],
    searched_as: null,
  },
  rowAt: (index) => (index === 0 ? bianca : undefined),
};

const noContacts: ContactListView = {
  ...contacts,
  typed: "0199",
  q: "0199",
  page: {
    counts: { all: 0, hubspot: 0, personal: 0 },
    total: 0,
    letters: [],
    searched_as: { e164: "+15550199", display: "+1 555 0199" },
  },
  rowAt: () => undefined,
};

const emptyAccount: ContactListView = {
  ...noContacts,
  typed: "",
  q: "",
  page: { counts: { all: 0, hubspot: 0, personal: 0 }, total: 0, letters: [], searched_as: null },
};

const calls: CallListView = { filter: "all", q: "", calls: null, counts: null, more: false };

const signedIn: Session = { state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null };
const signedOut = (problem: SignInProblem | null): Session => ({ state: "signedOut", problem });
const authorizing = (place: SignInPlace): Session => ({ state: "authorizing", startedAt: "", place });

export function popupState(change: Partial<PopupState> = {}): PopupState {
  return {
    now: NOW,
    session: signedIn,
    server: "https://callbook.brightmoor.example",
    sync: syncState(),
    settings: { interval_minutes: 20, default_country: null, effective_country: "US" },
    notifications: true,
    phone: { address: PHONE_FACTS[0] ?? "", clientId: "" },
    pausedUntil: null,
    mutedSites: [],
    pagesAllowed: false,
    live: [],
    wish: null,
    unreachableSince: null,
    offline: false,
    keptRunId: null,
    missed: 2,
    placement: null,
    tabId: 3,
    restart: null,
    contacts,
    calls,
    contact: null,
    hubSpot: null,
    problems: null,
    ownLines: { lines: [{ line: "+12015550111", display: "(201) 555-0111" }], problem: null },
    ...change,
  };
}

const app = (change: Partial<PopupState>): ComponentChild => <App state={popupState(change)} actions={idle} />;
const during = (change: Partial<Run>): ComponentChild => app({ sync: syncState({ run: run(change) }) });
const after = (change: Partial<Run>, more: Partial<SyncState> = {}): ComponentChild =>
  app({ sync: syncState({ last_run: ended(change), ...more }) });

function overlay(stage: "modal" | "banner", of: Run): ComponentChild {
  const view = { stage, portalName: alicesAccount.portal_name, run: of };
  return <Overlay view={view} since={0} onGotIt={nothing} onGone={nothing} />;
}

const unreadable = (category: Problem["category"], remote_id: string): Problem => ({
  remote_id,
  category,
  name: null,
  hubspot_url: "https://app.hubspot.com/",
  seen_at: "2026-11-21T14:12:00.000Z",
});

const problems = {
  problems: [unreadable("number_unreadable", "1"), unreadable("refused", "2"), unreadable("no_answer", "3")],
  total: 4,
};

const SIGN_IN_PROBLEMS: readonly SignInProblem[] = [
  "consent_denied",
  "scope_missing",
  "window_closed",
  "tab_closed",
  "not_started_here",
  "server_unreachable",
  "demo_unreachable",
  "session_expired",
];

function settings(change: Partial<PopupState>): ComponentChild {
  return <Settings state={popupState(change)} actions={idle} onBack={nothing} />;
}

function dialog(sync: SyncState): ComponentChild {
  return (
    <SyncDialog
      {...{ sync, now: NOW }}
      onClose={nothing}
      onSync={well}
      onSteer={well}
      onProblems={nothing}
      onInterval={well}
    />
  );
}

function hubSpot(change: Partial<HubSpotSearchView>): ComponentChild {
  return (
    <HubSpotSearchPanel
      search={{ text: "(929) 555-0164", page: null, problem: null, retryAt: null, ...change }}
      now={NOW}
      covered={false}
      onAgain={nothing}
      onReconnect={nothing}
      onOpen={nothing}
      onAdd={nothing}
      onBack={nothing}
    />
  );
}

const foundAtHubSpot = {
  contacts: [remote(), remote({ contact_id: 22 })],
  searched: "+1 929 555 0164",
  retry_at: null,
};

/** Search HubSpot, however it goes. */
const HUBSPOT: Record<string, () => ComponentChild> = {
  "searching HubSpot": () => hubSpot({}),
  "found in HubSpot": () => hubSpot({ page: foundAtHubSpot }),
  "nobody found in HubSpot": () => hubSpot({ page: { ...foundAtHubSpot, contacts: [] } }),
  "HubSpot is busy": () => hubSpot({ problem: "busy", retryAt: "2026-11-21T14:32:00.000Z" }),
  "HubSpot is busy for a while": () => hubSpot({ problem: "busy" }),
  "HubSpot search without access": () => hubSpot({ problem: "reconnect_needed" }),
  "HubSpot search without the server": () => hubSpot({ problem: "unreachable" }),
};

/** The popup and what opens over it. */
const POPUP: Record<string, () => ComponentChild> = {
  welcome: () => app({ session: signedOut(null), sync: null }),
  authorizing: () => app({ session: authorizing("window"), sync: null }),
  "authorizing in a tab": () => app({ session: authorizing("tab"), sync: null }),
  ...Object.fromEntries(
    SIGN_IN_PROBLEMS.map((problem) => [problem, () => app({ session: signedOut(problem), sync: null })]),
  ),
  contacts: () => app({}),
  "no contact found": () => app({ contacts: noContacts }),
  "a personal contact": () => (
    <ContactPanel contact={personal()} now={NOW} actions={idle} onBack={nothing} onSay={nothing} />
  ),
  "a new contact": () => <ContactForm contact={null} prefill={{}} onSave={well} onSaved={nothing} onBack={nothing} />,
  "what could not be read": () => <Problems page={problems} sync={syncState()} now={NOW} onBack={nothing} />,
};

const HELD = { state: "incomplete", removal_held: 41_000, problem: "removal_held" } as const;
const revoked: SyncState["connection"] = { ...syncState().connection, state: "reconnect_needed" };

/** What is so with the sync, as the popup tells it. */
const SITUATIONS: Record<string, () => ComponentChild> = {
  "first sync": () => during({}),
  "first sync, nothing read": () => during({ read: 0, total: null, seconds_left: null }),
  queued: () => during({ state: "queued", read: 0 }),
  "slowed down": () => during({ state: "waiting", problem: "throttled", retry_at: "2026-11-21T14:32:00.000Z" }),
  paused: () => during({ state: "paused", trigger: "manual", paused_at: "2026-11-21T14:12:00.000Z" }),
  "a manual sync": () => during({ trigger: "manual" }),
  "a page that cannot be written on": () =>
    app({
      sync: syncState({ run: run() }),
      placement: { tabId: null, runId: 7, stage: "modal", since: "", refusedTabId: 3 },
    }),
  incomplete: () => after({ state: "incomplete", failed: 12, remote_total: 98_412, local_total: 98_400 }),
  "held removal": () => after(HELD),
  failed: () => after({ state: "failed", problem: "internal" }),
  "never synced": () => after({}, { last_run: null, last_synced_at: null }),
  revoked: () => after({}, { connection: revoked }),
  stuck: () => app({ restart: "stuck" }),
  "an update waits": () => app({ restart: "update" }),
  "stuck, signed out": () => app({ restart: "stuck", session: signedOut(null), sync: null }),
  unreachable: () => app({ unreachableSince: "2026-11-21T14:02:00.000Z" }),
  offline: () => app({ unreachableSince: "2026-11-21T14:02:00.000Z", offline: true }),
  "an empty account": () => app({ contacts: emptyAccount }),
  "a contact without anything": () =>
    app({ contacts: { ...contacts, rowAt: () => ({ ...bianca, company: null, job_title: null, phone: null }) } }),
};

/** Settings, the dialogs, and what stands on pages. */
const OTHERS: Record<string, () => ComponentChild> = {
  settings: () => settings({}),
  "settings, syncing": () => settings({ sync: syncState({ run: run() }) }),
  "settings, own numbers on their way": () => settings({ ownLines: { lines: null, problem: null } }),
  "settings, own numbers not read": () => settings({ ownLines: { lines: null, problem: "unreachable" } }),
  "settings, signed out": () => settings({ session: signedOut("consent_denied"), sync: null, settings: null }),
  "options page": () => <Options state={popupState()} actions={idle} />,
  "first-run page": () => <FirstRun state={popupState({ session: signedOut(null), sync: null })} actions={idle} />,
  "first-run page, refused": () => (
    <FirstRun state={popupState({ session: signedOut("consent_denied"), sync: null })} actions={idle} />
  ),
  "first-run page, connected": () => <FirstRun state={popupState()} actions={idle} />,
  "back from the tab": () => <SignedIn state={popupState()} actions={idle} answer={null} />,
  "back from the tab, refused": () => (
    <SignedIn state={popupState({ session: signedOut("consent_denied"), sync: null })} actions={idle} answer={null} />
  ),
  "back from the tab, at once": () => <SignedIn state={popupState()} actions={idle} answer="code=x" />,
  "sync dialog": () => dialog(syncState()),
  "sync dialog, a run": () => dialog(syncState({ run: run({ trigger: "manual" }) })),
  "sync dialog, never synced": () => dialog(syncState({ last_run: null, last_synced_at: null })),
  "unauthorize?": () => <UnauthorizeDialog counts={syncState().counts} onClose={nothing} onUnauthorize={well} />,
  "delete my data?": () => <DeleteDataDialog onClose={nothing} onDelete={well} />,
  modal: () => overlay("modal", run()),
  "modal, recent changes": () => overlay("modal", run({ kind: "recent", trigger: "manual" })),
  "modal, paused": () => overlay("modal", run({ state: "paused" })),
  banner: () => overlay("banner", run()),
  "banner, waiting": () => overlay("banner", run({ state: "waiting" })),
  "banner, done": () => overlay("banner", ended()),
  "banner, incomplete": () => overlay("banner", ended({ state: "incomplete", failed: 12 })),
  "banner, cancelled": () => overlay("banner", ended({ state: "cancelled" })),
  "banner, failed": () => overlay("banner", ended({ state: "failed" })),
};

export const SCREENS: Record<string, () => ComponentChild> = {
  ...POPUP,
  ...HUBSPOT,
  ...SITUATIONS,
  ...PHONE,
  ...OTHERS,
  ...callScreens(popupState, idle),
};

/** Words on these screens that are the samples' and nobody's to translate. */
export const SAMPLE_FACTS: readonly string[] = [
  alicesAccount.portal_name,
  bianca.name,
  bianca.company ?? "",
  bianca.job_title ?? "",
  remote().name,
  remote().company ?? "",
  "(929) 555-0164",
  "(201) 555-0111",
  foundAtHubSpot.searched,
  personal().name,
  personal().email ?? "",
  biancasPhone.display,
  ...PHONE_FACTS,
  "web.example",
];
