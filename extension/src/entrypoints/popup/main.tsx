/** The popup. */
import { start } from "../../app/start";
import { App } from "../../ui/app";

start("popup", (state, actions) => <App state={state} actions={actions} />);
