/** The phone window with sample facts, in all it may have to say. */
import type { ComponentChild } from "preact";

import { Phone, type PhoneActions, type PhoneView } from "../ui/phone";
import { biancasPhone } from "./samples";

const ADDRESS = "https://phone.example/app.html";
/** Words on these screens that are nobody's to translate. */
export const PHONE_FACTS: readonly string[] = [ADDRESS, "phone.example"];

const nothing = (): void => undefined;

const idlePhone: PhoneActions = {
  framed: nothing,
  loaded: nothing,
  tryAgain: nothing,
  showOther: nothing,
  dismiss: nothing,
  keepAuthorized: nothing,
  unauthorize: () => Promise.resolve(null),
};

function phone(change: Partial<PhoneView>): ComponentChild {
  const frame = { url: ADDRESS, number: 1 };
  const view = { frame, trouble: null, notice: null, asking: false, counts: null, ...change };
  return <Phone view={view} actions={idlePhone} />;
}

export const PHONE: Record<string, () => ComponentChild> = {
  phone: () => phone({}),
  "phone, loading": () => phone({ trouble: "waiting" }),
  "phone, silent": () => phone({ trouble: "silent" }),
  "phone, in another window": () => phone({ frame: null, trouble: "elsewhere" }),
  "phone, no address": () => phone({ frame: null, trouble: "no_address" }),
  "phone, not signed in": () => phone({ notice: { kind: "signed_out", number: biancasPhone.display } }),
  "phone, not ready": () => phone({ notice: { kind: "not_ready", number: biancasPhone.display } }),
  "phone, no record": () => phone({ notice: { kind: "not_in_hubspot" } }),
  "phone, record not opened": () => phone({ notice: { kind: "not_opened" } }),
  "phone, unauthorize?": () => phone({ asking: true }),
};
