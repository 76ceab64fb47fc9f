/** The side panel: the same as the popup, as wide as it is drawn. */
import { start } from "../../app/start";
import { App } from "../../ui/app";

start("panel", (state, actions) => <App state={state} actions={actions} />);
