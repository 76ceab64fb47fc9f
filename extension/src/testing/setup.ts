/** Before every test: an empty browser that speaks the shipped English. */
import { beforeEach, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { LANGUAGES, speak } from "./words";

beforeEach(() => {
  fakeBrowser.reset();
  speak(LANGUAGES.en, "en-US");
  Object.assign(fakeBrowser.runtime, {
    id: "callbook",
    getManifest: () => ({ web_accessible_resources: [{ matches: ["http://*/*", "https://*/*"] }] }),
    getURL: (path: string) => `chrome-extension://callbook${path}`,
  });
  Object.assign(fakeBrowser, {
    identity: {
      getRedirectURL: () => "https://callbook.chromiumapp.org/",
      launchWebAuthFlow: vi.fn<(details: { url: string }) => Promise<string | undefined>>(),
    },
    permissions: {
      contains: () => Promise.resolve(false),
      onAdded: { addListener: vi.fn() },
      onRemoved: { addListener: vi.fn() },
    },
    scripting: { executeScript: vi.fn<() => Promise<unknown>>().mockResolvedValue([]) },
  });
});
