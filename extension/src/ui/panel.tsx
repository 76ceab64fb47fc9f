/** A screen over the main one, and where the focus goes when it is gone. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

/** Esc leaves the uppermost thing and nothing under it: a key that is left over makes the browser close the popup. */
export function onEscape(event: KeyboardEvent, leave: () => void): void {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  leave();
}

/** In a wide side panel what is open stands beside the list, and both can be used: frame.css has the same width. */
export function isBeside(): boolean {
  return document.documentElement.classList.contains("in-panel") && matchMedia("(min-width: 560px)").matches;
}

interface PanelProps {
  label: string;
  /** Something else is open over it. */
  covered?: boolean;
  onBack: () => void;
  children: ComponentChildren;
}

export function Panel({ label, covered, onBack, children }: PanelProps) {
  return (
    <section class="panel" aria-label={label} inert={covered ?? false} onKeyDown={(event) => onEscape(event, onBack)}>
      {children}
    </section>
  );
}

interface Return {
  /** Something is about to be opened over what has the focus now; it may be opened over, too. */
  leave: () => void;
  /** It is gone: the focus goes back, or to the fallback if what had it is gone, too. */
  comeBack: () => void;
}

export function useReturn(fallback: () => HTMLElement | null): Return {
  const openers = useRef<(Element | null)[]>([]);
  return {
    leave: () => {
      openers.current.push(document.activeElement);
    },
    comeBack: () => {
      const back = openers.current.pop();
      // Once it is drawn: until then what is under the panel is inert.
      requestAnimationFrame(() => {
        const there = back instanceof HTMLElement && back.isConnected && back !== document.body;
        (there ? back : fallback())?.focus();
      });
    },
  };
}
