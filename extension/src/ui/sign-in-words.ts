/** Why there is no session, as a person is told it: what happened and what helps. */
import type { ActionProblem, SignInProblem } from "../errors";
import { t } from "../i18n";

interface Told {
  title: string;
  detail: string;
  tone: "warn" | "bad";
  /** Whether an admin is the one who can help. */
  admin: boolean;
}

const bad = (title: string, detail: string, admin = false): Told => ({ title, detail, tone: "bad", admin });
const warn = (title: string, detail: string): Told => ({ title, detail, tone: "warn", admin: false });

const TOLD: Record<SignInProblem, () => Told> = {
  consent_denied: () => bad(t("refusedTitle"), t("refusedDetail"), true),
  scope_missing: () => bad(t("scopeMissingTitle"), t("scopeMissingDetail"), true),
  exchange_failed: () => bad(t("exchangeFailedTitle"), t("tryAuthorizeAgain")),
  hubspot_unreachable: () => warn(t("hubSpotNoAnswer"), t("tryAgainLater")),
  server_misconfigured: () => bad(t("misconfiguredTitle"), t("misconfiguredDetail")),
  window_still_open: () => warn(t("windowStillOpenTitle"), t("windowStillOpenDetail")),
  window_closed: () => warn(t("windowClosedTitle"), t("windowClosedDetail")),
  tab_closed: () => warn(t("tabClosedTitle"), t("windowClosedDetail")),
  not_started_here: () => bad(t("notStartedHereTitle"), t("notStartedHereDetail")),
  page_failed: () => warn(t("pageFailedTitle"), t("tryAuthorizeAgain")),
  foreign_answer: () => bad(t("foreignAnswerTitle"), t("foreignAnswerDetail")),
  code_refused: () => warn(t("codeRefusedTitle"), t("tryAuthorizeAgain")),
  server_unreachable: () => bad(t("serverUnreachable"), t("serverUnreachableDetail")),
  demo_unreachable: () => warn(t("demoUnreachableTitle"), t("tryAgainLater")),
  server_fault: () => bad(t("serverFaultTitle"), t("tryAgainLater")),
  interrupted: () => warn(t("interruptedTitle"), t("tryAuthorizeAgain")),
  session_expired: () => warn(t("sessionExpiredTitle"), t("sessionExpiredDetail")),
};

export function toldOf(problem: SignInProblem): Told {
  return TOLD[problem]();
}

const ACTION: Record<ActionProblem, () => string> = {
  unreachable: () => t("serverUnreachable"),
  server_fault: () => t("serverFaultTitle"),
  signed_out: () => t("sessionExpiredTitle"),
  not_connected: () => t("reconnectTitle"),
  hubspot_unreachable: () => t("hubSpotNoAnswer"),
  hubspot_error: () => t("reasonHubSpotError"),
  scope_missing: () => t("failingRefused"),
  server_misconfigured: () => t("misconfiguredTitle"),
  reconnect_needed: () => t("reconnectTitle"),
  busy: () => t("slowDown"),
  not_found: () => t("contactGone"),
  read_only: () => t("actionReadOnly"),
  invalid: () => t("actionInvalid"),
  no_run: () => t("actionNoRun"),
  not_routed: () => t("actionNotRouted"),
  line_taken: () => t("lineTaken"),
  not_started_here: () => t("notStartedHereTitle"),
  refused: () => t("actionRefused"),
};

export function actionWords(problem: ActionProblem): string {
  return ACTION[problem]();
}
