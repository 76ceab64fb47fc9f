/** Modal, banner and end of a sync on somebody else's page. Drawn inside a closed shadow root. */
import { useEffect, useState } from "preact/hooks";

import type { Run } from "../contract";
import { t, tn } from "../i18n";
import type { OverlayView } from "../protocol";
import { isActive, isPaused } from "../run-facts";
import { endOf } from "../run-words";
import { Icon, Mark } from "./icons";
import { Dotted, Progress, Sep, useModal } from "./parts";
import { percent, readOfTotal, readOfTotalShort, timeLeft } from "./wording";

const LINGER_MS = 4_000;
const FADE_MS = 140;
/** A modal that vanished at once would only startle. */
const SHORTEST_MODAL_MS = 2_000;
/** Spoken progress comes no more often than this. */
const SPOKEN_EVERY_MS = 10_000;

function headline(run: Run, portal: string): string {
  return run.kind === "full" ? t("modalFull", { portal }) : t("modalRecent", { portal });
}

function useSpoken(run: Run): string {
  const [spoken, setSpoken] = useState({ words: readOfTotal(run), at: Date.now() });
  useEffect(() => {
    if (Date.now() - spoken.at >= SPOKEN_EVERY_MS) setSpoken({ words: readOfTotal(run), at: Date.now() });
  }, [run, spoken.at]);
  return spoken.words;
}

interface ModalProps {
  view: OverlayView;
  onGotIt: () => void;
}

function Modal({ view, onGotIt }: ModalProps) {
  const ref = useModal();
  const { run, portalName } = view;
  const spoken = useSpoken(run);
  const left = timeLeft(run);
  return (
    <dialog
      ref={ref}
      class="modal"
      aria-labelledby="title"
      aria-describedby="note"
      onCancel={(event: Event) => {
        event.preventDefault();
        onGotIt();
      }}
    >
      <div class="modal-brand">
        <Mark size={20} />
        Callbook
      </div>
      <h2 id="title">{isPaused(run) ? t("pausedTitle") : t("modalTitle")}</h2>
      <p class="lede">{headline(run, portalName)}</p>
      <Progress run={run} label={t("contactsReadLabel")} />
      <div class="modal-line num">
        <span>{readOfTotal(run)}</span>
        {left !== null && <span>{left}</span>}
      </div>
      <span class="sr" role="status">
        {spoken}
      </span>
      <div class="note">
        <Icon name="info" />
        <span id="note">{isPaused(run) ? t("pausedNote") : t("modalNote")}</span>
      </div>
      <div class="modal-f">
        <button type="button" class="btn btn-primary btn-lg" autofocus onClick={onGotIt}>
          {t("gotIt")}
        </button>
      </div>
    </dialog>
  );
}

function bannerTitle(run: Run): string {
  if (isPaused(run)) return t("pausedTitle");
  return run.state === "waiting" ? t("slowDown") : t("bannerTitle");
}

function Banner({ run }: { run: Run }) {
  const left = timeLeft(run);
  return (
    <section class="toast" aria-label={t("bannerTitle")} data-toast="running">
      <Mark size={20} />
      <div>
        <b>{bannerTitle(run)}</b>
        <p class="num">
          <Dotted words={[readOfTotalShort(run), left].filter((words) => words !== null)} />
        </p>
      </div>
      <span class="percent num">{percent(run)}</span>
      <Progress run={run} label={t("contactsReadLabel")} />
      <p class="tail">{isPaused(run) ? t("pausedNote") : t("bannerStay")}</p>
    </section>
  );
}

/** Stays 4 s, longer while looked at, then fades. */
function useLinger(held: boolean, onGone: () => void): boolean {
  const [leaving, setLeaving] = useState(false);
  useEffect(() => {
    if (held) {
      setLeaving(false);
      return undefined;
    }
    const fade = setTimeout(() => setLeaving(true), LINGER_MS);
    const gone = setTimeout(onGone, LINGER_MS + FADE_MS);
    return () => {
      clearTimeout(fade);
      clearTimeout(gone);
    };
  }, [held, onGone]);
  return leaving;
}

function Ended({ run, onGone }: { run: Run; onGone: () => void }) {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const leaving = useLinger(hovered || focused, onGone);
  const end = endOf(run);
  return (
    <section
      class={leaving ? "toast is-leaving" : "toast"}
      role="status"
      data-toast={run.state}
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
      onFocusIn={() => setFocused(true)}
      onFocusOut={() => setFocused(false)}
    >
      <Icon name={end.icon} size={20} class={`is-${end.tone}`} />
      <div>
        <b>{end.title}</b>
        <p>{end.detail}</p>
        <p class="num">
          {tn("countAdded", run.added)}
          <Sep />
          {tn("countUpdated", run.updated)}
          <Sep />
          {tn("countRemoved", run.removed)}
        </p>
      </div>
      <button type="button" class="icon-btn" aria-label={t("close")} onClick={onGone}>
        <Icon name="x" size={16} />
      </button>
    </section>
  );
}

interface OverlayProps {
  view: OverlayView;
  /** When this page first showed it. */
  since: number;
  onGotIt: () => void;
  onGone: () => void;
}

export function Overlay({ view, since, onGotIt, onGone }: OverlayProps) {
  const [dwelt, setDwelt] = useState(Date.now() - since >= SHORTEST_MODAL_MS);
  useEffect(() => {
    const timer = setTimeout(() => setDwelt(true), Math.max(0, since + SHORTEST_MODAL_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  const over = !isActive(view.run);
  if (view.stage === "modal" && !(over && dwelt)) return <Modal view={view} onGotIt={onGotIt} />;
  return over ? <Ended run={view.run} onGone={onGone} /> : <Banner run={view.run} />;
}
