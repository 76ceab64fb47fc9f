/** The phone window: RingCentral's widget in its frame, and over it what Callbook has to say. */
import type { SourceCounts } from "../contract";
import { t } from "../i18n";
import { Icon, type IconName } from "./icons";
import { Empty, Spinner } from "./parts";
import type { Outcome } from "./popup-state";
import { UnauthorizeDialog } from "./unauthorize-dialog";

/** A number that was not called, or a record that was not opened, and why. */
type PhoneNotice = { kind: "signed_out" | "not_ready"; number: string } | { kind: "not_in_hubspot" | "not_opened" };

/** Why there is no phone to be seen. */
type PhoneTrouble = "waiting" | "silent" | "no_address" | "elsewhere";

export interface PhoneView {
  /** Another number is another frame. */
  frame: { url: string; number: number } | null;
  trouble: PhoneTrouble | null;
  notice: PhoneNotice | null;
  /** Whether to unauthorize is being asked. */
  asking: boolean;
  counts: SourceCounts | null;
}

export interface PhoneActions {
  framed: (frame: HTMLIFrameElement | null) => void;
  /** The frame has loaded a document. */
  loaded: () => void;
  tryAgain: () => void;
  showOther: () => void;
  dismiss: () => void;
  keepAuthorized: () => void;
  unauthorize: () => Outcome;
}

interface Told {
  icon: IconName;
  title: string;
  detail: string;
  action: { words: string; take: () => void } | null;
}

function toldOf(trouble: Exclude<PhoneTrouble, "waiting">, { frame }: PhoneView, actions: PhoneActions): Told {
  switch (trouble) {
    case "silent":
      return {
        icon: "link-off",
        title: t("phoneSilent"),
        detail: t("phoneSilentDetail", { host: frame === null ? "" : new URL(frame.url).host }),
        action: { words: t("tryAgain"), take: actions.tryAgain },
      };
    case "no_address":
      return { icon: "alert", title: t("phoneNoAddress"), detail: t("phoneNoAddressDetail"), action: null };
    case "elsewhere":
      return {
        icon: "external",
        title: t("phoneElsewhere"),
        detail: t("phoneElsewhereDetail"),
        action: { words: t("phoneShow"), take: actions.showOther },
      };
  }
}

function Trouble({ trouble, view, actions }: { trouble: PhoneTrouble; view: PhoneView; actions: PhoneActions }) {
  if (trouble === "waiting") {
    return (
      <div class="phone-over" role="status" aria-label={t("phoneLoading")}>
        <Spinner />
      </div>
    );
  }
  const { icon, title, detail, action } = toldOf(trouble, view, actions);
  return (
    <div class="phone-over">
      <Empty icon={icon} title={title} detail={detail}>
        {action !== null && (
          <button type="button" class="btn btn-primary" onClick={action.take}>
            {action.words}
          </button>
        )}
      </Empty>
    </div>
  );
}

function noticeWords(notice: PhoneNotice): string {
  switch (notice.kind) {
    case "signed_out":
      return t("phoneSignedOut", { number: notice.number });
    case "not_ready":
      return t("phoneNotReady", { number: notice.number });
    case "not_in_hubspot":
      return t("phoneNotInHubSpot");
    case "not_opened":
      return t("phoneNotOpened");
  }
}

function Notice({ notice, onDismiss }: { notice: PhoneNotice; onDismiss: () => void }) {
  return (
    <div class="phone-notice" role="alert">
      <Icon name="alert" size={16} />
      <span class="grow">{noticeWords(notice)}</span>
      <button type="button" class="icon-btn" aria-label={t("close")} title={t("close")} onClick={onDismiss}>
        <Icon name="x" size={16} />
      </button>
    </div>
  );
}

export function Phone({ view, actions }: { view: PhoneView; actions: PhoneActions }) {
  const { frame, trouble, notice, asking, counts } = view;
  return (
    <main class="phone">
      <h1 class="sr">{t("phoneTitle")}</h1>
      {notice !== null && <Notice notice={notice} onDismiss={actions.dismiss} />}
      <div class="phone-frame">
        {frame !== null && (
          <iframe
            key={frame.number}
            ref={actions.framed}
            src={frame.url}
            title={t("phoneFrame")}
            allow="autoplay; microphone"
            inert={trouble !== null}
            onLoad={actions.loaded}
          />
        )}
        {trouble !== null && <Trouble {...{ trouble, view, actions }} />}
      </div>
      {asking && (
        <UnauthorizeDialog counts={counts} onClose={actions.keepAuthorized} onUnauthorize={actions.unauthorize} />
      )}
    </main>
  );
}
