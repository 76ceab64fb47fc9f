/** The two views of the main screen, and how many calls were missed. */
import { grouped, t, tn } from "../i18n";

export type Tab = "contacts" | "calls";

export function Tabs({ tab, missed, onTab }: { tab: Tab; missed: number; onTab: (tab: Tab) => void }) {
  const tabs = [
    { name: "contacts" as const, words: t("contacts") },
    { name: "calls" as const, words: t("calls") },
  ];
  const other = tab === "contacts" ? "calls" : "contacts";
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label={t("views")}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        onTab(other);
        document.getElementById(`tab-${other}`)?.focus();
      }}
    >
      {tabs.map(({ name, words }) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls="view"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onTab(name)}
        >
          {words}
          {name === "calls" && missed > 0 && (
            <span class="count" role="img" aria-label={tn("missedCount", missed)}>
              {grouped(missed)}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
