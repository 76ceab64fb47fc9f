/** The project's own files, for the tests that hold them together. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const SOURCE = join(PROJECT, "src");

export interface Source {
  /** From `src`, with slashes. */
  path: string;
  text: string;
}

/** Made by `npm run contract`: types only, nobody's handwriting. */
const GENERATED = "openapi.ts";

/** Every module that is written and ships: neither tests nor what they lean on. */
export function shippedSources(): Source[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter(
      (path) => /\.tsx?$/u.test(path) && !path.includes(".test.") && !path.startsWith("testing/") && path !== GENERATED,
    )
    .map((path) => ({ path, text: readFileSync(join(SOURCE, path), "utf8") }));
}

function sheet(name: string): Source {
  const path = `ui/${name}.css`;
  return { path, text: readFileSync(join(SOURCE, path), "utf8") };
}

/** The sheets that the popup is drawn with. */
export function popupSheets(): Source[] {
  const imported = [...sheet("popup").text.matchAll(/@import "\.\/([\w-]+)\.css"/gu)].map((found) => found[1] ?? "");
  return ["tokens", "base", "parts", ...imported].map(sheet);
}

export function shippedStyles(): Source[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".css"))
    .map((path) => ({ path, text: readFileSync(join(SOURCE, path), "utf8") }));
}

/** What a module imports from this project, from `src`, without ending. */
export function importsOf({ path, text }: Source): string[] {
  const found = text.matchAll(/from "(\.[^"]+)"|import "(\.[^"]+)"/gu);
  return [...found].map((match) =>
    relative(SOURCE, join(SOURCE, dirname(path), match[1] ?? match[2] ?? ""))
      .split(sep)
      .join("/"),
  );
}

/** A text without its comments and strings, so that a word in a sentence is not taken for code. */
export function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'])\/\/.*$/gmu, "");
}
