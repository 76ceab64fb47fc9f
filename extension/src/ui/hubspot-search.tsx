/** A search at HubSpot itself: who was found there, that nobody was, or why HubSpot could not be searched. */
import type { RemoteRow } from "../contract";
import type { ActionProblem } from "../errors";
import type { HubSpotSearchView } from "../hubspot-search";
import { t, tn } from "../i18n";
import { AddButton } from "./add-button";
import { Avatar, Marked } from "./contact-row";
import { BackHeader } from "./header";
import { Icon, type IconName } from "./icons";
import { matchIn } from "./matching";
import { Panel } from "./panel";
import { Dotted, Empty, HubBadge, Spinner } from "./parts";
import { actionWords } from "./sign-in-words";
import { clockOrDay } from "./wording";

interface FoundProps {
  row: RemoteRow;
  /** What was searched for. */
  text: string;
  onOpen: (contactId: number) => void;
}

/** Their company, and the number that was found, or else the first. */
function lineOf({ company, job_title: job, phones, email }: RemoteRow, text: string): string[] {
  const number = phones.find(({ display }) => matchIn(display, text) !== null) ?? phones[0];
  return [company ?? job, number?.display ?? email].filter((word) => word !== null && word !== undefined);
}

function Who({ row, text }: Omit<FoundProps, "onOpen">) {
  const line = lineOf(row, text).map((word) => <Marked key={word} text={word} q={text} />);
  return (
    <>
      <Avatar contact={{ id: row.contact_id, name: row.name, source: "hubspot" }} />
      <span class="body">
        <span class="name ell" title={row.name}>
          <bdi>
            <Marked text={row.name} q={text} />
          </bdi>
        </span>
        <span class="meta">
          <span class="ell">
            <Dotted words={line} />
          </span>
        </span>
      </span>
    </>
  );
}

/** Opened here, or at HubSpot. */
function Found({ row, text, onOpen }: FoundProps) {
  return (
    <li class="row">
      <button type="button" class="row-open" onClick={() => onOpen(row.contact_id)}>
        <Who {...{ row, text }} />
      </button>
      <a
        class="icon-btn icon-btn-tap"
        href={row.hubspot_url}
        target="_blank"
        rel="noreferrer"
        aria-label={t("failingOpen", { name: row.name })}
        title={t("openInHubSpot")}
      >
        <Icon name="external" size={16} />
      </a>
    </li>
  );
}

function Again({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <button type="button" class="btn btn-second" onClick={onClick}>
      {words}
    </button>
  );
}

interface TroubleProps {
  search: HubSpotSearchView;
  problem: ActionProblem;
  now: Date;
  onAgain: () => void;
  onReconnect: () => void;
}

function iconFor(problem: ActionProblem): IconName {
  if (problem === "unreachable") return "server";
  return problem === "busy" ? "clock" : "alert";
}

function detailFor(problem: ActionProblem, { retryAt }: HubSpotSearchView, now: Date): string | null {
  if (problem === "unreachable") return t("hubSpotNeedsServer");
  if (problem !== "busy") return null;
  return retryAt === null ? t("searchAgainSoon") : t("searchAgainAt", { moment: clockOrDay(retryAt, now) });
}

/** Why HubSpot was not searched, and the one thing to do about it. */
function Trouble({ search, problem, now, onAgain, onReconnect }: TroubleProps) {
  if (problem === "reconnect_needed" || problem === "not_connected") {
    return (
      <Empty icon="link-off" title={t("reconnectTitle")} detail={t("hubSpotNeedsAccess")}>
        <Again words={t("reconnect")} onClick={onReconnect} />
      </Empty>
    );
  }
  return (
    <Empty icon={iconFor(problem)} title={actionWords(problem)} detail={detailFor(problem, search, now)}>
      <Again words={t("searchAgain")} onClick={onAgain} />
    </Empty>
  );
}

interface SearchProps {
  search: HubSpotSearchView;
  now: Date;
  /** Something else is open over it. */
  covered: boolean;
  onAgain: () => void;
  onReconnect: () => void;
  onOpen: (contactId: number) => void;
  onAdd: () => void;
  onBack: () => void;
}

function Body({ search, now, onAgain, onReconnect, onOpen, onAdd }: SearchProps) {
  const { text, page, problem } = search;
  if (problem !== null) return <Trouble {...{ search, problem, now, onAgain, onReconnect }} />;
  if (page === null) return <Empty icon="search" title={t("hubSpotSearching")} detail={text} />;
  if (page.contacts.length === 0) {
    return (
      <Empty icon="search" title={t("hubSpotNoMatch")} detail={t("hubSpotSearchedAs", { what: page.searched })}>
        <AddButton onAdd={onAdd}>{t("addContact")}</AddButton>
      </Empty>
    );
  }
  return (
    <ul class="fill">
      {page.contacts.map((row) => (
        <Found key={row.hubspot_id} {...{ row, text, onOpen }} />
      ))}
    </ul>
  );
}

function Foot({ page, problem }: HubSpotSearchView) {
  if (problem !== null) return null;
  const found = page === null ? null : tn("hubSpotFound", page.contacts.length);
  return (
    <footer class="ftr">
      {found === null ? <Spinner /> : <HubBadge />}
      <span role="status">
        {found === null ? t("hubSpotSearching") : <Dotted words={[found, page?.searched ?? ""]} />}
      </span>
    </footer>
  );
}

export function HubSpotSearchPanel(props: SearchProps) {
  return (
    <Panel label={t("searchHubSpot")} covered={props.covered} onBack={props.onBack}>
      <BackHeader title={t("searchHubSpot")} label={t("back")} onBack={props.onBack} />
      <Body {...props} />
      <Foot {...props.search} />
    </Panel>
  );
}
