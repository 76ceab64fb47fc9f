import { describe, expect, test } from "vitest";

import { codeOf, importsOf, popupSheets, shippedSources, shippedStyles, type Source } from "./testing/sources";

/** A module may import from its own floor's list and from below; `ui` and the rooms beside it do not know each other. */
const FLOORS: readonly (readonly RegExp[])[] = [
  [/^entrypoints\//u],
  [/^app\//u],
  [/^ui\//u],
  [/^session$/u, /^push$/u, /^page$/u, /^badge$/u, /^caller-card$/u, /^phone-bridge$/u, /^updates$/u, /^run-notices$/u],
  [
    /^calls$/u,
    /^runs$/u,
    /^contact-list$/u,
    /^call-list$/u,
    /^hubspot-search$/u,
    /^line-list$/u,
    /^call-reports$/u,
    /^phone-(contacts|names|window)$/u,
  ],
  [/^call-notifications$/u],
  [/^call-memory$/u],
  [/^api$/u],
  [/^storage$/u, /^windows$/u],
  [/^call-words$/u, /^call-facts$/u, /^run-facts$/u, /^run-words$/u, /^diagnostics$/u, /^phone-(calls|dialling)$/u],
  [/^protocol$/u, /^phone-messages$/u, /^i18n$/u, /^turns$/u],
  [/^errors$/u],
  [/^contract$/u],
  [/^openapi$/u],
];

/** What `ui` may know beside itself: it draws what it is given. */
const KNOWN_TO_UI = [
  "contract",
  "errors",
  "protocol",
  "i18n",
  "call-words",
  "call-facts",
  "run-facts",
  "run-words",
  "contact-list",
  "call-list",
  "hubspot-search",
  "line-list",
];

const sources = shippedSources();

function moduleName(path: string): string {
  return path.replace(/\.tsx?$/u, "");
}

function floorOf(module: string): number {
  const floor = FLOORS.findIndex((rooms) => rooms.some((room) => room.test(module)));
  expect(floor, `${module} has no floor`).toBeGreaterThanOrEqual(0);
  return floor;
}

const own = (source: Source): string[] => importsOf(source).filter((one) => !/\.css|_locales/u.test(one));

describe.each(sources.map((source) => [source.path, source] as const))("%s", (path, source) => {
  const module = moduleName(path);

  test("imports from below only", () => {
    const inUi = module.startsWith("ui/");
    for (const other of own(source)) {
      const sameRoom = module.split("/")[0] === other.split("/")[0] && module.includes("/");
      if (!sameRoom) expect(floorOf(other), `${module} -> ${other}`).toBeGreaterThan(floorOf(module));
      if (inUi && !sameRoom) expect(KNOWN_TO_UI).toContain(other);
    }
  });

  test("begins by saying what it is for", () => {
    expect(source.text).toMatch(/^\/\*\*/u);
  });

  test("is one deep module, not a heap", () => {
    expect(source.text.split("\n").length).toBeLessThan(300);
    expect(path).not.toMatch(/util|helper|common|base|manager/iu);
  });

  test("has no any, and no assertion without its reason on the line", () => {
    expect(codeOf(source.text)).not.toMatch(/: any\b|as any\b/u);
    const asserted = source.text
      .split("\n")
      .filter(
        (line, place, lines) =>
          / as (?!const\b)[A-Z{]\w*/u.test(codeOf(line)) &&
          !/^\s*(import|export)|\*/u.test(line) &&
          !`${lines[place - 1] ?? ""}${line}`.includes("//"),
      );
    expect(asserted).toEqual([]);
  });
});

test("ui draws what it is given: it never calls the browser's extension API", () => {
  const drawing = sources.filter(({ path }) => path.startsWith("ui/"));
  expect(drawing.length).toBeGreaterThan(20);
  const calling = drawing.filter(({ text }) => /\b(browser|chrome)\.|wxt\//u.test(codeOf(text)));
  expect(calling.map(({ path }) => path)).toEqual([]);
});

test("only the worker's floor has listeners, all in one list", () => {
  const listening = sources.filter(({ text }) => /browser\.\w+(\.\w+)?\.addListener/u.test(codeOf(text)));
  expect(listening.map(({ path }) => path).toSorted()).toEqual([
    "entrypoints/background.ts",
    "entrypoints/card/page-card.tsx",
    "entrypoints/overlay/page-overlay.tsx",
    "storage.ts",
  ]);
});

test("how a part looks is written in one sheet: of two, the later would win everywhere", () => {
  const writtenIn = new Map<string, Set<string>>();
  for (const { path, text } of popupSheets()) {
    for (const [rule] of codeOf(text).matchAll(/^[.][\w-]+(?=[^{}]*\{)(?=,|\s*\{)/gmu)) {
      writtenIn.set(rule, (writtenIn.get(rule) ?? new Set()).add(path));
    }
  }
  expect(writtenIn.size).toBeGreaterThan(100);
  expect([...writtenIn].filter(([, paths]) => paths.size > 1).map(([rule]) => rule)).toEqual([]);
});

test("no style depends on the popup's width by a media query: each of its layouts tries several", () => {
  const wide = "(min-width: 560px)"; // the side panel's, which no popup is ever as wide as
  const asked = shippedStyles().flatMap(({ path, text }) =>
    [...codeOf(text).matchAll(/@media[^{]*\b(?:min-|max-)?width\b[^{]*/gu)].map(([query]) => `${path} ${query}`),
  );
  expect(asked.filter((query) => !query.includes(wide))).toEqual([]);
  expect(asked).not.toEqual([]);
});

test("one door to the server", () => {
  const fetching = sources.filter(({ text }) => /\bfetch\(/u.test(codeOf(text)));
  expect(fetching.map(({ path }) => path)).toEqual(["api.ts", "i18n.ts"]); // the latter a file of the package
});
