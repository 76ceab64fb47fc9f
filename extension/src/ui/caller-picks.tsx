/** A number that several people share: who may be calling, and what is remembered once somebody was picked. */
import { peopleOf } from "../call-words";
import type { Caller } from "../contract";
import { t, tn } from "../i18n";
import { rankedBy } from "./caller-words";
import { Avatar } from "./contact-row";
import { Icon } from "./icons";
import { Dotted } from "./parts";
import { countryName } from "./wording";

/** The number, and where it is from. */
export function CallerNumber({ caller }: { caller: Caller }) {
  return (
    <>
      <bdi>{caller.display}</bdi>
      {caller.country !== null && <span class="cc"> {countryName(caller.country)}</span>}
    </>
  );
}

interface PicksProps {
  caller: Caller;
  now: Date;
  onPick: (contactId: number) => void;
}

/** Who may be calling, the likeliest first, and why they stand there. */
export function Picks({ caller, now, onPick }: PicksProps) {
  return (
    <div class="picks" role="group" aria-label={t("chooseWho")}>
      {caller.candidates.map((one) => (
        <button
          key={one.id}
          type="button"
          class="pick"
          aria-pressed={one.id === caller.chosen}
          onClick={() => onPick(one.id)}
        >
          <Avatar contact={one} />
          <span class="grow">
            <bdi class="n ell">{one.name}</bdi>
            <span class="m ell">
              <Dotted words={[one.job_title, ...rankedBy(one, now)].filter((part) => part !== null)} />
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

/** After a pick: for 10 s it can be taken back; then another can be chosen. */
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
