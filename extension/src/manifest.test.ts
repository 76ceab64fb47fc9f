import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test, vi } from "vitest";

import identity from "../identity.json";
import messages from "../public/_locales/en/messages.json";
import config from "../wxt.config";
import { PAGE_ORIGINS } from "./protocol";
import { codeOf, PROJECT, shippedSources } from "./testing/sources";

const { manifest } = config;
if (typeof manifest !== "object" || "then" in manifest) throw new Error("The manifest is a plain object");

/** Each permission with the call that needs it. */
const NEEDED: Record<string, RegExp> = {
  storage: /browser\.storage\b/u,
  alarms: /browser\.alarms\.create/u,
  identity: /browser\.identity\s*\.launchWebAuthFlow/u,
  notifications: /browser\.notifications\.create/u,
  scripting: /browser\.scripting\s*\.executeScript/u,
  activeTab: /target: \{ tabId \}/u,
  sidePanel: /browser\.sidePanel\.open/u,
};

const code = shippedSources()
  .map(({ text }) => codeOf(text))
  .join("\n");

test("it asks for these permissions and no other", () => {
  expect(manifest.permissions?.toSorted()).toEqual(Object.keys(NEEDED).toSorted());
  expect(manifest).not.toHaveProperty("host_permissions");
  // Asked for by the switch of the caller card, and by nothing else.
  expect(manifest.optional_host_permissions).toEqual(PAGE_ORIGINS);
  expect(code.match(/browser\.permissions\.request/gu)).toHaveLength(1);
  expect(manifest).not.toHaveProperty("content_scripts");
});

test("other pages may lead to one page of ours, and frame none", () => {
  expect(manifest.web_accessible_resources).toEqual([{ resources: ["signed-in.html"], matches: PAGE_ORIGINS }]);
  expect(manifest.content_security_policy).toMatchObject({
    extension_pages: expect.stringMatching(/frame-ancestors 'none'/u) as unknown,
  });
});

test("where the build names the server, only its pages may, and the demo's", async () => {
  vi.stubEnv("CALLBOOK_DEFAULT_SERVER", "https://callbook.example.com:8443/base");
  vi.stubEnv("CALLBOOK_DEMO_SERVER", "https://demo.example.com");
  vi.resetModules();
  const built = (await import("../wxt.config")).default.manifest;
  expect(built).toMatchObject({
    web_accessible_resources: [{ matches: ["https://callbook.example.com/*", "https://demo.example.com/*"] }],
  });
  vi.unstubAllEnvs();
});

describe.each(Object.entries(NEEDED))("%s", (_, call) => {
  test("is really used", () => {
    expect(code).toMatch(call);
  });
});

test("the README tells what each is for", () => {
  const told = readFileSync(join(PROJECT, "..", "README.md"), "utf8").match(
    /(?<=\| Permission .*\n\| -.*\n)(\| .*\n)+/u,
  )?.[0];
  const named = [...(told ?? "").matchAll(/^\| (.*?) \|/gmu)].flatMap(([, cell = ""]) => cell.match(/\w+/gu) ?? []);
  expect(named.toSorted()).toEqual(Object.keys(NEEDED).toSorted());
});

test("the key makes the id", () => {
  const digest = createHash("sha256").update(Buffer.from(identity.key, "base64")).digest("hex").slice(0, 32);
  const id = [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
  expect(identity.id).toBe(id);
  expect(manifest.key).toBe(identity.key);
});

test("its words and pictures exist", () => {
  const named = JSON.stringify(manifest).matchAll(/__MSG_(\w+)__/gu);
  for (const [, key] of named) expect(messages).toHaveProperty(key ?? "");
  for (const icon of Object.values(manifest.icons ?? {}))
    expect(existsSync(join(PROJECT, "public", String(icon)))).toBe(true);
});

test("the description fits the store's 132 characters", () => {
  expect(messages.extensionDescription.message.length).toBeLessThanOrEqual(132);
});

test("light-dark() needs Chrome 123", () => {
  expect(manifest.minimum_chrome_version).toBe("123");
});
