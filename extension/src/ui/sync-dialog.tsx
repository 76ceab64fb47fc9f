/** Screen 5: what to sync now, how often by itself, and what the last run did. */
import { useState } from "preact/hooks";

import type { IntervalMinutes, Run, RunKind, SyncState } from "../contract";
import type { ActionProblem } from "../errors";
import { grouped, t } from "../i18n";
import { Icon } from "./icons";
import { Dialog, Dotted, Progress, Segmented, Spinner } from "./parts";
import type { Outcome } from "./popup-state";
import { actionWords } from "./sign-in-words";
import { clockOrDay, dayAndClock, readOfTotal, span, timeLeft } from "./wording";

function recentWords(sync: SyncState, now: Date): string {
  if (sync.last_synced_at === null) return t("recentNotYet");
  return t("recentDetail", { moment: clockOrDay(sync.last_synced_at, now) });
}

/** How long a full run takes is said only if one is known. */
function fullWords(sync: SyncState): string {
  const contacts = grouped(sync.counts.hubspot);
  const last = sync.last_run;
  if (sync.counts.hubspot === 0) return t("fullDetailEmpty");
  if (last?.kind !== "full" || last.duration_s === null) return t("fullDetail", { count: contacts });
  const took = last.duration_s < 60 ? t("aMinute") : t("minutes", { count: Math.ceil(last.duration_s / 60) });
  return t("fullDetailKnown", { count: contacts, time: took });
}

interface KindProps {
  value: RunKind;
  title: string;
  detail: string;
  kind: RunKind;
  disabled?: boolean;
  onPick: (kind: RunKind) => void;
}

function Kind({ value, title, detail, kind, disabled, onPick }: KindProps) {
  const id = `kind-${value}`;
  return (
    <label class="radio" for={id}>
      <input
        id={id}
        type="radio"
        name="kind"
        checked={kind === value}
        disabled={disabled ?? false}
        autofocus={kind === value}
        aria-describedby={`${id}-detail`}
        onChange={() => onPick(value)}
      />
      <span>
        <b>{title}</b>
        <small id={`${id}-detail`}>{detail}</small>
      </span>
    </label>
  );
}

const COUNTS = ["added", "updated", "removed", "failed"] as const;
const COUNT_WORDS = {
  added: () => t("added"),
  updated: () => t("updated"),
  removed: () => t("removed"),
  failed: () => t("failed"),
};

function facts(run: Run, now: Date): string[] {
  const kind = run.kind === "full" ? t("kindFull") : t("kindRecent");
  const took = run.duration_s === null ? [] : [span(run.duration_s)];
  const when = dayAndClock(run.finished_at ?? run.requested_at, now);
  return [when, kind, ...took, ...(run.state === "finished" ? [] : [endWords(run)])];
}

function endWords(run: Run): string {
  if (run.state === "incomplete") return t("endIncomplete");
  return run.state === "cancelled" ? t("endCancelled") : t("endFailed");
}

function LastRun({ run, now }: { run: Run; now: Date }) {
  return (
    <>
      <div class="lab lab-line">
        <span>{t("lastRun")}</span>
        <span class="num ell">
          <Dotted words={facts(run, now)} />
        </span>
      </div>
      <dl class="facts num">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt>{COUNT_WORDS[name]()}</dt>
            <dd>{grouped(run[name])}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function ThisRun({ run, now }: { run: Run; now: Date }) {
  return (
    <>
      <div class="lab lab-line">
        <span>{t("thisRun")}</span>
        <span class="num ell">
          <Dotted words={[readOfTotal(run), timeLeft(run, now)].filter((words) => words !== null)} />
        </span>
      </div>
      <Progress run={run} label={t("contactsReadLabel")} />
    </>
  );
}

interface SyncDialogProps {
  sync: SyncState;
  now: Date;
  onClose: () => void;
  onSync: (kind: RunKind) => Outcome;
  onInterval: (minutes: IntervalMinutes) => Outcome;
}

export function SyncDialog({ sync, now, onClose, onSync, onInterval }: SyncDialogProps) {
  const neverSynced = sync.last_synced_at === null;
  const [kind, setKind] = useState<RunKind>(neverSynced ? "full" : "recent");
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const [asking, setAsking] = useState(false);
  const busy = sync.run !== null || asking;
  const start = async (): Promise<void> => {
    if (busy) return;
    setAsking(true);
    const problem = await onSync(kind);
    setAsking(false);
    setSaid(problem);
    if (problem === null) onClose();
  };
  const corner = (
    <button type="button" class="icon-btn" aria-label={t("close")} onClick={onClose}>
      <Icon name="x" />
    </button>
  );
  return (
    <Dialog title={t("syncContacts")} onClose={onClose} corner={corner}>
      <div class="dialog-b">
        <fieldset class="plain">
          <legend class="sr">{t("whatToSync")}</legend>
          <Kind
            value="recent"
            title={t("recentTitle")}
            detail={recentWords(sync, now)}
            disabled={neverSynced}
            kind={kind}
            onPick={setKind}
          />
          <Kind value="full" title={t("fullTitle")} detail={fullWords(sync)} kind={kind} onPick={setKind} />
        </fieldset>
        <div class="lab" aria-hidden="true">
          {t("automaticSync")}
        </div>
        <Segmented
          wide
          name="interval"
          label={t("automaticSync")}
          value={sync.interval_minutes}
          options={[
            { value: 5, words: t("everyMinutes", { minutes: 5 }) },
            { value: 20, words: t("everyMinutes", { minutes: 20 }) },
          ]}
          onPick={(minutes) => void onInterval(minutes).then(setSaid)}
        />
        {sync.run === null ? (
          sync.last_run !== null && <LastRun run={sync.last_run} now={now} />
        ) : (
          <ThisRun run={sync.run} now={now} />
        )}
      </div>
      <div class="dialog-f">
        <span class="said" role="alert">
          {said === null ? "" : actionWords(said)}
        </span>
        <button type="button" class="btn btn-second" onClick={onClose}>
          {t("close")}
        </button>
        <button type="button" class="btn btn-primary" aria-disabled={busy} onClick={() => void start()}>
          {busy && <Spinner />}
          {busy ? t("syncing") : t("syncNow")}
        </button>
      </div>
    </Dialog>
  );
}
