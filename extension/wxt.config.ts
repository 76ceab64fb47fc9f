/** The build: what the manifest says, and nothing that the manifest does not need. */
import { mergeConfig, type Rolldown, type UserConfig } from "vite";
import { defineConfig } from "wxt";

import identity from "./identity.json" with { type: "json" };

const NAMED_SERVER = process.env.CALLBOOK_DEFAULT_SERVER;
const DEFAULT_SERVER = NAMED_SERVER ?? "http://127.0.0.1:8000";
/** A server that stands before a made-up account; null is none. */
const DEMO_SERVER = process.env.CALLBOOK_DEMO_SERVER ?? null;

/** Whose pages may lead to ours: those of the servers that are known, or, where the person has yet to name theirs, any. */
function leadingBack(): string[] {
  if (NAMED_SERVER === undefined) return ["http://*/*", "https://*/*"];
  return [NAMED_SERVER, DEMO_SERVER]
    .filter((server) => server !== null)
    .map((server) => new URL(server))
    .map(({ protocol, hostname }) => `${protocol}//${hostname}/*`);
}

const POPUP = /\/entrypoints\/popup\/main\.tsx$/u;

/** Whether the popup needs the module before it is drawn: a chain of imports that are not put off leads to it. */
function isNeededByPopup(moduleId: string, context: Rolldown.ChunkingContext): boolean {
  const chain = [moduleId];
  for (const id of chain) {
    if (POPUP.test(id)) return id !== moduleId;
    chain.push(...(context.getModuleInfo(id)?.importers ?? []).filter((one) => !chain.includes(one)));
  }
  return false;
}

/** All of that in one file, which other windows read, too: as five that are shared by fewer it took the popup 10 ms more. */
const ONE_FILE: UserConfig = {
  build: {
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: (id, context) => (isNeededByPopup(id, context) ? "window" : null), debugName: "window" }],
        },
      },
    },
  },
};

export default defineConfig({
  srcDir: "src",
  imports: false,
  manifestVersion: 3,
  manifest: {
    name: "__MSG_extensionName__",
    short_name: "Callbook",
    description: "__MSG_extensionDescription__",
    default_locale: "en",
    minimum_chrome_version: "123",
    key: identity.key,
    permissions: ["storage", "alarms", "identity", "notifications", "scripting", "activeTab", "sidePanel"],
    optional_host_permissions: ["http://*/*", "https://*/*"],
    // Where a sign-in in a tab comes back to. Framed by nobody: what lies over a button of ours could steal its click.
    web_accessible_resources: [{ resources: ["signed-in.html"], matches: leadingBack() }],
    content_security_policy: { extension_pages: "script-src 'self'; object-src 'self'; frame-ancestors 'none'" },
    icons: { 16: "icon/16.png", 32: "icon/32.png", 48: "icon/48.png", 128: "icon/128.png" },
    action: {
      default_title: "__MSG_extensionName__",
      default_icon: { 16: "icon/16.png", 32: "icon/32.png", 48: "icon/48.png" },
    },
    commands: {
      _execute_action: { suggested_key: { default: "Alt+Shift+C" } },
      "open-side-panel": { suggested_key: { default: "Alt+Shift+P" }, description: "__MSG_openSidePanel__" },
    },
  },
  vite: () => ({
    define: { __DEFAULT_SERVER__: JSON.stringify(DEFAULT_SERVER), __DEMO_SERVER__: JSON.stringify(DEMO_SERVER) },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    // Every Chrome from minimum_chrome_version on knows modulepreload.
    build: { sourcemap: false, modulePreload: { polyfill: false } },
  }),
  hooks: {
    "vite:build:extendConfig": (entrypoints, config) => {
      if (entrypoints.some(({ name }) => name === "popup")) Object.assign(config, mergeConfig(config, ONE_FILE));
    },
  },
});
