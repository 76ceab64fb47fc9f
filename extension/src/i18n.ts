/**
 * Every word a person reads comes from `_locales` through `t` and `tn`. The keys and the names of their
 * placeholders are types, so a missing word or a wrong placeholder does not compile.
 * In `messages.json` placeholders are numbered in the alphabetical order of their names; a test holds that.
 */
import { browser } from "wxt/browser";

type Messages = typeof import("../public/_locales/en/messages.json");
type MessageKey = keyof Messages;

export interface Message {
  message: string;
  placeholders?: Record<string, { content: string }>;
}

export type OwnWords = Record<string, Message>;

/** Read from the package by ourselves; null as long as the browser has the words. */
let own: OwnWords | null = null;

type NamesIn<K extends MessageKey> = Messages[K] extends { placeholders: infer P } ? keyof P : never;
type Words = string | number;
type Fill<K extends MessageKey> = [NamesIn<K>] extends [never] ? [] : [fill: Record<NamesIn<K>, Words>];

type PluralKey = { [K in MessageKey]: K extends `${infer Stem}_other` ? Stem : never }[MessageKey];
type OtherForm<K extends PluralKey> = `${K}_other` & MessageKey;
type PluralFill<K extends PluralKey> = [Exclude<NamesIn<OtherForm<K>>, "count">] extends [never]
  ? []
  : [fill: Record<Exclude<NamesIn<OtherForm<K>>, "count">, Words>];

/**
 * Sees to it that there are words, before the first is needed. Chromium, starting on a busy computer, gives an
 * extension none at all now and then, and stays like that as long as it runs (seen in 156; a page of ours is then
 * drawn without a letter): its file is read in that case, or whoever can read it is asked.
 */
export async function readWords(read: () => Promise<OwnWords | null> = wordsOfPackage): Promise<void> {
  if (!hasWords()) own = await read();
}

export function hasWords(): boolean {
  return own !== null || lookUp("wordsLanguage", {}) !== "";
}

/** What a script on somebody else's page cannot read. */
export async function wordsOfPackage(): Promise<OwnWords | null> {
  return (await fileOf(navigator.language.split("-")[0] ?? "")) ?? fileOf("en");
}

async function fileOf(locale: string): Promise<OwnWords | null> {
  const response = await fetch(browser.runtime.getURL(`/_locales/${locale}/messages.json` as never)).catch(() => null);
  if (response?.ok !== true) return null; // most languages have none
  const words: OwnWords = await response.json();
  return words;
}

/** The browser's language where the words are in it, so that "en-GB" has its own dates; else the language of the words. */
export function language(): string {
  const words = t("wordsLanguage");
  const browsers = browser.i18n.getUILanguage();
  return browsers.split("-")[0] === words ? browsers : words;
}

/** "ltr" or "rtl", as the language is written. */
export function direction(): string {
  // A predefined message, which every extension has: developer.chrome.com/docs/extensions/reference/api/i18n
  return browser.i18n.getMessage("@@bidi_dir") || "ltr";
}

function ordered(fill: Record<string, Words>): string[] {
  return Object.keys(fill)
    .toSorted()
    .map((name) => String(fill[name]));
}

function lookUp(key: string, fill: Record<string, Words>): string {
  // WXT types the key by its own list; `MessageKey` is that list already.
  const values = ordered(fill);
  return browser.i18n.getMessage(key as never, values) || filledIn(own?.[key], values);
}

/** As the browser does it: `$NAME$` stands for the placeholder's content, `$1` for the first value. */
export function filledIn(found: Message | undefined, values: readonly string[]): string {
  const content = (name: string): string => found?.placeholders?.[name.toLowerCase()]?.content ?? "";
  return (
    found?.message.replaceAll(/\$(\w+)\$/gu, (_, name: string) => values[Number(content(name).slice(1)) - 1] ?? "") ??
    ""
  );
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
