/** The page a sign-in in a tab comes back to. The only one of ours that other pages may lead to. */
import { start } from "../../app/start";
import { SignedIn } from "../../ui/signed-in";

const answer = location.hash.slice(1) || null;
history.replaceState(null, "", location.pathname); // it is good for once

start("tab", (state, actions) => <SignedIn {...{ state, actions, answer }} />);
