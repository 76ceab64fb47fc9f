/** The phone's address and client id, and what RingCentral's widget keeps. */
import { useEffect, useState } from "preact/hooks";

import { t } from "../i18n";
import type { PhoneSettings } from "../protocol";
import { phoneAddress } from "./phone-address";

interface InputProps {
  id: string;
  label: string;
  value: string;
  wrong?: boolean;
  onType: (text: string) => void;
}

function Input({ id, label, value, wrong, onType }: InputProps) {
  return (
    <div class="input">
      <label for={id}>{label}</label>
      <div class={wrong === true ? "field is-wrong" : "field"}>
        <input
          id={id}
          autocomplete="off"
          spellcheck={false}
          value={value}
          aria-invalid={wrong === true}
          aria-describedby={wrong === true ? `${id}-wrong` : undefined}
          onInput={(event) => onType(event.currentTarget.value)}
        />
      </div>
      {wrong === true && (
        <p class="wrong" id={`${id}-wrong`}>
          {t("notAnAddress")}
        </p>
      )}
    </div>
  );
}

interface PhoneFieldProps {
  phone: PhoneSettings;
  onChange: (phone: PhoneSettings) => void;
}

export function PhoneField({ phone, onChange }: PhoneFieldProps) {
  const [typed, setTyped] = useState(phone);
  useEffect(() => setTyped(phone), [phone.address, phone.clientId]);
  const address = typed.address.trim() === "" ? "" : phoneAddress(typed.address);
  const clientId = typed.clientId.trim();
  const changed = typed.address.trim() !== phone.address || clientId !== phone.clientId;
  return (
    <form
      class="server phone-settings"
      aria-label={t("phoneSettings")}
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && address !== null) onChange({ address, clientId });
      }}
    >
      <Input
        id="phone-address"
        label={t("phoneAddress")}
        value={typed.address}
        wrong={address === null}
        onType={(text) => setTyped({ ...typed, address: text })}
      />
      <Input
        id="phone-client-id"
        label={t("phoneClientId")}
        value={typed.clientId}
        onType={(text) => setTyped({ ...typed, clientId: text })}
      />
      <p class="d">{t("phonePrivacy")}</p>
      {changed && (
        <div class="acts">
          <span class="grow" />
          <button type="button" class="btn btn-second btn-sm" onClick={() => setTyped(phone)}>
            {t("cancel")}
          </button>
          <button type="submit" class="btn btn-primary btn-sm" disabled={address === null}>
            {t("save")}
          </button>
        </div>
      )}
    </form>
  );
}
