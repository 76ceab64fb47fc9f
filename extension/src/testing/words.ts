/** Words for tests: the shipped languages read as Chrome reads them, and a made-up one that shows what is not translated. */
import { fakeBrowser } from "wxt/testing/fake-browser";

import de from "../../public/_locales/de/messages.json";
import en from "../../public/_locales/en/messages.json";
import { filledIn, type Message } from "../i18n";

type Messages = Record<string, Message>;

export const LANGUAGES: Record<"en" | "de", Messages> = { en, de };

/** Around every message of the made-up language. */
export const OPEN = "⟦";
export const CLOSE = "⟧";
const ACCENTED: Record<string, string> = { a: "á", e: "ë", i: "ï", o: "ø", u: "ü", n: "ñ", c: "ç", s: "š" };
const RIGHT_TO_LEFT_MARK = "\u200F";

/** Half as long again, right to left, letters that no font leaves out; placeholders as they are. */
function stretched(message: string): string {
  const parts = message.split(/(\$\w+\$)/u);
  const accented = parts.map((part, place) =>
    place % 2 === 1 ? part : part.replaceAll(/[a-z]/gu, (letter) => ACCENTED[letter] ?? letter),
  );
  const longer = " ~".repeat(Math.ceil(message.length / 4));
  return `${OPEN}${RIGHT_TO_LEFT_MARK}${accented.join("")}${longer}${RIGHT_TO_LEFT_MARK}${CLOSE}`;
}

/** English, as if translated. The tag stays a real one: `Intl` is asked for it. */
export function pseudoLocale(): Messages {
  const told = Object.entries<Message>(en).map(([key, entry]) => [
    key,
    key === "wordsLanguage" ? { message: "ar" } : { ...entry, message: stretched(entry.message) },
  ]);
  return Object.fromEntries(told) as Messages; // every entry is one of English's
}

/** From here on the browser speaks it. */
export function speak(messages: Messages, uiLanguage: string, direction: "ltr" | "rtl" = "ltr"): void {
  Object.assign(fakeBrowser.i18n, {
    getMessage: (key: string, fill: string[] = []) =>
      key === "@@bidi_dir" ? direction : filledIn(messages[key], fill),
    getUILanguage: () => uiLanguage,
  });
}
