/** The HubSpot account: one button whose label is the state, and how far a sync is. */
import type { Account, Run, SyncState } from "../contract";
import { t } from "../i18n";
import { isPaused } from "../run-facts";
import type { Session } from "../protocol";
import { Dotted, HubBadge, Progress, Spinner } from "./parts";
import { readOfTotal, timeLeft } from "./wording";

export function progressWords(run: Run): string[] {
  const paused = isPaused(run) ? t("syncPaused") : null;
  return [paused, readOfTotal(run), timeLeft(run)].filter((words) => words !== null);
}

function accountOf(session: Session, sync: SyncState | null): Account | null {
  return session.state === "signedIn" ? (sync?.connection.account ?? session.account) : null;
}

export function accountName(session: Session, sync: SyncState | null): string {
  return accountOf(session, sync)?.portal_name ?? t("notConnected");
}

/** Beside what must not be taken for a real account's; nothing where it is one. */
export function DemoMark({ account }: { account: Account | null }) {
  return account?.demo === true ? <span class="pill pill-mute demo">{t("demoAccount")}</span> : null;
}

function SyncingButton() {
  return (
    <button type="button" class="btn btn-second" aria-disabled="true">
      <Spinner />
      {t("syncing")}
    </button>
  );
}

interface ButtonProps {
  session: Session;
  run: Run | null;
  reconnect: boolean;
  onAuthorize: () => void;
  onUnauthorize: () => void;
}

function AccountButton({ session, run, reconnect, onAuthorize, onUnauthorize }: ButtonProps) {
  if (session.state === "signedOut") {
    return (
      <button type="button" class="btn btn-primary" onClick={onAuthorize}>
        {t("authorize")}
      </button>
    );
  }
  if (session.state === "authorizing") {
    return (
      <button type="button" class="btn btn-second" onClick={onAuthorize}>
        <Spinner />
        {t("waitingShort")}
      </button>
    );
  }
  if (run !== null && !isPaused(run) && !reconnect) return <SyncingButton />;
  return (
    <button type="button" class="btn btn-danger" onClick={onUnauthorize}>
      {t("unauthorize")}
    </button>
  );
}

interface RowProps {
  session: Session;
  sync: SyncState | null;
  onAuthorize: () => void;
  onUnauthorize: () => void;
}

/** The row in Settings. */
export function HubSpotRow({ session, sync, onAuthorize, onUnauthorize }: RowProps) {
  const run = session.state === "signedIn" ? (sync?.run ?? null) : null;
  const reconnect = sync?.connection.state === "reconnect_needed";
  const hint = session.state === "signedIn" ? t("unauthorizeHint") : t("opensWindow");
  return (
    <div class="account">
      <div class="conn-top">
        <HubBadge size="large" />
        <div class="grow">
          <div class="what">
            {t("hubSpot")} <DemoMark account={accountOf(session, sync)} />
          </div>
          <div class="who ell">{accountName(session, sync)}</div>
        </div>
        <AccountButton {...{ session, run, reconnect, onAuthorize, onUnauthorize }} />
      </div>
      {run === null ? (
        <p class="d">{hint}</p>
      ) : (
        <>
          <Progress run={run} label={t("contactsReadLabel")} />
          <p class="d num">{progressWords(run).join(" · ")}</p>
          {isPaused(run) && <p class="d">{hint}</p>}
        </>
      )}
    </div>
  );
}

/** How the page the popup was opened over takes part. */
export type OnPage = "shown" | "offer" | "refused" | "none";

interface OnPageNoteProps {
  onPage: OnPage;
  onShow: () => void;
}

export function OnPageNote({ onPage, onShow }: OnPageNoteProps) {
  if (onPage === "refused") return <span>{t("pageRefused")}</span>;
  if (onPage !== "offer") return null;
  return (
    <button type="button" class="btn-link" onClick={onShow}>
      {t("showOnThisPage")}
    </button>
  );
}

interface CardProps extends OnPageNoteProps {
  sync: SyncState;
  run: Run;
}

/** The card of the first sync, over the list. */
export function ConnectionCard({ sync, run, ...note }: CardProps) {
  return (
    <section class="conn" aria-label={t("hubSpotAccount")}>
      <div class="conn-top">
        <HubBadge size="large" />
        <div class="grow">
          <div class="what">
            {t("hubSpot")} <DemoMark account={sync.connection.account} />
          </div>
          <div class="who ell">{sync.connection.account.portal_name}</div>
        </div>
        <SyncingButton />
      </div>
      <Progress run={run} label={t("firstSync")} />
      <div class="conn-line num">
        <span>
          <Dotted words={progressWords(run)} />
        </span>
      </div>
      {(note.onPage === "offer" || note.onPage === "refused") && (
        <div class="conn-line">
          <OnPageNote {...note} />
        </div>
      )}
    </section>
  );
}
