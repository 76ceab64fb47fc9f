/**
 * Every word a person reads comes from `_locales` through `t` and `tn`. The keys and the names of their
 * placeholders are types, so a missing word or a wrong placeholder does not compile.
 * In `messages.json` placeholders are numbered in the alphabetical order of their names; a test holds that.
 */
import { browser } from "wxt/browser";

type Messages = typeof import("../public/_locales/en/messages.json");
export type MessageKey = keyof Messages;

type NamesIn<K extends MessageKey> = Messages[K] extends { placeholders: infer P } ? keyof P : never;
export type Words = string | number;
type Fill<K extends MessageKey> = [NamesIn<K>] extends [never] ? [] : [fill: Record<NamesIn<K>, Words>];

type PluralKey = { [K in MessageKey]: K extends `${infer Stem}_other` ? Stem : never }[MessageKey];
type OtherForm<K extends PluralKey> = `${K}_other` & MessageKey;
type PluralFill<K extends PluralKey> = [Exclude<NamesIn<OtherForm<K>>, "count">] extends [never]
  ? []
  : [fill: Record<Exclude<NamesIn<OtherForm<K>>, "count">, Words>];

export function language(): string {
  return browser.i18n.getUILanguage();
}

/** "ltr" or "rtl", as the language is written. */
export function direction(): string {
  // A predefined message, which every extension has: developer.chrome.com/docs/extensions/reference/api/i18n
  return browser.i18n.getMessage("@@bidi_dir");
}

function ordered(fill: Record<string, Words>): string[] {
  return Object.keys(fill)
    .toSorted()
    .map((name) => String(fill[name]));
}

function lookUp(key: string, fill: Record<string, Words>): string {
  // WXT types the key by its own list; `MessageKey` is that list already.
  return browser.i18n.getMessage(key as never, ordered(fill));
}

/** The message in the person's language. */
export function t<K extends MessageKey>(key: K, ...fill: Fill<K>): string {
  return lookUp(key, fill[0] ?? {});
}

/** The message in the form that goes with `count`; `$COUNT$` is filled in, grouped. */
export function tn<K extends PluralKey>(key: K, count: number, ...fill: PluralFill<K>): string {
  const form = new Intl.PluralRules(language()).select(count);
  const all = { ...fill[0], count: grouped(count) };
  return lookUp(`${key}_${form}`, all) || lookUp(`${key}_other`, all);
}

/** 98412 as "98,412". */
export function grouped(count: number): string {
  return new Intl.NumberFormat(language()).format(count);
}
