/** A document without a browser, to draw screens into and read what a person would. */
import { parseHTML } from "linkedom";
import { render, type ComponentChild } from "preact";
import { vi } from "vitest";

const SPOKEN = ["aria-label", "aria-valuetext", "aria-description", "title", "placeholder", "alt"];

const nothing = (): void => undefined;

/** Nothing here has a size that could change. */
class NoSizes {
  readonly observe = nothing;
  readonly disconnect = nothing;
}

/** Draws it, with `document` in place until `vi.unstubAllGlobals`. */
export function drawn(screen: ComponentChild): Element {
  const { document, HTMLElement, Node } = parseHTML("<!doctype html><html><body></body></html>");
  vi.stubGlobal("document", document);
  vi.stubGlobal("HTMLElement", HTMLElement);
  vi.stubGlobal("Node", Node);
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 0));
  vi.stubGlobal("ResizeObserver", NoSizes);
  // linkedom has no dialogs and measures nothing.
  Object.assign(HTMLElement.prototype, { showModal: nothing, close: nothing, scrollTo: nothing, clientHeight: 400 });
  render(screen, document.body);
  return document.body;
}

/** Every text and every spoken attribute in it, each on its own. */
export function wordsIn(element: Element): string[] {
  const spoken = SPOKEN.map((name) => element.getAttribute(name)).filter((words) => words !== null);
  const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent ?? "");
  return [...spoken, own.join(""), ...[...element.children].flatMap(wordsIn)];
}
