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
  /** Something is about to be opened over what has the focus now. */
  leave: () => void;
  /** It is gone: the focus goes back, or to the fallback if what had it is gone, too. */
  comeBack: () => void;
}

export function useReturn(fallback: () => HTMLElement | null): Return {
  const opener = useRef<Element | null>(null);
  return {
    leave: () => {
      opener.current = document.activeElement;
    },
    comeBack: () =>
      // Once it is drawn: until then what is under the panel is inert.
      void requestAnimationFrame(() => {
        const back = opener.current;
        const there = back instanceof HTMLElement && back.isConnected && back !== document.body;
        (there ? back : fallback())?.focus();
      }),
  };
}
