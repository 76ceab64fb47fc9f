/** Injected into the page the popup was opened over, and only there. A second injection does nothing. */
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";

import { HOST, PageOverlay } from "./page-overlay";

export default defineUnlistedScript(() => {
  if (window.callbookOverlay?.isAlive() === true) return;
  // What an extension before an update left behind.
  for (const orphan of document.querySelectorAll(HOST)) orphan.remove();
  window.callbookOverlay = new PageOverlay();
});
