/** The popup's top: search, the sync button, the More menu. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n";
import { GRID_ID } from "./contact-grid";
import { Icon, Mark, type IconName } from "./icons";
import { Spinner } from "./parts";

interface MoreProps {
  /** Absent where there is nobody to add to. */
  onAdd?: () => void;
  /** Absent where no phone is set up. */
  onPhone?: (() => void) | undefined;
  /** Null where it is open, or cannot be. */
  onPanel: (() => void) | null;
  onSettings: () => void;
}

interface MenuItem {
  icon: IconName;
  words: string;
  onPick: () => void;
}

/** The item that a key leads to from another; both ends meet. */
export function itemAfterKey(key: string, from: number, count: number): number | null {
  const to: Record<string, number> = { ArrowDown: from + 1, ArrowUp: from - 1 + count, Home: 0, End: count - 1 };
  const place = to[key];
  return place === undefined ? null : place % count;
}

function Menu({ items, onClose }: { items: readonly MenuItem[]; onClose: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLElement[] => [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  useLayoutEffect(() => buttons()[0]?.focus(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = buttons();
    const place = itemAfterKey(
      event.key,
      all.findIndex((one) => one === document.activeElement),
      all.length,
    );
    const closes = event.key === "Escape" || event.key === "Tab";
    if (place === null && !closes) return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
    if (closes) onClose();
    else all[place ?? 0]?.focus();
  };
  return (
    <div ref={menu} class="menu" role="menu" aria-label={t("more")} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map(({ icon, words, onPick }) => (
        <button
          key={icon}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            onClose();
            onPick();
          }}
        >
          <Icon name={icon} />
          {words}
        </button>
      ))}
    </div>
  );
}

/** The More button and its menu; the focus is back on the button before anything else opens. */
export function More({ onAdd, onPhone, onPanel, onSettings }: MoreProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const close = (event: Event): void => {
      if (!button.current?.contains(event.target as Node | null)) setOpen(false); // DOM events come from nodes
    };
    document.addEventListener("click", close);
    return () => document.removeEventListener("click", close);
  }, [open]);
  const add =
    onAdd === undefined ? [] : [{ icon: "user-plus" as const, words: t("addPersonalContact"), onPick: onAdd }];
  const phone = onPhone === undefined ? [] : [{ icon: "phone" as const, words: t("openPhone"), onPick: onPhone }];
  const panel = onPanel === null ? [] : [{ icon: "panel" as const, words: t("openSidePanel"), onPick: onPanel }];
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-btn more"
        aria-label={t("more")}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <Menu
          items={[...phone, ...add, ...panel, { icon: "settings", words: t("settings"), onPick: onSettings }]}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </>
  );
}

interface SearchProps {
  typed: string;
  label: string;
  active: string | undefined;
  onSearch: (text: string) => void;
  onKey: (event: KeyboardEvent) => void;
  inputRef: { current: HTMLInputElement | null };
}

function Search({ typed, label, active, onSearch, onKey, inputRef }: SearchProps) {
  return (
    <div class="search" role="search">
      <Icon name="search" size={16} />
      <input
        ref={inputRef}
        type="text"
        role="searchbox"
        autocomplete="off"
        spellcheck={false}
        maxLength={100}
        aria-label={label}
        aria-controls={active === undefined ? undefined : GRID_ID}
        aria-activedescendant={active}
        placeholder={t("searchPlaceholder")}
        value={typed}
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      {typed === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button
          type="button"
          class="clear"
          aria-label={t("clearSearch")}
          onClick={() => {
            onSearch("");
            inputRef.current?.focus();
          }}
        >
          <Icon name="x" size={16} />
        </button>
      )}
    </div>
  );
}

interface HeaderProps extends SearchProps {
  onAdd: () => void;
  onPhone: (() => void) | undefined;
  onPanel: (() => void) | null;
  onSettings: () => void;
  syncing: boolean;
  onSync: () => void;
}

export function Header({ syncing, onSync, onAdd, onPhone, onPanel, onSettings, ...search }: HeaderProps) {
  const label = syncing ? t("syncRunning") : t("syncContacts");
  return (
    <header class="hdr">
      <Mark size={22} />
      <h1 class="sr">{t("extensionName")}</h1>
      <Search {...search} />
      <button type="button" class="icon-btn" aria-label={label} title={label} aria-haspopup="dialog" onClick={onSync}>
        {syncing ? <Spinner /> : <Icon name="sync" />}
      </button>
      <More onAdd={onAdd} onPhone={onPhone} onPanel={onPanel} onSettings={onSettings} />
    </header>
  );
}

interface BackHeaderProps {
  title: string | null;
  label: string;
  /** The focus belongs elsewhere on this screen. */
  quiet?: boolean;
  onBack: () => void;
  children?: ComponentChildren;
}

export function BackHeader({ title, label, quiet, onBack, children }: BackHeaderProps) {
  const back = useRef<HTMLButtonElement>(null);
  // As it is drawn: a key that comes before the focus is lost.
  useLayoutEffect(() => {
    if (quiet !== true) back.current?.focus();
  }, []);
  return (
    <header class={title === null ? "hdr hdr-plain" : "hdr hdr-back"}>
      <button ref={back} type="button" class="icon-btn" aria-label={label} title={label} onClick={onBack}>
        <Icon name="chevron-left" size={20} />
      </button>
      {title === null ? <span class="grow" /> : <h1 class="hdr-title">{title}</h1>}
      {children}
    </header>
  );
}
