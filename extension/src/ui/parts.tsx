/** Small parts that several screens are made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Run } from "../contract";
import { grouped, t } from "../i18n";
import { isPaused } from "../run-facts";
import { HubSign, Icon, type IconName } from "./icons";
import { onEscape } from "./panel";
import { Told } from "./told";
import { readOfTotal, shareRead } from "./wording";

export function Spinner() {
  return <span class="spin" />;
}

export function Sep() {
  return <span class="sep">·</span>;
}

/** Words with a middle dot between them, each in its own direction: a number is read from left to right everywhere. */
export function Dotted({ words }: { words: readonly ComponentChildren[] }) {
  return words.map((word, place) => (
    <>
      {place > 0 && <Sep />}
      <bdi>{typeof word === "string" ? <Told>{word}</Told> : word}</bdi>
    </>
  ));
}

interface ProgressProps {
  run: Run;
  label: string;
}

export function Progress({ run, label }: ProgressProps) {
  const share = shareRead(run);
  const known =
    share === null ? {} : { "aria-valuemax": run.total ?? 0, "aria-valuenow": Math.min(run.read, run.total ?? 0) };
  const width = `${((share ?? 0) * 100).toFixed(1)}%`;
  return (
    <div
      class={run.state === "waiting" || isPaused(run) ? "prog prog-wait" : "prog"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuetext={readOfTotal(run)}
      {...known}
    >
      <i style={{ width }} />
    </div>
  );
}

interface HubBadgeProps {
  size?: "small" | "large";
  /** Said aloud where no other words say it. */
  label?: string;
}

export function HubBadge({ size = "small", label }: HubBadgeProps) {
  const said = label === undefined ? {} : { role: "img" as const, "aria-label": label, title: label };
  return (
    <span class={size === "large" ? "hub hub-lg" : "hub"} {...said}>
      <HubSign size={size === "large" ? 22 : 12} />
    </span>
  );
}

interface SegmentedProps<T extends string | number> {
  name: string;
  label: string;
  options: readonly { value: T; words: string }[];
  value: T;
  wide?: boolean;
  onPick: (value: T) => void;
}

export function Segmented<T extends string | number>(props: SegmentedProps<T>) {
  return (
    <fieldset class={props.wide === true ? "seg seg-wide" : "seg"}>
      <legend class="sr">{props.label}</legend>
      {props.options.map(({ value, words }) => (
        <label key={value}>
          <input type="radio" name={props.name} checked={value === props.value} onChange={() => props.onPick(value)} />
          {words}
        </label>
      ))}
    </fieldset>
  );
}

interface ChipsProps<T extends string> {
  options: readonly { value: T; words: () => string }[];
  value: T;
  counts: Record<T, number> | null;
  onPick: (value: T) => void;
}

/** Filters, each with how many it leaves. */
export function Chips<T extends string>({ options, value: picked, counts, onPick }: ChipsProps<T>) {
  return (
    <div class="chips" role="group" aria-label={t("filter")}>
      {options.map(({ value, words }) => (
        <button key={value} type="button" class="chip" aria-pressed={value === picked} onClick={() => onPick(value)}>
          {words()} {counts !== null && <span class="num">{grouped(counts[value])}</span>}
        </button>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: IconName;
  title: string;
  detail: string | null;
  /** What can be done about it. */
  children?: ComponentChildren;
}

/** Why there is nothing to list. */
export function Empty({ icon, title, detail, children }: EmptyProps) {
  return (
    <div class="empty">
      <div role="status">
        <Icon name={icon} size={24} />
        <h2>{title}</h2>
        {detail !== null && <p dir="auto">{detail}</p>}
      </div>
      {children !== undefined && <div class="empty-acts">{children}</div>}
    </div>
  );
}

interface DialogProps {
  title: string;
  /** The id of the words that say what it is about, to be read out with the title. */
  about?: string;
  low?: boolean;
  alert?: boolean;
  onClose: () => void;
  children: ComponentChildren;
  corner?: ComponentChildren;
}

/** Opens the dialog over everything, keeps the focus in it, and gives it back to the opener in the end. */
export function useModal(): { current: HTMLDialogElement | null } {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return ref;
}

/** A native modal dialog. */
export function Dialog({ title, about, low, alert, onClose, children, corner }: DialogProps) {
  const ref = useModal();
  return (
    <dialog
      ref={ref}
      class={low === true ? "dialog dialog-low" : "dialog"}
      role={alert === true ? "alertdialog" : undefined}
      aria-labelledby="dialog-title"
      aria-describedby={about}
      onCancel={(event: Event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => onEscape(event, onClose)}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose(); // the scrim
      }}
    >
      <div class="dialog-h">
        <h2 id="dialog-title">{title}</h2>
        {corner}
      </div>
      {children}
    </dialog>
  );
}

interface CallButtonProps {
  label: string;
  number: string;
  /** Out of the order of Tab: the row that has it is not the selected one. */
  skipped?: boolean;
  onCall: (number: string) => void;
}

export function CallButton({ label, number, skipped, onCall }: CallButtonProps) {
  return (
    <button
      type="button"
      class="icon-btn icon-btn-tap icon-btn-call"
      aria-label={label}
      title={label}
      tabIndex={skipped === true ? -1 : undefined}
      onClick={(event) => {
        event.stopPropagation(); // the row under it opens the contact
        onCall(number);
      }}
    >
      <Icon name="phone" />
    </button>
  );
}

const COPIED_MS = 1_500;

/** Whether something was copied just now, and how to say that it was. */
export function useCopied(): [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, () => setCopied(true)];
}

interface CopyButtonProps {
  label: string;
  text: string;
  onCopy: (text: string) => Promise<void>;
}

export function CopyButton({ label, text, onCopy }: CopyButtonProps) {
  const [copied, tellCopied] = useCopied();
  return (
    <>
      <button
        type="button"
        class={copied ? "icon-btn icon-btn-tap is-done" : "icon-btn icon-btn-tap"}
        aria-label={label}
        title={label}
        onClick={() => void onCopy(text).then(tellCopied)}
      >
        <Icon name={copied ? "check" : "copy"} />
      </button>
      <span class="sr" role="status">
        {copied ? t("copied") : ""}
      </span>
    </>
  );
}
