/** Injected when a call rings into the page that the rep looks at, where the rep allows it. A second injection does nothing. */
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";

import { HOST, PageCard } from "./page-card";

export default defineUnlistedScript(() => {
  if (window.callbookCard?.isAlive() === true) return;
  // What an extension before an update left behind.
  for (const orphan of document.querySelectorAll(HOST)) orphan.remove();
  window.callbookCard = new PageCard();
});
