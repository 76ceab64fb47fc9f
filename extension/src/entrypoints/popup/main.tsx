/** The popup's start: paint what was known last, then ask, then follow what changes. */
import { render } from "preact";

import { direction, language } from "../../i18n";
import { App } from "../../ui/app";
import { Popup } from "./popup";

const root = document.getElementById("app");
if (root === null) throw new Error("The popup's page has no #app");
document.documentElement.lang = language();
document.documentElement.dir = direction();

const popup = new Popup((state, actions) => render(<App state={state} actions={actions} />, root));
void popup.start();
