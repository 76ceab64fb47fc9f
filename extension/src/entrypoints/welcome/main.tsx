/** The first-run page, in a tab. */
import { start } from "../../app/start";
import { FirstRun } from "../../ui/first-run";

start("tab", (state, actions) => <FirstRun state={state} actions={actions} />);
