/** Where a sign-in in a tab comes back to: what became of it, and the way in again where it was none. */
import { useEffect, useState } from "preact/hooks";

import type { ActionProblem, SignInProblem } from "../errors";
import { t } from "../i18n";
import type { Session } from "../protocol";
import { accountName, DemoMark } from "./connection";
import { Mark } from "./icons";
import { Spinner } from "./parts";
import type { PopupActions, PopupState } from "./popup-state";
import { Hint, SignInNote } from "./welcome";

interface Props {
  state: PopupState;
  actions: PopupActions;
  /** What the tab was led back with; null where the page was opened without anything. */
  answer: string | null;
}

/** How the worker took the answer; null as long as it has it. */
type Taken = { problem: ActionProblem | null } | null;

function problemOf(session: Session, taken: Taken): SignInProblem | null {
  if (taken?.problem === "not_started_here") return "not_started_here";
  if (session.state !== "authorizing" && session.problem !== null) return session.problem;
  return taken === null || taken.problem === null ? null : "interrupted";
}

function titleOf({ session, sync }: PopupState, taken: Taken, problem: SignInProblem | null): string {
  if (taken === null) return t("connecting");
  const connected = session.state === "signedIn" && problem === null;
  return connected ? t("connectedTo", { portal: accountName(session, sync) }) : t("hubSpot");
}

function WayIn({ session, actions }: { session: Session; actions: PopupActions }) {
  const waiting = session.state === "authorizing";
  return (
    <>
      <button type="button" class="btn btn-primary btn-tap" onClick={actions.authorize}>
        {waiting && <Spinner />}
        {waiting ? t("waitingForHubSpot") : t("authorize")}
      </button>
      <Hint session={session} onTab={actions.authorizeInTab} />
    </>
  );
}

function Outcome({ state: { session }, actions, problem }: Omit<Props, "answer"> & { problem: SignInProblem | null }) {
  return (
    <>
      {problem !== null && <SignInNote problem={problem} onCopy={actions.copy} />}
      {session.state === "signedIn" ? <p role="status">{t("closeTab")}</p> : <WayIn {...{ session, actions }} />}
    </>
  );
}

export function SignedIn({ state, actions, answer }: Props) {
  const { session } = state;
  const [taken, setTaken] = useState<Taken>(answer === null ? { problem: null } : null);
  useEffect(() => {
    if (answer !== null) void actions.finishInTab(answer).then((problem) => setTaken({ problem }));
  }, []);
  const problem = problemOf(session, taken);
  return (
    <main class="page">
      <header class="page-h">
        <Mark size={32} />
        <h1>{titleOf(state, taken, problem)}</h1>
        {session.state === "signedIn" && <DemoMark account={session.account} />}
      </header>
      {taken === null ? <Spinner /> : <Outcome {...{ state, actions, problem }} />}
    </main>
  );
}
