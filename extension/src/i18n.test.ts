import { describe, expect, test, vi } from "vitest";

import messages from "../public/_locales/en/messages.json";
import { grouped, language, readWords, t, tn, type Message } from "./i18n";
import { shippedSources } from "./testing/sources";
import { CLOSE, LANGUAGES, OPEN, pseudoLocale, speak } from "./testing/words";
import { clock, dayName, percent } from "./ui/wording";
import { NOW, run } from "./testing/samples";

const all = Object.entries<Message>(messages);
const PLURAL = /_(one|other|two|few|many|zero)$/u;

function usedKeys(): Set<string> {
  const used = new Set<string>(["extensionName", "extensionDescription"]); // the manifest's
  for (const { text } of shippedSources()) {
    for (const [, kind, key] of text.matchAll(/\b(tn?)\(\s*"(\w+)"/gu))
      used.add(kind === "tn" ? `${key}_other` : `${key}`);
  }
  return used;
}

test("every key that is used is there", () => {
  const there = new Set(all.map(([key]) => key));
  expect([...usedKeys()].filter((key) => !there.has(key))).toEqual([]);
});

test("every key that is there is used", () => {
  const used = usedKeys();
  const unused = all.map(([key]) => key.replace(PLURAL, "_other")).filter((key) => !used.has(key));
  expect(unused).toEqual([]);
});

test.each(all)("%s names its placeholders, numbered by alphabet", (_, { message, placeholders }) => {
  const named = [...new Set([...message.matchAll(/\$(\w+)\$/gu)].map((match) => match[1]?.toLowerCase()))];
  const declared = Object.keys(placeholders ?? {});
  expect(new Set(declared)).toEqual(new Set(named));
  expect(declared.toSorted().map((name) => placeholders?.[name]?.content)).toEqual(
    declared.map((__, place) => `$${place + 1}`),
  );
});

test("a plural has the forms English needs, with a count", () => {
  const stems = all.filter(([key]) => key.endsWith("_other")).map(([key]) => key.replace("_other", ""));
  for (const stem of stems) expect(messages).toHaveProperty(`${stem}_one`);
  expect(stems.length).toBeGreaterThan(5);
});

test("words are filled in by name", () => {
  expect(t("recentDetail", { moment: "14:12" })).toBe("Changed since 14:12. Takes seconds.");
  expect(t("searchedAs", { number: "+1 929 555 0164", count: "98,431" })).toBe(
    "Searched 98,431 contacts as +1 929 555 0164.",
  );
});

test("a count picks its form and is grouped", () => {
  expect(tn("callCount", 1)).toBe("1 call");
  expect(tn("callCount", 12_000)).toBe("12,000 calls");
  expect(grouped(98_412)).toBe("98,412");
});

/** The same in both languages, because it is a name, a figure or a sign. */
const ALIKE = new Set([
  "extensionName",
  "hubSpot",
  "inHubSpot",
  "inCallbook",
  "dayAndTime",
  "spanSeconds",
  "phoneWhatsApp",
  "details",
  "name",
]);

describe("German", () => {
  const german = LANGUAGES.de;

  test("says everything that English says, and nothing else", () => {
    expect(Object.keys(german).toSorted()).toEqual(Object.keys(messages).toSorted());
  });

  test.each(all)("%s has the same placeholders", (key, { placeholders }) => {
    expect(german[key]?.placeholders ?? {}).toEqual(placeholders ?? {});
    const named = new Set(
      [...(german[key]?.message ?? "").matchAll(/\$(\w+)\$/gu)].map((match) => match[1]?.toLowerCase()),
    );
    expect(named).toEqual(new Set(Object.keys(placeholders ?? {})));
  });

  test("is not English by accident", () => {
    const alike = all.filter(([key, { message }]) => german[key]?.message === message).map(([key]) => key);
    expect(alike.filter((key) => !ALIKE.has(key))).toEqual([]);
  });

  test("has words of its own for counts, dates and shares", () => {
    speak(german, "de");
    expect(tn("callCount", 1)).toBe("1 Anruf");
    expect(tn("callCount", 12_000)).toBe("12.000 Anrufe");
    expect(dayName("2026-11-19T14:00:00.000Z", NOW)).toBe("Do., 19. Nov.");
    expect(clock(new Date(2026, 10, 21, 9, 14).toISOString())).toBe("09:14"); // as wide as any other
    expect(percent(run())).toBe("41\u00A0%");
  });
});

test.each([
  ["en-GB", "en", "en-GB"],
  ["de-AT", "de", "de-AT"],
  ["fr", "en", "en"],
] as const)("a browser in %s that speaks our %s is written as %s", (browsers, ours, written) => {
  speak(LANGUAGES[ours], browsers);
  expect(language()).toBe(written);
});

test("the made-up language is longer, marked, and keeps its placeholders", () => {
  const made = pseudoLocale();
  for (const [key, { message }] of all) {
    if (key === "wordsLanguage") continue;
    const told = made[key]?.message ?? "";
    expect(told.startsWith(OPEN) && told.endsWith(CLOSE)).toBe(true);
    expect(told.length).toBeGreaterThan(message.length);
    expect(told.match(/\$\w+\$/gu) ?? []).toEqual(message.match(/\$\w+\$/gu) ?? []);
  }
});

test("a browser that has no words leads to the package's own", async () => {
  vi.resetModules();
  const i18n = await import("./i18n");
  speak({}, "en");
  const read = vi.fn(async (file: string) => {
    const words = LANGUAGES[file.includes("/en/") ? "en" : "de"];
    return Promise.resolve(new Response(JSON.stringify(words), { status: file.includes("/de/") ? 404 : 200 }));
  });
  vi.stubGlobal("fetch", read);
  vi.stubGlobal("navigator", { language: "de-CH" });
  await i18n.readWords();
  await i18n.readWords();
  expect(read.mock.calls.map(([file]) => file.split("/_locales/")[1])).toEqual([
    "de/messages.json",
    "en/messages.json",
  ]);
  expect(i18n.t("searchedAs", { number: "12", count: "3" })).toBe("Searched 3 contacts as 12.");
  expect(i18n.tn("callCount", 12_000)).toBe("12,000 calls");
  expect(i18n.language()).toBe("en");
  vi.unstubAllGlobals();
});

test("a browser that has them is believed", async () => {
  const read = vi.fn();
  vi.stubGlobal("fetch", read);
  await readWords();
  expect(read).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});
