/** The options page, in a tab. */
import { start } from "../../app/start";
import { Options } from "../../ui/options";

start("tab", (state, actions) => <Options state={state} actions={actions} />);
