/** The calls that ring or go on, over the lists of popup and side panel. */
import { phaseOf } from "../call-facts";
import { t } from "../i18n";
import { CallerCard, type CallerActions } from "./caller-card";
import type { PopupState } from "./popup-state";

interface LiveCallsProps {
  state: Pick<PopupState, "live" | "now" | "sync">;
  actions: CallerActions;
}

export function LiveCalls({ state, actions }: LiveCallsProps) {
  const { live, now, sync } = state;
  const shown = live.flatMap((one) => {
    const phase = phaseOf(one, now);
    return phase === null ? [] : [{ live: one, phase }];
  });
  if (shown.length === 0) return null;
  return (
    <section class="live" aria-label={t("liveCalls")}>
      {shown.map((one) => (
        <CallerCard key={one.live.call.call_id} {...one} searched={sync?.counts.all ?? 0} actions={actions} />
      ))}
    </section>
  );
}
