/** Settings: the HubSpot account, the few settings, the server. */
import { useMemo, useState } from "preact/hooks";

import type { Settings as ServerSettings } from "../contract";
import type { ActionProblem } from "../errors";
import { t } from "../i18n";
import { CallSettings } from "./call-settings";
import { HubSpotRow } from "./connection";
import { countries } from "./countries";
import { DiagnosticsRow } from "./diagnostics-row";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { OwnLines } from "./own-lines";
import { Panel } from "./panel";
import { PhoneField } from "./phone-field";
import { Segmented } from "./parts";
import type { PopupActions, PopupState } from "./popup-state";
import { ServerField } from "./server-field";
import { actionWords } from "./sign-in-words";
import { DeleteDataDialog, UnauthorizeDialog } from "./unauthorize-dialog";
import { SignInNote } from "./welcome";
import { countryName } from "./wording";

interface CountryProps {
  settings: ServerSettings;
  onPick: (code: string | null) => void;
}

function CountryField({ settings, onPick }: CountryProps) {
  const known = useMemo(countries, []);
  const effective = settings.effective_country;
  const automatic = effective === null ? t("countryNone") : t("countryAutomatic", { country: countryName(effective) });
  return (
    <div class="set">
      <div class="grow">
        <label class="t" for="country">
          {t("defaultCountry")}
        </label>
        <div class="d">{t("defaultCountryHint")}</div>
      </div>
      <div class="field field-select">
        <select
          id="country"
          value={settings.default_country ?? ""}
          onChange={(event) => onPick(event.currentTarget.value || null)}
        >
          <option value="">{automatic}</option>
          {known.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
        <Icon name="chevron-down" size={16} />
      </div>
    </div>
  );
}

function ServerSettingsRows({
  settings,
  onChange,
}: {
  settings: ServerSettings;
  onChange: PopupActions["changeSettings"];
}) {
  const [said, setSaid] = useState<ActionProblem | null>(null);
  const change = (what: Parameters<typeof onChange>[0]): void => void onChange(what).then(setSaid);
  return (
    <>
      <div class="set">
        <div class="t" aria-hidden="true">
          {t("automaticSync")}
        </div>
        <Segmented
          name="interval"
          label={t("automaticSync")}
          value={settings.interval_minutes}
          options={[
            { value: 5, words: t("intervalShort", { minutes: 5 }) },
            { value: 20, words: t("intervalShort", { minutes: 20 }) },
          ]}
          onPick={(interval_minutes) => change({ interval_minutes })}
        />
      </div>
      <CountryField settings={settings} onPick={(default_country) => change({ default_country })} />
      {said !== null && (
        <p class="strip strip-bad" role="alert">
          <Icon name="alert" size={16} />
          {t("notSaved", { why: actionWords(said) })}
        </p>
      )}
    </>
  );
}

function DeleteDataRow({ onAsk }: { onAsk: () => void }) {
  return (
    <div class="set">
      <div class="d grow" id="delete-data-hint">
        {t("deleteDataHint")}
      </div>
      <button type="button" class="btn btn-danger btn-sm" aria-describedby="delete-data-hint" onClick={onAsk}>
        {t("deleteData")}
      </button>
    </div>
  );
}

interface QuestionProps {
  asked: Question | null;
  state: PopupState;
  actions: PopupActions;
  onClose: () => void;
}

/** What is asked before anything is deleted. */
function Asked({ asked, state, actions, onClose }: QuestionProps) {
  if (asked === "delete-data") return <DeleteDataDialog onClose={onClose} onDelete={actions.deleteData} />;
  if (asked === null) return null;
  return (
    <UnauthorizeDialog counts={state.sync?.counts ?? null} onClose={onClose} onUnauthorize={actions.unauthorize} />
  );
}

type Question = "unauthorize" | "delete-data";

interface RowsProps {
  state: PopupState;
  actions: PopupActions;
}

/** Every setting, and what is asked before anything is deleted. */
export function SettingsRows({ state, actions }: RowsProps) {
  const [asked, ask] = useState<Question | null>(null);
  const { session, sync, settings } = state;
  const signedIn = session.state === "signedIn";
  const problem = session.state === "signedOut" ? session.problem : null;
  return (
    <>
      <HubSpotRow {...{ session, sync }} onAuthorize={actions.authorize} onUnauthorize={() => ask("unauthorize")} />
      {signedIn && <DeleteDataRow onAsk={() => ask("delete-data")} />}
      {problem !== null && (
        <div class="account">
          <SignInNote problem={problem} onCopy={actions.copy} />
        </div>
      )}
      {signedIn && settings !== null && <ServerSettingsRows settings={settings} onChange={actions.changeSettings} />}
      <CallSettings {...{ state, actions }} />
      {signedIn && <OwnLines {...{ state, actions }} />}
      <ServerField
        server={state.server}
        signedIn={signedIn}
        probe={actions.probeServer}
        onChange={actions.changeServer}
      />
      <PhoneField phone={state.phone} onChange={actions.setPhone} />
      <DiagnosticsRow onCopy={actions.copyDiagnostics} />
      <Asked {...{ asked, state, actions }} onClose={() => ask(null)} />
    </>
  );
}

interface SettingsProps extends RowsProps {
  onBack: () => void;
}

export function Settings({ state, actions, onBack }: SettingsProps) {
  return (
    <Panel label={t("settings")} onBack={onBack}>
      <BackHeader title={t("settings")} label={t("back")} onBack={onBack}>
        <button type="button" class="btn-link" onClick={actions.openOptions}>
          {t("allSettings")}
        </button>
      </BackHeader>
      <div class="fill sec">
        <SettingsRows {...{ state, actions }} />
      </div>
      <footer class="ftr ftr-tall">
        <Icon name="shield" />
        <span>{t("settingsFooter")}</span>
      </footer>
    </Panel>
  );
}
