import { expect, test } from "vitest";

import messages from "../public/_locales/en/messages.json";
import { grouped, t, tn } from "./i18n";
import { shippedSources } from "./testing/sources";

interface Message {
  message: string;
  placeholders?: Record<string, { content: string }>;
}

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
