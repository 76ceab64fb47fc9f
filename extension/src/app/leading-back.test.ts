import { expect, test } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { leadsBack } from "./leading-back";

test.each([
  [["http://*/*", "https://*/*"], "https://other.example:8443", true],
  [["http://*/*", "https://*/*"], "http://127.0.0.1:8000", true],
  [["https://callbook.example/*"], "https://callbook.example:8443/base", true],
  [["https://callbook.example/*"], "http://callbook.example", false],
  [["https://callbook.example/*"], "https://other.example", false],
])("pages of %j may lead back, and so %s: %s", (matches, server, may) => {
  Object.assign(fakeBrowser.runtime, { getManifest: () => ({ web_accessible_resources: [{ matches }] }) });
  expect(leadsBack(server)).toBe(may);
});
