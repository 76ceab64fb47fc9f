/** Whether a sign-in in a tab could come back from a server: the manifest says whose pages may lead to ours. */
import { browser } from "wxt/browser";

export function leadsBack(server: string): boolean {
  const accessible = browser.runtime.getManifest().web_accessible_resources ?? [];
  const patterns = accessible.flatMap((one) => (typeof one === "string" ? [] : (one.matches ?? [])));
  const { protocol, hostname } = new URL(server);
  return [`${protocol}//*/*`, `${protocol}//${hostname}/*`].some((pattern) => patterns.includes(pattern));
}
