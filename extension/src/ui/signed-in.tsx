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
  /** Null where the page was opened without one. */
  answer: string | null;
}

type Heard = { problem: ActionProblem | null } | null;

function problemOf(session: Session, heard: Heard): SignInProblem | null {
  if (heard?.problem === "not_started_here") return "not_started_here";
  if (session.state !== "authorizing" && session.problem !== null) return session.problem;
  return heard?.problem ? "interrupted" : null;
}

function Outcome({
  state: { session, sync },
  actions,
  problem,
}: Omit<Props, "answer"> & { problem: SignInProblem | null }) {
  const connected = session.state === "signedIn";
  return (
    <>
      {problem !== null && <SignInNote problem={problem} onCopy={actions.copy} />}
      {problem === null && connected && (
        <p class="is-ok" role="status">
          {t("connectedTo", { portal: accountName(session, sync) })} <DemoMark account={session.account} />
        </p>
      )}
      {connected ? (
        <p>{t("closeTab")}</p>
      ) : (
        <>
          <button type="button" class="btn btn-primary btn-tap" onClick={actions.authorize}>
            {session.state === "authorizing" && <Spinner />}
            {session.state === "authorizing" ? t("waitingForHubSpot") : t("authorize")}
          </button>
          <Hint session={session} onTab={actions.authorizeInTab} />
        </>
      )}
    </>
  );
}

export function SignedIn({ state, actions, answer }: Props) {
  const [heard, setHeard] = useState<Heard>(answer === null ? { problem: null } : null);
  useEffect(() => {
    if (answer !== null) void actions.finishInTab(answer).then((problem) => setHeard({ problem }));
  }, []);
  return (
    <main class="page">
      <header class="page-h">
        <Mark size={32} />
        <h1>{t("hubSpot")}</h1>
      </header>
      {heard === null ? (
        <p role="status">
          <Spinner /> {t("connecting")}
        </p>
      ) : (
        <Outcome {...{ state, actions }} problem={problemOf(state.session, heard)} />
      )}
    </main>
  );
}
