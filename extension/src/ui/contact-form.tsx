/** Adding a personal contact, or changing one. The server says what it does not take, and the form says it at its field. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Contact, PersonalIn } from "../contract";
import { t } from "../i18n";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { Panel } from "./panel";
import { Spinner } from "./parts";
import { draftFor, draftOf, isEmpty, LONGEST, personalOf, refusalsOf, type Field, type Prefill } from "./personal";
import type { NotSaved } from "./popup-state";
import { actionWords } from "./sign-in-words";

interface FieldWords {
  field: Field;
  label: () => string;
  /** What a screen keyboard offers. */
  keys: "text" | "email" | "tel";
}

const FIELDS: readonly FieldWords[] = [
  { field: "first_name", label: () => t("firstName"), keys: "text" },
  { field: "last_name", label: () => t("lastName"), keys: "text" },
  { field: "company", label: () => t("company"), keys: "text" },
  { field: "job_title", label: () => t("jobTitle"), keys: "text" },
  { field: "email", label: () => t("email"), keys: "email" },
  { field: "mobile", label: () => t("phoneMobile"), keys: "tel" },
  { field: "phone", label: () => t("phoneWork"), keys: "tel" },
];

interface InputProps {
  words: FieldWords;
  value: string;
  refusal: string | undefined;
  onInput: (text: string) => void;
}

const idOf = (field: Field): string => `contact-${field}`;

function Input({ words: { field, label, keys }, value, refusal, onInput }: InputProps) {
  const id = idOf(field);
  const wrong = refusal !== undefined;
  return (
    <div class={field === "first_name" || field === "last_name" ? "input input-half" : "input"}>
      <label for={id}>{label()}</label>
      <div class={wrong ? "field is-wrong" : "field"}>
        <input
          id={id}
          inputMode={keys}
          autocomplete="off"
          spellcheck={false}
          maxLength={LONGEST[field]}
          value={value}
          aria-invalid={wrong}
          aria-describedby={wrong ? `${id}-wrong` : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </div>
      {wrong && (
        <p class="wrong" id={`${id}-wrong`}>
          {t("fieldRefused", { why: refusal })}
        </p>
      )}
    </div>
  );
}

interface Said {
  whole: string | null;
  fields: Partial<Record<Field, string>>;
}

const NOTHING_SAID: Said = { whole: null, fields: {} };

function saidOf({ problem, fields }: NotSaved, sent: PersonalIn): Said {
  const atFields = refusalsOf(fields, sent);
  if (Object.keys(atFields).length > 0) return { whole: null, fields: atFields };
  const empty = problem === "invalid" && isEmpty(sent);
  return { whole: empty ? t("contactEmpty") : actionWords(problem), fields: {} };
}

interface FormProps {
  /** The one to change; null adds one. */
  contact: Contact | null;
  prefill: Prefill;
  onSave: (id: number | null, contact: PersonalIn) => Promise<NotSaved | null>;
  onSaved: () => void;
  onBack: () => void;
}

/** The form's state: what is typed, what was said of it, whether it is being saved. */
function useForm({ contact, prefill, onSave, onSaved }: FormProps) {
  const [draft, setDraft] = useState(() => (contact === null ? draftFor(prefill) : draftOf(contact)));
  const [said, setSaid] = useState(NOTHING_SAID);
  const [saving, setSaving] = useState(false);
  const save = async (): Promise<void> => {
    if (saving) return;
    const sent = personalOf(draft, contact);
    setSaving(true);
    const refused = await onSave(contact?.id ?? null, sent);
    setSaving(false);
    setSaid(refused === null ? NOTHING_SAID : saidOf(refused, sent));
    if (refused === null) onSaved();
  };
  const type = (field: Field, text: string): void => setDraft({ ...draft, [field]: text });
  return { draft, said, saving, save, type };
}

export function ContactForm(props: FormProps) {
  const { draft, said, saving, save, type } = useForm(props);
  const form = useRef<HTMLFormElement>(null);
  const title = props.contact === null ? t("addPersonalContact") : t("editContact");
  useLayoutEffect(() => form.current?.querySelector("input")?.focus(), []);
  useEffect(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), [said]);
  return (
    <Panel label={title} onBack={props.onBack}>
      <BackHeader title={title} label={t("back")} onBack={props.onBack} quiet />
      <form
        class="form"
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="fill inputs">
          {FIELDS.map((words) => (
            <Input
              key={words.field}
              words={words}
              value={draft[words.field]}
              refusal={said.fields[words.field]}
              onInput={(text) => type(words.field, text)}
            />
          ))}
          <p class="input hint">
            <Icon name="shield" size={16} />
            {t("personalNote")}
          </p>
        </div>
        <div class="dialog-f form-f">
          <span class="said" role="alert">
            {said.whole}
          </span>
          <button type="button" class="btn btn-second" onClick={props.onBack}>
            {t("cancel")}
          </button>
          <button type="submit" class="btn btn-primary" aria-disabled={saving}>
            {saving && <Spinner />}
            {t("save")}
          </button>
        </div>
      </form>
    </Panel>
  );
}
