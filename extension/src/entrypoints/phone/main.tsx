/** The phone window's start. */
import { render } from "preact";

import { direction, language, readWords, t } from "../../i18n";
import { Phone } from "../../ui/phone";
import { PhonePage } from "./phone-page";

const root = document.getElementById("app");
if (root === null) throw new Error("The phone's page has no #app");

const page = new PhonePage((view, actions) => render(<Phone view={view} actions={actions} />, root));
window.addEventListener("message", (event) => page.heard(event));
void readWords().then(() => {
  document.documentElement.lang = language();
  document.documentElement.dir = direction();
  document.title = t("phoneTitle");
  page.start();
});
