/** The Sync dialog: what to sync now, how often by itself, and what the last run did. */
import { useRef, useState } from "preact/hooks";

import type { IntervalMinutes, Run, RunKind, RunMove, SyncState } from "../contract";
import type { ActionProblem } from "../errors";
import { grouped, t, tn } from "../i18n";
import { isPaused } from "../run-facts";
import { span } from "../run-words";
import { progressWords } from "./connection";
import { Icon } from "./icons";
import { Dialog, Dotted, Progress, Segmented, Spinner } from "./parts";
import type { Outcome } from "./popup-state";
import { actionWords } from "./sign-in-words";
import { clockOrDay, dayAndClock } from "./wording";

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

interface Fact {
  words: string;
  count: number | null;
}

function Facts({ facts, inRows }: { facts: readonly Fact[]; inRows?: boolean }) {
  return (
    <dl class={inRows === true ? "facts facts-rows num" : "facts num"}>
      {facts.map(({ words, count }) => (
        <div key={words}>
          <dt>{words}</dt>
          <dd>{count === null ? "–" : grouped(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

function whatChanged(run: Run): Fact[] {
  return [
    { words: t("added"), count: run.added },
    { words: t("updated"), count: run.updated },
    { words: t("removed"), count: run.removed },
    { words: t("failed"), count: run.failed },
  ];
}

/** What the proof rests on, and what it took. */
function whatItTook(run: Run): Fact[] {
  return [
    { words: t("inHubSpot"), count: run.remote_total },
    { words: t("readCount"), count: run.read },
    { words: t("inCallbook"), count: run.local_total },
    { words: t("unchanged"), count: run.unchanged },
    { words: t("requests"), count: run.requests },
    { words: t("slowedDown"), count: run.throttled },
  ];
}

function factsOf(run: Run, now: Date): string[] {
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
          <Dotted words={factsOf(run, now)} />
        </span>
      </div>
      <Facts facts={whatChanged(run)} />
      <details class="more-facts">
        <summary>{t("details")}</summary>
        <Facts inRows facts={whatItTook(run)} />
      </details>
    </>
  );
}

/** What a person may mend, and where it is listed. */
function ToMend({ sync, onProblems }: { sync: SyncState; onProblems: () => void }) {
  const failed = sync.last_run?.failed ?? 0;
  const unreadable = sync.counts.number_unreadable;
  if (failed + unreadable === 0) return null;
  const words = unreadable === 0 ? tn("couldNotBeRead", failed) : tn("numbersUnreadable", unreadable);
  return (
    <div class="lab-line to-mend num">
      <span class="ell">{words}</span>
      <button type="button" class="btn-link" onClick={onProblems}>
        {t("showWhich")}
      </button>
    </div>
  );
}

interface ThisRunProps {
  run: Run;
  onSteer: (move: RunMove) => void;
}

function ThisRun({ run, onSteer }: ThisRunProps) {
  const paused = isPaused(run);
  return (
    <>
      <div class="lab lab-line">
        <span>{t("thisRun")}</span>
        <span class="num ell">
          <Dotted words={progressWords(run)} />
        </span>
      </div>
      <Progress run={run} label={t("contactsReadLabel")} />
      <div class="steer">
        <button type="button" class="btn btn-second btn-sm" onClick={() => onSteer(paused ? "resume" : "pause")}>
          {paused ? t("resume") : t("pause")}
        </button>
        <button type="button" class="btn btn-second btn-sm" onClick={() => onSteer("cancel")}>
          {t("cancelSync")}
        </button>
      </div>
    </>
  );
}

interface SyncDialogProps {
  sync: SyncState;
  now: Date;
  onClose: () => void;
  onSync: (kind: RunKind) => Outcome;
  onSteer: (move: RunMove) => Outcome;
  onProblems: () => void;
  onInterval: (minutes: IntervalMinutes) => Outcome;
}

interface FootProps {
  said: ActionProblem | null;
  main: { current: HTMLButtonElement | null };
  run: Run | null;
  asking: boolean;
  onClose: () => void;
  onStart: () => void;
}

/** While there is a run, the main button says so and starts nothing. */
function Foot({ said, main, run, asking, onClose, onStart }: FootProps) {
  const paused = run !== null && isPaused(run);
  const busy = run !== null || asking;
  return (
    <div class="dialog-f">
      <span class="said" role="alert">
        {said === null ? "" : actionWords(said)}
      </span>
      <button type="button" class="btn btn-second" onClick={onClose}>
        {t("close")}
      </button>
      <button ref={main} type="button" class="btn btn-primary" aria-disabled={busy} onClick={onStart}>
        {busy && !paused && <Spinner />}
        {paused ? t("syncPaused") : busy ? t("syncing") : t("syncNow")}
      </button>
    </div>
  );
}

export function SyncDialog({ sync, now, onClose, onSync, onSteer, onProblems, onInterval }: SyncDialogProps) {
  const neverSynced = sync.last_synced_at === null;
  const [kind, setKind] = useState<RunKind>(neverSynced ? "full" : "recent");
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const [asking, setAsking] = useState(false);
  const main = useRef<HTMLButtonElement>(null);
  const start = async (): Promise<void> => {
    if (sync.run !== null || asking) return;
    setAsking(true);
    const problem = await onSync(kind);
    setAsking(false);
    setSaid(problem);
    if (problem === null) onClose();
  };
  const steer = async (move: RunMove): Promise<void> => {
    const problem = await onSteer(move);
    setSaid(problem);
    if (move === "cancel" && problem === null) main.current?.focus(); // the button that had the focus goes
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
          <ThisRun run={sync.run} onSteer={(move) => void steer(move)} />
        )}
        <ToMend {...{ sync, onProblems }} />
      </div>
      <Foot {...{ said, main, asking, onClose }} run={sync.run} onStart={() => void start()} />
    </Dialog>
  );
}
