/**
 * Words about a person that may stand over somebody else's page. `window.find` lets a page guess at them, in a closed
 * shadow root as well, but finds nothing that a style sheet writes.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

export const OverPage = createContext(false);

export function Told({ children: words }: { children: string }) {
  return useContext(OverPage) ? <span class="told" data-words={words} /> : <>{words}</>;
}
