/** The numbers and extensions that ring the rep in their phone system. What the server does not take is said at the field. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { OwnLine } from "../contract";
import { t } from "../i18n";
import type { LineListView } from "../line-list";
import { Icon } from "./icons";
import type { NotSaved, PopupActions, PopupState } from "./popup-state";
import { actionWords } from "./sign-in-words";

/** As long as the server reads anything. */
const LONGEST = 200;
/** The field in which the server names what is wrong with all of them; what is wrong with one is in `lines.0`. */
const ALL_LINES = "lines";

interface Refusal {
  words: string;
  /** It is what was typed that is wrong. */
  wrong: boolean;
}

export function refusalOf({ problem, fields }: NotSaved): Refusal {
  if (problem === "line_taken") return { words: actionWords(problem), wrong: true };
  if (problem !== "invalid") return { words: t("notSaved", { why: actionWords(problem) }), wrong: false };
  const tooMany = fields.some(({ where }) => where === ALL_LINES);
  return tooMany ? { words: t("linesTooMany"), wrong: false } : { words: t("lineInvalid"), wrong: true };
}

interface AddProps {
  field: { current: HTMLInputElement | null };
  onAdd: (written: string) => Promise<NotSaved | null>;
  onAdded: (written: string) => void;
}

/** The field's state: what is typed, what was said of it, whether it is being saved. */
function useAdding({ field, onAdd, onAdded }: AddProps) {
  const [typed, setTyped] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [saving, setSaving] = useState(false);
  const add = async (): Promise<void> => {
    if (saving) return;
    setSaving(true);
    setRefusal(null); // the same words, said again, are to be heard again
    const refused = await onAdd(typed);
    setSaving(false);
    if (refused === null) {
      setTyped((now) => (now === typed ? "" : now));
      onAdded(typed.trim());
    } else setRefusal(refusalOf(refused));
    // Unless the person has gone on to something else.
    if (field.current?.form?.contains(document.activeElement) === true) field.current.focus();
  };
  return { typed, refusal, saving, add, type: setTyped };
}

function AddLine(props: AddProps) {
  const { typed, refusal, saving, add, type } = useAdding(props);
  return (
    <form
      class="input"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label for="own-line">{t("ownLine")}</label>
      <div class="own-line">
        <div class={refusal?.wrong === true ? "field grow is-wrong" : "field grow"}>
          <input
            id="own-line"
            ref={props.field}
            inputMode="tel"
            autocomplete="off"
            spellcheck={false}
            maxLength={LONGEST}
            value={typed}
            aria-invalid={refusal?.wrong === true}
            aria-describedby={refusal === null ? undefined : "own-line-refused"}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="btn btn-second" aria-disabled={saving}>
          {t("add")}
        </button>
      </div>
      {refusal !== null && (
        <p class="wrong" id="own-line-refused" role="alert">
          {refusal.words}
        </p>
      )}
    </form>
  );
}

/** What has the focus once the line with this button is gone; null where nothing comes after it. */
function nextRemove(button: HTMLElement): HTMLElement | null {
  return button.closest("li")?.nextElementSibling?.querySelector("button") ?? null;
}

interface LinesProps {
  list: LineListView;
  onRemove: (line: OwnLine, button: HTMLElement) => void;
}

function Lines({ list: { lines, problem }, onRemove }: LinesProps) {
  if (lines === null) {
    return (
      <p class="d" role="status">
        {problem === null ? t("asking") : actionWords(problem)}
      </p>
    );
  }
  return (
    <ul aria-labelledby="own-lines">
      {lines.map((line) => (
        <li key={line.line} class="own-line">
          <div class="grow">
            <span class="tel">{line.display}</span>
          </div>
          <button
            type="button"
            class="btn btn-second btn-sm"
            aria-label={t("removeLine", { line: line.display })}
            onClick={(event) => onRemove(line, event.currentTarget)}
          >
            {t("remove")}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function OwnLines({ state, actions }: { state: PopupState; actions: PopupActions }) {
  const { ownLines: list, settings } = state;
  const { readLines, addLine, removeLine } = actions;
  const field = useRef<HTMLInputElement>(null);
  const [done, setDone] = useState("");
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => readLines(), [settings?.effective_country]); // whose numbers are shown without its code
  const remove = async ({ line, display }: OwnLine, button: HTMLElement): Promise<void> => {
    (nextRemove(button) ?? field.current)?.focus();
    setFailed(null);
    const problem = await removeLine(line);
    if (problem === null) setDone(t("lineRemoved", { line: display }));
    else setFailed(t("notSaved", { why: actionWords(problem) }));
  };
  if (list.problem === "not_found") return null; // a server of before this extension keeps none
  return (
    <div class="server own-lines" role="group" aria-labelledby="own-lines" aria-describedby="own-lines-hint">
      <div id="own-lines">{t("ownLines")}</div>
      <p class="d" id="own-lines-hint">
        {t("ownLinesHint")}
      </p>
      <Lines list={list} onRemove={(line, button) => void remove(line, button)} />
      {failed !== null && (
        <p class="strip strip-bad" role="alert">
          <Icon name="alert" size={16} />
          {failed}
        </p>
      )}
      <AddLine field={field} onAdd={addLine} onAdded={(line) => setDone(t("lineAdded", { line }))} />
      <span class="sr" role="status">
        {done}
      </span>
    </div>
  );
}
