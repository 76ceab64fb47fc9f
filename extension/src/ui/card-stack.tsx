/** The caller cards on somebody else's page, one over the other in the top right corner. Drawn inside a closed shadow root. */
import { useEffect, useRef, useState } from "preact/hooks";

import { endsOnPageAt, phaseOnPage, type Phase } from "../call-facts";
import { t, tn } from "../i18n";
import type { ActionProblem } from "../errors";
import type { CardView, LiveCall } from "../protocol";
import { CallerCard, type CallerActions } from "./caller-card";
import { Icon } from "./icons";
import { actionWords } from "./sign-in-words";

const FADE_MS = 140;

interface Shown {
  live: LiveCall;
  /** What it was last, while it fades. */
  phase: Phase;
  leaving: boolean;
}

/** What is on the screen: the calls of the view, and for a moment those that have just gone. */
function shownNow(before: readonly Shown[], calls: readonly LiveCall[], now: Date): Shown[] {
  const present = calls.flatMap((live) => {
    const phase = phaseOnPage(live, now);
    return phase === null ? [] : [{ live, phase, leaving: false }];
  });
  const isPresent = ({ live }: Shown): boolean => present.some((one) => one.live.call.call_id === live.call.call_id);
  const gone = before.filter((one) => !isPresent(one)).map((one) => ({ ...one, leaving: true }));
  return [...present, ...gone];
}

function Footer({ more, onMute }: { more: number; onMute: () => void }) {
  return (
    <p class="cards-f">
      <span class="grow">{more > 0 && tn("moreCalls", more)}</span>
      <button type="button" class="btn btn-second btn-sm" onClick={onMute}>
        <Icon name="eye-off" size={14} />
        {t("muteSite")}
      </button>
    </p>
  );
}

interface StackProps {
  /** Null: no call is shown here any more. */
  view: CardView | null;
  /** Why what was asked for last did not come about. */
  problem: ActionProblem | null;
  actions: CallerActions;
  onMute: () => void;
  /** Nothing is left, and nothing fades. */
  onGone: () => void;
}

export function CardStack({ view, problem, actions, onMute, onGone }: StackProps) {
  const [, redraw] = useState(0);
  const shown = useRef<readonly Shown[]>([]);
  shown.current = shownNow(shown.current, view?.calls ?? [], new Date());
  const present = shown.current.filter(({ leaving }) => !leaving);
  const ends = Math.min(...present.map(({ live, phase }) => endsOnPageAt(live, phase)));
  useEffect(() => {
    // A browser's timer can wait no longer than 2 ** 31 - 1 ms.
    const next = setTimeout(
      () => redraw((count) => count + 1),
      Math.min(Math.max(0, ends - Date.now()) + 1, 2 ** 31 - 1),
    );
    return () => clearTimeout(next);
  }, [ends]);
  const fading = shown.current.length > present.length;
  useEffect(() => {
    if (!fading && present.length > 0) return undefined;
    const gone = setTimeout(() => {
      shown.current = shown.current.filter(({ leaving }) => !leaving);
      redraw((count) => count + 1);
      if (shown.current.length === 0) onGone();
    }, FADE_MS);
    return () => clearTimeout(gone);
  }, [fading, present.length, onGone]);
  return (
    <div class="cards">
      {shown.current.map(({ live, phase, leaving }) => (
        <CallerCard
          key={live.call.call_id}
          announced
          searched={view?.searched ?? 0}
          {...{ live, phase, leaving, actions }}
        />
      ))}
      {present.length > 0 && problem !== null && (
        <p class="cards-f is-bad" role="alert">
          {actionWords(problem)}
        </p>
      )}
      {present.length > 0 && <Footer more={view?.more ?? 0} onMute={onMute} />}
    </div>
  );
}
