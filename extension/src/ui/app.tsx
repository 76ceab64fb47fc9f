/** The popup: the way in, the main screen, and Settings over either. */
import { useState } from "preact/hooks";

import { Settings } from "./later";
import { MainScreen } from "./main-screen";
import { useReturn } from "./panel";
import type { PopupActions, PopupState } from "./popup-state";
import { RestartStrip } from "./restart";
import { Welcome } from "./welcome";

interface AppProps {
  state: PopupState;
  actions: PopupActions;
}

export function App({ state, actions }: AppProps) {
  const [settings, setSettings] = useState(false);
  const { leave, comeBack } = useReturn(() => null);
  const openSettings = (): void => {
    leave();
    setSettings(true);
  };
  const closeSettings = (): void => {
    setSettings(false);
    comeBack();
  };
  const signedIn = state.session.state === "signedIn";
  return (
    <main class="popup">
      {signedIn && <MainScreen state={state} actions={actions} covered={settings} onSettings={openSettings} />}
      {!signedIn && !settings && state.restart !== null && (
        <RestartStrip why={state.restart} onRestart={actions.restart} />
      )}
      {!signedIn && !settings && (
        <Welcome
          session={state.session}
          onAuthorize={actions.authorize}
          onDemo={actions.authorizeDemo}
          onTab={actions.authorizeInTab}
          onPanel={actions.openPanel}
          onSettings={openSettings}
          onCopy={actions.copy}
        />
      )}
      {settings && <Settings state={state} actions={actions} onBack={closeSettings} />}
    </main>
  );
}
