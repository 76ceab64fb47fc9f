/** The strip and the footer as `status.ts` decided them. */
import type { Account } from "../contract";
import type { SignInProblem } from "../errors";
import { t } from "../i18n";
import { DemoMark, OnPageNote, type OnPage } from "./connection";
import { Icon } from "./icons";
import { Dotted, Progress, Spinner } from "./parts";
import { toldOf } from "./sign-in-words";
import type { Footer, Strip } from "./status";

interface StripActions {
  onTryNow: () => void;
  onReconnect: () => void;
  onKeep: () => void;
  onRemove: () => void;
  onSync: () => void;
  onResume: () => void;
  onProblems: () => void;
}

function OneButton({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <button type="button" class="btn btn-second btn-sm" onClick={onClick}>
      {words}
    </button>
  );
}

function Action({ strip, on }: { strip: Strip; on: StripActions }) {
  switch (strip.action) {
    case "try-now":
      return <OneButton words={t("tryNow")} onClick={on.onTryNow} />;
    case "reconnect":
      return <OneButton words={t("reconnect")} onClick={on.onReconnect} />;
    case "sync-now":
      return <OneButton words={t("syncNow")} onClick={on.onSync} />;
    case "resume":
      return <OneButton words={t("resume")} onClick={on.onResume} />;
    case "show-problems":
      return <OneButton words={t("showWhich")} onClick={on.onProblems} />;
    case "keep-removed":
      return (
        <div class="strip-acts">
          <OneButton words={t("keep")} onClick={on.onKeep} />
          <OneButton words={t("remove")} onClick={on.onRemove} />
        </div>
      );
    case null:
      return null;
  }
}

interface StripProps {
  strip: Strip;
  /** Why the last try to reconnect failed. */
  problem: SignInProblem | null;
  on: StripActions;
}

export function StatusStrip({ strip, problem, on }: StripProps) {
  const detail = strip.kind === "reconnect" && problem !== null ? toldOf(problem).title : strip.detail;
  return (
    <section class={`strip strip-${strip.tone}`} role="status" data-strip={strip.kind}>
      <Icon name={strip.icon} size={16} />
      <div class="grow">
        <b class="num">{strip.title}</b>
        {detail !== null && <p class="num">{detail}</p>}
      </div>
      <Action strip={strip} on={on} />
      {strip.run !== null && <Progress run={strip.run} label={t("contactsReadLabel")} />}
    </section>
  );
}

interface FooterProps {
  footer: Footer;
  account: Account | null;
  onPage: OnPage;
  onShow: () => void;
}

export function StatusFooter({ footer, account, onPage, onShow }: FooterProps) {
  return (
    <footer class="ftr">
      {footer.dot === "spin" ? <Spinner /> : footer.dot === "none" ? null : <span class={`dot dot-${footer.dot}`} />}
      <span class="num ell">
        <Dotted words={footer.words} />
      </span>
      <span class="grow" />
      <OnPageNote onPage={onPage} onShow={onShow} />
      <DemoMark account={account} />
    </footer>
  );
}

/** Under a search: how many were found, and what the keys do. */
export function SearchFooter({ found }: { found: string }) {
  return (
    <footer class="ftr">
      <span class="num" role="status">
        {found}
      </span>
      <span class="grow" />
      <kbd>↑</kbd>
      <kbd>↓</kbd>
      <span>{t("keyChoose")}</span>
      <kbd>↵</kbd>
      <span>{t("keyOpen")}</span>
    </footer>
  );
}
