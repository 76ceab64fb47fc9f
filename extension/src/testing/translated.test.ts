/** Every screen in a language that is longer than English and marked: what is not marked is not translated. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { direction } from "../i18n";
import { drawn, wordsIn } from "./page";
import { biancasPhone, NOW } from "./samples";
import { SAMPLE_FACTS, SCREENS } from "./screens";
import { CLOSE, OPEN, pseudoLocale, speak } from "./words";

/** Names, and the keys of a keyboard. */
const NAMES = ["Callbook", "HubSpot", "https://callbook.brightmoor.example"];
const MARKED = new RegExp(`${OPEN}[^${OPEN}${CLOSE}]*${CLOSE}`, "gu");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  speak(pseudoLocale(), "ar", "rtl");
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Without its marked parts, one within another as they may be. */
function unmarked(words: string): string {
  const less = words.replaceAll(MARKED, "");
  return less === words ? less : unmarked(less);
}

/** Words in Latin letters that came from nowhere. The made-up language's dates and figures are Arabic. */
function untranslated(words: string): string {
  const known = [...SAMPLE_FACTS, ...NAMES].reduce((left, fact) => left.replaceAll(fact, ""), words);
  return (
    unmarked(known)
      .match(/\p{Script=Latin}{3,}/gu)
      ?.join(" ") ?? ""
  );
}

/** Phone numbers in it that the direction of the words around them would turn round. */
function exposedNumbers(element: Element): string[] {
  if (element.matches("bdi, .tel, [dir=auto]")) return [];
  const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent ?? "");
  const numbers = own.filter((words) => /^[+(]?\d[\d\s()-]{6,}$/u.test(words.trim()));
  return [...numbers, ...[...element.children].flatMap(exposedNumbers)];
}

describe.each(Object.entries(SCREENS))("%s", (_, screen) => {
  test("is drawn, and every word of it is translated", () => {
    const words = wordsIn(drawn(screen()));
    expect(words.some((one) => one.includes(OPEN))).toBe(true);
    expect(words.map(untranslated).filter((left) => left !== "")).toEqual([]);
  });

  test("a number in it is read from left to right", () => {
    expect(exposedNumbers(drawn(screen()))).toEqual([]);
  });
});

test("there are screens with numbers", () => {
  expect(drawn(SCREENS.contacts?.()).textContent).toContain(biancasPhone.display);
});

test("the made-up language is written from right to left", () => {
  expect(direction()).toBe("rtl");
});
