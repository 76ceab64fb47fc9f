/**
 * Screens that are seldom opened. Their code is loaded when they are first drawn, so that it costs nothing to somebody who
 * only looks up a name: with all of it the popup's script would be larger than it may be.
 */
import { createElement, type FunctionComponent } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let screen: FunctionComponent<P> | null = null;
  return function Later(props) {
    const [, setHere] = useState(screen !== null);
    useLayoutEffect(() => {
      if (screen !== null) return;
      void load().then((loaded) => {
        screen = loaded;
        setHere(true);
      });
    }, []);
    return screen === null ? null : createElement(screen, props);
  };
}

export const ContactForm = later(async () => (await import("./contact-form")).ContactForm);
export const HubSpotSearchPanel = later(async () => (await import("./hubspot-search")).HubSpotSearchPanel);
export const Problems = later(async () => (await import("./problems")).Problems);
export const Settings = later(async () => (await import("./settings")).Settings);
export const SyncDialog = later(async () => (await import("./sync-dialog")).SyncDialog);
