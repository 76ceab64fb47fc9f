/** The options page: every setting, the keys, what is stored where, and the diagnostics before they are copied. */
import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import { Icon, Mark, type IconName } from "./icons";
import type { Command, PopupActions, PopupState } from "./popup-state";
import { RestartStrip } from "./restart";
import { SettingsRows } from "./settings";

function Shortcuts({ actions }: { actions: PopupActions }) {
  const [commands, setCommands] = useState<readonly Command[]>([]);
  useEffect(() => void actions.commands().then(setCommands), [actions]);
  const words: Record<Command["name"], string> = {
    _execute_action: t("openCallbook"),
    "open-side-panel": t("openSidePanel"),
  };
  return (
    <section aria-labelledby="shortcuts">
      <h2 id="shortcuts">{t("shortcuts")}</h2>
      <dl class="keys">
        {commands.map(({ name, shortcut }) => (
          <div key={name}>
            <dt>{words[name]}</dt>
            <dd>{shortcut === "" ? t("shortcutNone") : <kbd>{shortcut}</kbd>}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="btn btn-second" onClick={actions.changeShortcuts}>
        {t("shortcutsChange")}
      </button>
    </section>
  );
}

function Place({ icon, title, text }: { icon: IconName; title: string; text: string }) {
  return (
    <li>
      <Icon name={icon} />
      <div>
        <b>{title}</b>
        <p>{text}</p>
      </div>
    </li>
  );
}

function StoredWhere() {
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">{t("privacy")}</h2>
      <ul class="promise">
        <Place icon="server" title={t("storedServerTitle")} text={t("storedServerText")} />
        <Place icon="database" title={t("storedBrowserTitle")} text={t("storedBrowserText")} />
        <Place icon="shield" title={t("storedElsewhereTitle")} text={t("storedElsewhereText")} />
      </ul>
    </section>
  );
}

/** The text as it would be copied, before it is. */
function Preview({ read }: { read: () => Promise<string> }) {
  const [text, setText] = useState("");
  return (
    <details
      class="preview"
      onToggle={(event) => {
        if (event.currentTarget.open) void read().then(setText);
      }}
    >
      <summary>{t("previewDiagnostics")}</summary>
      <textarea readOnly rows={16} aria-label={t("diagnostics")} value={text} />
    </details>
  );
}

interface OptionsProps {
  state: PopupState;
  actions: PopupActions;
}

export function Options({ state, actions }: OptionsProps) {
  return (
    <main class="page">
      <header class="page-h">
        <Mark size={32} />
        <h1>{t("options")}</h1>
      </header>
      {state.restart !== null && <RestartStrip why={state.restart} onRestart={actions.restart} />}
      <section aria-label={t("settings")}>
        <SettingsRows {...{ state, actions }} />
        <Preview read={actions.diagnostics} />
      </section>
      <Shortcuts actions={actions} />
      <StoredWhere />
      <section class="set" aria-label={t("firstRunTitle")}>
        <p class="d grow">{t("firstRunAgainHint")}</p>
        <button type="button" class="btn btn-second" onClick={actions.openFirstRun}>
          {t("firstRunAgain")}
        </button>
      </section>
    </main>
  );
}
