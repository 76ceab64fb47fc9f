/** The first-run page: the server, HubSpot, a test call. Every step can be done again at any time. */
import type { ComponentChildren } from "preact";
import { useState, type Dispatch, type StateUpdater } from "preact/hooks";

import type { ActionProblem } from "../errors";
import { t } from "../i18n";
import type { Session } from "../protocol";
import { accountName, DemoMark } from "./connection";
import { Icon, Mark } from "./icons";
import { Spinner } from "./parts";
import type { PopupActions, PopupState } from "./popup-state";
import { ServerField } from "./server-field";
import { actionWords } from "./sign-in-words";
import { DemoWay, Hint, Pledges, SignInNote } from "./welcome";

interface StepProps {
  number: number;
  title: string;
  done: boolean;
  children: ComponentChildren;
}

function Step({ number, title, done, children }: StepProps) {
  return (
    <li class="step" data-done={done}>
      <span class="step-number" aria-hidden="true">
        {done ? <Icon name="check" size={14} /> : number}
      </span>
      <div class="grow">
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

interface FirstRunProps {
  state: PopupState;
  actions: PopupActions;
}

function authorizeWords({ state }: Session): string {
  if (state === "authorizing") return t("waitingForHubSpot");
  return state === "signedIn" ? t("reconnect") : t("authorize");
}

function HubSpotStep({ state, actions }: FirstRunProps) {
  const { session, sync } = state;
  const waiting = session.state === "authorizing";
  const connected = session.state === "signedIn";
  const problem = session.state === "authorizing" ? null : session.problem;
  return (
    <>
      <Pledges />
      {connected && (
        <p class="is-ok" role="status">
          {t("connectedTo", { portal: accountName(session, sync) })} <DemoMark account={session.account} />
        </p>
      )}
      {problem !== null && <SignInNote problem={problem} onCopy={actions.copy} />}
      <button
        type="button"
        class={`btn btn-tap ${connected ? "btn-second" : "btn-primary"}`}
        onClick={actions.authorize}
      >
        {waiting && <Spinner />}
        {authorizeWords(session)}
      </button>
      <DemoWay session={session} onDemo={actions.authorizeDemo} />
      <Hint session={session} onTab={actions.authorizeInTab} />
    </>
  );
}

type Seen = "not asked" | "asked" | "yes" | "no";

/** What hides a notification, the likeliest first; Callbook cannot know the system's own settings. */
function WhatToCheck({ notifications }: { notifications: boolean }) {
  return (
    <section role="status">
      <h3>{t("testUnseenTitle")}</h3>
      <ul class="bullets">
        {!notifications && <li>{t("testUnseenHere")}</li>}
        <li>{t("testUnseenSystem")}</li>
        <li>{t("testUnseenFocus")}</li>
        <li>{t("testUnseenList")}</li>
      </ul>
    </section>
  );
}

interface CallStepProps extends FirstRunProps {
  seen: Seen;
  setSeen: Dispatch<StateUpdater<Seen>>;
}

function CallStep({ state, actions, seen, setSeen }: CallStepProps) {
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const signedIn = state.session.state === "signedIn";
  const send = async (): Promise<void> => {
    const problem = await actions.sendTestCall();
    setSaid(problem);
    setSeen(problem === null ? "asked" : "not asked");
  };
  return (
    <>
      <p>{signedIn ? t("stepCallText") : t("stepCallFirst")}</p>
      <button type="button" class="btn btn-second btn-tap" disabled={!signedIn} onClick={() => void send()}>
        {t("sendTestCall")}
      </button>
      <p role="alert">{said === null ? "" : actionWords(said)}</p>
      {seen === "asked" && (
        <fieldset class="asked">
          <legend>{t("didYouSeeIt")}</legend>
          <button type="button" class="btn btn-second" onClick={() => setSeen("yes")}>
            {t("yes")}
          </button>
          <button type="button" class="btn btn-second" onClick={() => setSeen("no")}>
            {t("no")}
          </button>
        </fieldset>
      )}
      {seen === "yes" && <p role="status">{t("testSeen")}</p>}
      {seen === "no" && <WhatToCheck notifications={state.notifications} />}
    </>
  );
}

export function FirstRun({ state, actions }: FirstRunProps) {
  const [seen, setSeen] = useState<Seen>("not asked");
  const signedIn = state.session.state === "signedIn";
  return (
    <main class="page">
      <header class="page-h">
        <Mark size={32} />
        <h1>{t("firstRunTitle")}</h1>
      </header>
      <p class="lede">{t("welcomeTitle")}</p>
      <ol class="steps">
        <Step number={1} title={t("stepServer")} done={signedIn}>
          <p>{t("stepServerText")}</p>
          <ServerField
            test
            server={state.server}
            signedIn={signedIn}
            probe={actions.probeServer}
            onChange={actions.changeServer}
          />
        </Step>
        <Step number={2} title={t("hubSpot")} done={signedIn}>
          <HubSpotStep {...{ state, actions }} />
        </Step>
        <Step number={3} title={t("stepCall")} done={seen === "yes"}>
          <CallStep {...{ state, actions, seen, setSeen }} />
        </Step>
      </ol>
    </main>
  );
}
