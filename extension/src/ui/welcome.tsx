/** The popup before a sign-in: what Callbook reads, keeps and never does, and the way in. */
import { useState } from "preact/hooks";

import type { SignInProblem } from "../errors";
import { t } from "../i18n";
import type { Session } from "../protocol";
import { More } from "./header";
import { Icon, Mark, type IconName } from "./icons";
import { Spinner } from "./parts";
import { toldOf } from "./sign-in-words";

interface ProblemProps {
  problem: SignInProblem;
  onCopy: (text: string) => Promise<void>;
}

export function SignInNote({ problem, onCopy }: ProblemProps) {
  const [copied, setCopied] = useState(false);
  const told = toldOf(problem);
  const copy = (): void => void onCopy(t("messageForAdmin")).then(() => setCopied(true));
  return (
    <section class={`strip strip-${told.tone}`} role="alert">
      <Icon name="alert" size={16} />
      <div class="grow">
        <b>{told.title}</b>
        <p>{told.detail}</p>
      </div>
      {told.admin && (
        <div class="strip-acts">
          <button type="button" class="btn btn-second btn-sm" onClick={copy}>
            <Icon name={copied ? "check" : "copy"} size={14} />
            {copied ? t("copied") : t("copyForAdmin")}
          </button>
        </div>
      )}
    </section>
  );
}

function Pledge({ icon, title, text }: { icon: IconName; title: string; text: string }) {
  return (
    <li>
      <Icon name={icon} />
      <div>
        <b>{title}</b>
        <p>{text}</p>
      </div>
    </li>
  );
}

export function Pledges() {
  return (
    <ul class="promise">
      <Pledge icon="users" title={t("readTitle")} text={t("readText")} />
      <Pledge icon="database" title={t("storedTitle")} text={t("storedText")} />
      <Pledge icon="shield" title={t("changedTitle")} text={t("changedText")} />
    </ul>
  );
}

/** The second way in: a made-up account, for who wants to look first. */
export function DemoWay({ session, onDemo }: { session: Session; onDemo: (() => void) | null }) {
  if (onDemo === null || session.state !== "signedOut") return null;
  return (
    <button type="button" class="btn btn-second btn-tap way-demo" onClick={onDemo}>
      {t("useDemo")}
    </button>
  );
}

/** What is to be done, or what will happen; and the way in for where the window does not work. */
export function Hint({ session, onTab }: { session: Session; onTab: (() => void) | null }) {
  return (
    <>
      <p class="hint" role="status">
        {hintFor(session)}
      </p>
      {onTab !== null && (
        <p class="hint">
          {t("troubleSigningIn")}{" "}
          <button type="button" class="btn-link" onClick={onTab}>
            {t("openInTab")}
          </button>
        </p>
      )}
    </>
  );
}

function hintFor(session: Session): string {
  if (session.state !== "authorizing") return t("opensWindow");
  return session.place === "tab" ? t("continueInTab") : t("continueInWindow");
}

interface WelcomeProps {
  session: Session;
  onAuthorize: () => void;
  onDemo: (() => void) | null;
  onTab: (() => void) | null;
  onPanel: (() => void) | null;
  onSettings: () => void;
  onCopy: (text: string) => Promise<void>;
}

export function Welcome({ session, onAuthorize, onDemo, onTab, onPanel, onSettings, onCopy }: WelcomeProps) {
  const problem = session.state === "signedOut" ? session.problem : null;
  const waiting = session.state === "authorizing";
  return (
    <div class={problem === null ? "welcome" : "welcome is-refused"}>
      <More onPanel={onPanel} onSettings={onSettings} />
      <Mark size={44} />
      <h1>{t("welcomeTitle")}</h1>
      <Pledges />
      <div class="grow" />
      {problem !== null && <SignInNote problem={problem} onCopy={onCopy} />}
      <button type="button" class="btn btn-primary btn-tap wide" onClick={onAuthorize}>
        {waiting && <Spinner />}
        {waiting ? t("waitingForHubSpot") : t("authorize")}
      </button>
      <DemoWay {...{ session, onDemo }} />
      <Hint {...{ session, onTab }} />
    </div>
  );
}
