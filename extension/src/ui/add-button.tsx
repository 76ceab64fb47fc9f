/** The way to a new personal contact from where nobody was found. */
import type { ComponentChildren } from "preact";

import { Icon } from "./icons";

export function AddButton({ onAdd, children }: { onAdd: () => void; children: ComponentChildren }) {
  return (
    <button type="button" class="btn btn-second" onClick={onAdd}>
      <Icon name="user-plus" size={16} />
      {children}
    </button>
  );
}
