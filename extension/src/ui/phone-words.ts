/** A number in words: whose it is, what can be done with it, and the form of it that is dialled and copied. */
import type { CompanyLine, Phone } from "../contract";
import { t } from "../i18n";

export type Line = Phone | CompanyLine;

interface PhoneWords {
  label: () => string;
  copy: () => string;
  call: () => string;
}

export const PHONE_WORDS: Record<Line["kind"], PhoneWords> = {
  phone: { label: () => t("phoneWork"), copy: () => t("copyWork"), call: () => t("callWork") },
  mobile: { label: () => t("phoneMobile"), copy: () => t("copyMobile"), call: () => t("callMobile") },
  whatsapp: { label: () => t("phoneWhatsApp"), copy: () => t("copyWhatsApp"), call: () => t("callWhatsApp") },
  company: { label: () => t("companyMainLine"), copy: () => t("copyCompany"), call: () => t("callCompany") },
};

/** The form every phone understands, if there is one. */
export function dialled(phone: Line): string {
  return phone.e164 ?? phone.raw;
}
