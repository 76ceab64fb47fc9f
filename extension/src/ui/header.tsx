/** The popup's top: search, the sync button, the More menu. */
import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n";
import { GRID_ID } from "./contact-grid";
import { Icon, Mark } from "./icons";
import { Spinner } from "./parts";

interface MoreProps {
  onSettings: () => void;
}

/** The More button and its menu. */
export function More({ onSettings }: MoreProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    first.current?.focus();
    const close = (event: Event): void => {
      if (event.target !== button.current && !button.current?.contains(event.target as Node | null)) setOpen(false); // DOM events come from nodes
    };
    document.addEventListener("click", close);
    return () => document.removeEventListener("click", close);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" && event.key !== "Tab") return;
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
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
        <div class="menu" role="menu" aria-label={t("more")} tabIndex={-1} onKeyDown={onKeyDown}>
          <button ref={first} type="button" role="menuitem" onClick={onSettings}>
            <Icon name="settings" />
            {t("settings")}
          </button>
        </div>
      )}
    </>
  );
}

interface SearchProps {
  typed: string;
  active: string | undefined;
  onSearch: (text: string) => void;
  onKey: (event: KeyboardEvent) => void;
  inputRef: { current: HTMLInputElement | null };
}

function Search({ typed, active, onSearch, onKey, inputRef }: SearchProps) {
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
        aria-label={t("searchContacts")}
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

interface HeaderProps extends SearchProps, MoreProps {
  syncing: boolean;
  onSync: () => void;
}

export function Header({ syncing, onSync, onSettings, ...search }: HeaderProps) {
  const label = syncing ? t("syncRunning") : t("syncContacts");
  return (
    <header class="hdr">
      <Mark size={22} />
      <h1 class="sr">{t("extensionName")}</h1>
      <Search {...search} />
      <button type="button" class="icon-btn" aria-label={label} title={label} aria-haspopup="dialog" onClick={onSync}>
        {syncing ? <Spinner /> : <Icon name="sync" />}
      </button>
      <More onSettings={onSettings} />
    </header>
  );
}

interface BackHeaderProps {
  title: string | null;
  label: string;
  onBack: () => void;
  children?: preact.ComponentChildren;
}

export function BackHeader({ title, label, onBack, children }: BackHeaderProps) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
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
