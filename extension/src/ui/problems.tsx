/** "Show which": the contacts of HubSpot that could not be read, by why, each with how to mend it. */
import type { Problem, ProblemCategory, ProblemPage, SyncState } from "../contract";
import { grouped, t, tn } from "../i18n";
import { BackHeader } from "./header";
import { Icon } from "./icons";
import { Panel } from "./panel";
import { Empty } from "./parts";
import { clockOrDay } from "./wording";

type Mending = (sync: SyncState | null, now: Date) => string;

function triedAgain(sync: SyncState | null, now: Date): string {
  const next = sync?.next_sync_at ?? null;
  return next === null ? t("failingNoAnswerMend") : t("failingNoAnswerMendAt", { moment: clockOrDay(next, now) });
}

const CATEGORIES: readonly { category: ProblemCategory; title: () => string; mend: Mending }[] = [
  { category: "refused", title: () => t("failingRefused"), mend: () => t("failingRefusedMend") },
  { category: "invalid", title: () => t("failingInvalid"), mend: () => t("failingInvalidMend") },
  { category: "number_unreadable", title: () => t("failingNumber"), mend: () => t("failingNumberMend") },
  { category: "no_answer", title: () => t("failingNoAnswer"), mend: triedAgain },
];

export function nameOfProblem({ name, remote_id: id }: Problem): string {
  return name ?? t("failingUnnamed", { id });
}

/** The categories there are, what needs a person first. */
export function byCategory(problems: readonly Problem[]) {
  return CATEGORIES.map((words) => ({
    ...words,
    problems: problems.filter(({ category }) => category === words.category),
  })).filter((group) => group.problems.length > 0);
}

function One({ problem }: { problem: Problem }) {
  const name = nameOfProblem(problem);
  if (problem.hubspot_url === null) {
    return (
      <li class="failing">
        <bdi class="ell">{name}</bdi>
      </li>
    );
  }
  return (
    <li class="failing">
      <bdi class="ell grow">{name}</bdi>
      <a
        class="icon-btn"
        href={problem.hubspot_url}
        target="_blank"
        rel="noreferrer"
        aria-label={t("failingOpen", { name })}
        title={t("openInHubSpot")}
      >
        <Icon name="external" size={16} />
      </a>
    </li>
  );
}

interface ProblemsProps {
  page: ProblemPage | null;
  sync: SyncState | null;
  now: Date;
  onBack: () => void;
}

function Groups({ page, sync, now }: Omit<ProblemsProps, "onBack" | "page"> & { page: ProblemPage }) {
  const unlisted = page.total - page.problems.length;
  return (
    <div class="fill">
      {byCategory(page.problems).map(({ category, title, mend, problems }) => (
        <section key={category} class="group" aria-labelledby={`failing-${category}`}>
          <h2 id={`failing-${category}`}>
            <span class="pill pill-bad num">{grouped(problems.length)}</span>
            {title()}
          </h2>
          <p>{mend(sync, now)}</p>
          <ul>
            {problems.map((problem) => (
              <One key={problem.remote_id} problem={problem} />
            ))}
          </ul>
        </section>
      ))}
      {unlisted > 0 && <p class="group">{tn("failingMore", unlisted)}</p>}
    </div>
  );
}

export function Problems({ page, sync, now, onBack }: ProblemsProps) {
  return (
    <Panel label={t("failingTitle")} onBack={onBack}>
      <BackHeader title={t("failingTitle")} label={t("back")} onBack={onBack} />
      {page === null && <Empty icon="clock" title={t("asking")} detail={null} />}
      {page?.total === 0 && <Empty icon="check-circle" title={t("failingNone")} detail={null} />}
      {page !== null && page.total > 0 && <Groups {...{ page, sync, now }} />}
      <footer class="ftr">{t("failingDetail")}</footer>
    </Panel>
  );
}
