/**
 * An element of ours on somebody else's page. What is in its closed root is styled by us alone; keys that are pressed in
 * it are heard by no listener of the page but those that its window had before, and do what they do even if one of
 * those forbids it. A page may take the element away: it comes back, and gives up where that happens again and again.
 */
import { browser } from "wxt/browser";

import { direction, hasWords, language, readWords, type OwnWords } from "../i18n";
import type { WordsMessage } from "../protocol";

const KEYS = ["keydown", "keyup", "keypress"] as const;
const PRESSING: readonly string[] = ["Enter", " "];
/** A page that removes it so often does not want it. */
const MOST_TIMES = 4;

/** After an update the old script's `runtime` is cut off. */
export function isConnected(): boolean {
  return browser.runtime?.id !== undefined;
}

/** Null where it gives no answer: it is asked again with the next drawing. */
async function wordsOfWorker(): Promise<OwnWords | null> {
  const message: WordsMessage = { type: "words-ask" };
  try {
    const words: OwnWords | null | undefined = await browser.runtime.sendMessage(message);
    return words ?? null;
  } catch {
    return null;
  }
}

export class PageHost {
  /** What is to be drawn into. */
  readonly root = document.createElement("div");
  /** How often it was put on the page. */
  times = 0;
  private readonly element: HTMLElement;
  private readonly shadow: ShadowRoot;

  /** `takes` is asked of every key that goes down, wherever: what it takes nobody else hears of. */
  constructor(
    name: string,
    styles: readonly string[],
    private readonly takes: (event: KeyboardEvent) => boolean,
  ) {
    this.element = document.createElement(name);
    this.shadow = this.element.attachShadow({ mode: "closed" });
    const style = document.createElement("style");
    style.textContent = styles.join("\n");
    this.root.className = "callbook";
    this.shadow.append(style, this.root);
    for (const key of KEYS) window.addEventListener(key, this.hear, true);
  }

  /** Sees to it that it is on the page; false where the page does not let it. */
  stand(): boolean {
    if (this.element.isConnected) return true;
    this.times += 1;
    if (this.times > MOST_TIMES) return false;
    document.documentElement.append(this.element);
    return true;
  }

  /** Whether there are words to draw with. Where the browser gave none the worker is asked, and `draw` follows. */
  speaks(draw: () => void): boolean {
    if (!hasWords()) {
      void readWords(wordsOfWorker).then(() => {
        if (hasWords()) draw();
      });
      return false;
    }
    // `all: initial` leaves direction alone, and the page's language is not ours.
    this.root.dir = direction();
    this.root.lang = language();
    return true;
  }

  remove(): void {
    for (const key of KEYS) window.removeEventListener(key, this.hear, true);
    this.element.remove();
  }

  private readonly hear = (event: KeyboardEvent): void => {
    const pressed = event.type === "keydown" && event.isTrusted;
    const taken = pressed && this.takes(event);
    if (!taken && event.target !== this.element) return;
    event.stopImmediatePropagation();
    if (taken) event.preventDefault();
    else if (pressed && event.defaultPrevented) this.press(event.key);
  };

  /** What the browser would have done. */
  private press(key: string): void {
    const focused = this.shadow.activeElement;
    if (PRESSING.includes(key) && focused instanceof HTMLElement) focused.click();
  }
}
