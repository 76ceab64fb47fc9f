/** A number that several people share: who may be calling, and what is remembered once somebody was picked. */
import { useContext } from "preact/hooks";

import { peopleOf, type Candidate } from "../call-words";
import type { Caller } from "../contract";
import { t, tn } from "../i18n";
import { rankedBy } from "./caller-words";
import { Avatar } from "./contact-row";
import { Icon } from "./icons";
import { Dotted } from "./parts";
import { OverPage, Told } from "./told";
import { countryName } from "./wording";

/** For so long a pick can be taken back where it was made. */
export const UNDO_MS = 10_000;

/** The number, and where it is from. */
export function CallerNumber({ caller }: { caller: Caller }) {
  return (
    <>
      <bdi>
        <Told>{caller.display}</Told>
      </bdi>
      {caller.country !== null && (
        <span class="cc">
          {" "}
          <Told>{countryName(caller.country)}</Told>
        </span>
      )}
    </>
  );
}

interface PicksProps {
  caller: Caller;
  now: Date;
  onPick: (contactId: number) => void;
}

function reasonsFor(one: Candidate, now: Date): string[] {
  return [one.job_title, ...rankedBy(one, now)].filter((part) => part !== null);
}

/** Who may be calling, the likeliest first, and why they stand there. */
export function Picks({ caller, now, onPick }: PicksProps) {
  const overPage = useContext(OverPage);
  return (
    <div class="picks" role="group" aria-label={t("chooseWho")}>
      {caller.candidates.map((one) => (
        <button
          key={one.id}
          type="button"
          class="pick"
          aria-label={overPage ? [one.name, ...reasonsFor(one, now)].join(", ") : undefined}
          aria-pressed={one.id === caller.chosen}
          onClick={() => onPick(one.id)}
        >
          <Avatar contact={one} />
          <span class="grow">
            <bdi class="n ell">
              <Told>{one.name}</Told>
            </bdi>
            <span class="m ell">
              <Dotted words={reasonsFor(one, now)} />
            </span>
          </span>
          <Icon name={one.id === caller.chosen ? "check" : "chevron-right"} size={16} />
        </button>
      ))}
      {peopleOf(caller) > caller.candidates.length && (
        <p class="m">{tn("moreCalls", peopleOf(caller) - caller.candidates.length)}</p>
      )}
    </div>
  );
}

/** The whole card of such a number, before the pick. */
export function Choice({ caller, now, onPick }: PicksProps) {
  const companies = new Set(caller.candidates.map(({ company }) => company));
  const [company] = companies.size === 1 ? companies : [null];
  return (
    <>
      <div class="call-many">
        <div class="call-name">{tn("peopleShare", peopleOf(caller))}</div>
        <div class="call-sub ell">
          <Dotted words={[<CallerNumber key="number" caller={caller} />, ...(company ? [company] : [])]} />
        </div>
      </div>
      <p class="call-ask">{t("chooseWho")}</p>
      <Picks {...{ caller, now, onPick }} />
    </>
  );
}

interface RememberedProps {
  caller: Caller;
  fresh: boolean;
  onUndo: () => void;
  onAgain: () => void;
}

/** After a pick: while it is fresh it can be taken back; then another can be chosen. */
export function Remembered({ caller, fresh, onUndo, onAgain }: RememberedProps) {
  return (
    <p class="call-kept" role="status">
      <span class="grow">{fresh ? t("rememberedForNumber") : tn("callShared", peopleOf(caller))}</span>
      <button type="button" class="btn btn-second btn-sm" onClick={fresh ? onUndo : onAgain}>
        {fresh ? t("undo") : t("choose")}
      </button>
    </p>
  );
}
