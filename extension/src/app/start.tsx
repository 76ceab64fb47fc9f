/** Starts a window of ours in its #app: paint what was known last, then ask, then follow what changes. */
import { render, type ComponentChild } from "preact";

import { direction, language, readWords } from "../i18n";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { Surface, type Place } from "./surface";

export function start(place: Place, view: (state: PopupState, actions: PopupActions) => ComponentChild): void {
  const root = document.getElementById("app");
  if (root === null) throw new Error("The page has no #app");
  void readWords().then(() => {
    document.documentElement.lang = language();
    document.documentElement.dir = direction();
    return new Surface(place, (state, actions) => render(view(state, actions), root)).start();
  });
}
