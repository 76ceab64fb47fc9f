/** How the rep is told of calls: notifications, their pause, the caller card on web pages and the sites without it. */
import type { ComponentChildren } from "preact";

import type { Moment } from "../contract";
import { isQuiet } from "../call-facts";
import { t } from "../i18n";
import type { PopupActions, PopupState } from "./popup-state";
import { clockOrDay } from "./wording";

const HALF_AN_HOUR_MS = 30 * 60_000;

interface SwitchProps {
  id: string;
  title: string;
  hint: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

function SwitchRow({ id, title, hint, on, onChange }: SwitchProps) {
  return (
    <div class="set">
      <div class="grow">
        <label class="t" for={id}>
          {title}
        </label>
        <div class="d" id={`${id}-hint`}>
          {hint}
        </div>
      </div>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        aria-describedby={`${id}-hint`}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}

function Small({ onClick, children }: { onClick: () => void; children: ComponentChildren }) {
  return (
    <button type="button" class="btn btn-second btn-sm" onClick={onClick}>
      {children}
    </button>
  );
}

/** The next midnight here. */
function tomorrow(now: Date): Moment {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).toISOString();
}

interface PauseProps {
  pausedUntil: Moment | null;
  now: Date;
  onPause: PopupActions["pauseNotifications"];
}

function PauseRow({ pausedUntil, now, onPause }: PauseProps) {
  if (pausedUntil !== null && isQuiet(pausedUntil, now)) {
    return (
      <div class="set">
        <div class="t grow" role="status">
          {t("pausedUntil", { moment: clockOrDay(pausedUntil, now) })}
        </div>
        <Small onClick={() => onPause(null)}>{t("resume")}</Small>
      </div>
    );
  }
  return (
    <div class="set" role="group" aria-label={t("pauseNotifications")}>
      <div class="t grow" aria-hidden="true">
        {t("pauseNotifications")}
      </div>
      <Small onClick={() => onPause(new Date(now.getTime() + HALF_AN_HOUR_MS).toISOString())}>
        {t("pauseHalfHour")}
      </Small>
      <Small onClick={() => onPause(tomorrow(now))}>{t("pauseTomorrow")}</Small>
    </div>
  );
}

function MutedSites({ hosts, onUnmute }: { hosts: readonly string[]; onUnmute: (host: string) => void }) {
  return hosts.map((host) => (
    <div key={host} class="set">
      <div class="d grow ell">{t("notShownOn", { site: host })}</div>
      <button
        type="button"
        class="btn btn-second btn-sm"
        aria-label={t("showAgainOn", { site: host })}
        onClick={() => onUnmute(host)}
      >
        {t("showAgain")}
      </button>
    </div>
  ));
}

export function CallSettings({ state, actions }: { state: PopupState; actions: PopupActions }) {
  const { notifications, pausedUntil, pagesAllowed, mutedSites, now } = state;
  const told = notifications || pagesAllowed;
  return (
    <>
      <SwitchRow
        id="notifications"
        title={t("notifications")}
        hint={t("notificationsHint")}
        on={notifications}
        onChange={actions.setNotifications}
      />
      <SwitchRow
        id="caller-card"
        title={t("callerCard")}
        hint={t("callerCardHint")}
        on={pagesAllowed}
        onChange={actions.setCallerCard}
      />
      {told && <PauseRow {...{ pausedUntil, now }} onPause={actions.pauseNotifications} />}
      {pagesAllowed && <MutedSites hosts={mutedSites} onUnmute={actions.unmuteSite} />}
    </>
  );
}

/** In the list of calls: that nobody is told of them now, and the way back. */
export function QuietNote({ state, actions }: { state: PopupState; actions: PopupActions }) {
  const { notifications, pausedUntil, now } = state;
  const paused = pausedUntil !== null && isQuiet(pausedUntil, now);
  if (notifications && !paused) return null;
  return (
    <div class="quiet" role="status">
      <span class="grow">
        {paused ? t("pausedUntil", { moment: clockOrDay(pausedUntil, now) }) : t("notificationsOff")}
      </span>
      <Small onClick={() => (paused ? actions.pauseNotifications(null) : actions.setNotifications(true))}>
        {paused ? t("resume") : t("turnOn")}
      </Small>
    </div>
  );
}
