/** Before every test: an empty browser that speaks the shipped English. */
import { beforeEach, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import messages from "../../public/_locales/en/messages.json";

interface Message {
  message: string;
  placeholders?: Record<string, { content: string }>;
}

/** Chrome's way: `$NAME$` stands for the placeholder's content, `$1` for the first substitution. */
function getMessage(key: string, fill: string[] = []): string {
  const entry = (messages as Record<string, Message | undefined>)[key]; // asked by whatever key there is
  if (entry === undefined) return "";
  const content = (name: string): string => entry.placeholders?.[name.toLowerCase()]?.content ?? "";
  return entry.message.replaceAll(/\$(\w+)\$/gu, (_, name: string) => fill[Number(content(name).slice(1)) - 1] ?? "");
}

beforeEach(() => {
  fakeBrowser.reset();
  Object.assign(fakeBrowser.i18n, { getMessage, getUILanguage: () => "en-US" });
  Object.assign(fakeBrowser.runtime, {
    id: "callbook",
    getURL: (path: string) => `chrome-extension://callbook${path}`,
  });
  Object.assign(fakeBrowser, {
    identity: {
      getRedirectURL: () => "https://callbook.chromiumapp.org/",
      launchWebAuthFlow: vi.fn<(details: { url: string }) => Promise<string | undefined>>(),
    },
    scripting: { executeScript: vi.fn<() => Promise<unknown>>().mockResolvedValue([]) },
  });
});
