/** The popup: the way in, the main screen, and Settings over either. */
import { useState } from "preact/hooks";

import { MainScreen } from "./main-screen";
import type { PopupActions, PopupState } from "./popup-state";
import { Settings } from "./settings";
import { Welcome } from "./welcome";

interface AppProps {
  state: PopupState;
  actions: PopupActions;
}

export function App({ state, actions }: AppProps) {
  const [settings, setSettings] = useState(false);
  const signedIn = state.session.state === "signedIn";
  return (
    <main class="popup">
      {signedIn && (
        <MainScreen state={state} actions={actions} covered={settings} onSettings={() => setSettings(true)} />
      )}
      {!signedIn && !settings && (
        <Welcome
          session={state.session}
          onAuthorize={actions.authorize}
          onSettings={() => setSettings(true)}
          onCopy={actions.copy}
        />
      )}
      {settings && <Settings state={state} actions={actions} onBack={() => setSettings(false)} />}
    </main>
  );
}
