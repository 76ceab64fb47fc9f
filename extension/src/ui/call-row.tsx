/** One call of the history: who it was and what became of it; who it is on a shared number; what can be done about a stranger. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { chosenCandidate, isShared, onlyCandidate } from "../call-words";
import type { Call } from "../contract";
import { t } from "../i18n";
import { iconOf, isMissed, lineOf, nameOf, outcomeOf, unknownNumber } from "./call-lines";
import { Picks, Remembered, UNDO_MS } from "./caller-picks";
import { Icon } from "./icons";
import { Dotted, HubBadge } from "./parts";
import { clock } from "./wording";

export interface CallRowActions {
  onOpen: (contactId: number) => void;
  onAdd: (number: string) => void;
  onSearch: (number: string) => void;
  /** Whether it is remembered now. */
  onChoose: (number: string, contactId: number | null) => Promise<boolean>;
}

function Lines({ call }: { call: Call }) {
  const hubSpot = call.caller.candidates.some((one) => one.source === "hubspot");
  return (
    <>
      <span class="name-line">
        <bdi class="name ell">{nameOf(call)}</bdi>
        {hubSpot && <HubBadge label={t("fromHubSpot")} />}
      </span>
      <span class="meta num">
        <span class="ell">
          <Dotted words={lineOf(call, outcomeOf(call))} />
        </span>
      </span>
    </>
  );
}

/** The pick on a shared number: open or not, and whether it was made just now. A call that is over is told as it rang. */
function useChoosing({ number, caller }: Call, onChoose: CallRowActions["onChoose"]) {
  const [open, setOpen] = useState(false);
  const [picked, setPicked] = useState<number | null | undefined>(undefined);
  const [fresh, setFresh] = useState(false);
  useEffect(() => {
    if (!fresh) return undefined;
    const timer = setTimeout(() => setFresh(false), UNDO_MS);
    return () => clearTimeout(timer);
  }, [fresh]);
  const remember = async (contactId: number | null): Promise<void> => {
    setOpen(false);
    if (!(await onChoose(number, contactId))) return;
    setPicked(contactId);
    setFresh(contactId !== null);
  };
  return {
    caller: picked === undefined ? caller : { ...caller, chosen: picked },
    open,
    fresh,
    toggle: () => setOpen(!open),
    pick: (contactId: number | null) => void remember(contactId),
  };
}

interface RowProps extends CallRowActions {
  call: Call;
  now: Date;
}

function Unknown({ number, onAdd, onSearch }: Pick<CallRowActions, "onAdd" | "onSearch"> & { number: string }) {
  return (
    <div class="row-acts">
      <button type="button" class="btn btn-second btn-sm" onClick={() => onSearch(number)}>
        <Icon name="search" size={14} />
        {t("searchHubSpot")}
      </button>
      <button type="button" class="btn btn-second btn-sm" onClick={() => onAdd(number)}>
        <Icon name="user-plus" size={14} />
        {t("addContact")}
      </button>
    </div>
  );
}

/** What stands under a row whose number several share. */
function Shared({ now, choosing }: { now: Date; choosing: ReturnType<typeof useChoosing> }) {
  const { caller } = choosing;
  if (choosing.open) return <Picks {...{ caller, now }} onPick={choosing.pick} />;
  if (chosenCandidate(caller) === null || !choosing.fresh) return null;
  return <Remembered caller={caller} fresh onUndo={() => choosing.pick(null)} onAgain={choosing.toggle} />;
}

export function CallRow({ call: told, now, onOpen, onAdd, onSearch, onChoose }: RowProps) {
  const choosing = useChoosing(told, onChoose);
  const { caller } = choosing;
  const call = { ...told, caller };
  const outcome = outcomeOf(call);
  const icon = iconOf(call, outcome);
  const only = onlyCandidate(caller);
  const unknown = unknownNumber(call);
  const several = isShared(caller) || chosenCandidate(caller) !== null;
  const body: ComponentChildren = (
    <>
      <span class="dir" role="img" aria-label={icon.label}>
        <Icon name={icon.name} />
      </span>
      <span class="body">
        <Lines call={call} />
      </span>
    </>
  );
  return (
    <li class={["call-row", ...(isMissed(outcome) ? ["is-missed"] : [])].join(" ")}>
      <div class="row">
        {only === null ? (
          <div class="row-main">{body}</div>
        ) : (
          <button type="button" class="row-main" onClick={() => onOpen(only.id)}>
            {body}
          </button>
        )}
        {several && (
          <button type="button" class="btn btn-second btn-sm" aria-expanded={choosing.open} onClick={choosing.toggle}>
            {t("choose")}
          </button>
        )}
        <time class="time num" dateTime={call.started_at}>
          {clock(call.started_at)}
        </time>
      </div>
      <div class="row-under">
        {several && <Shared {...{ now, choosing }} />}
        {unknown !== null && <Unknown number={unknown} {...{ onAdd, onSearch }} />}
      </div>
    </li>
  );
}
