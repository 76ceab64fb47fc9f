/** The server's address, whether it answers, and changing it. */
import { useEffect, useState } from "preact/hooks";

import type { ActionProblem } from "../errors";
import { t } from "../i18n";
import { Icon } from "./icons";
import type { Outcome, ServerReach } from "./popup-state";
import { serverAddress } from "./server-address";
import { actionWords } from "./sign-in-words";

const TYPING_PAUSE_MS = 300;

type Seen = ServerReach | "asking" | "invalid";

interface ReachProps {
  address: string | null;
  /** Another number asks once more. */
  turn: number;
  probe: (address: string) => Promise<ServerReach>;
}

/** Asks the address after a pause in typing; an answer to an older question is dropped. */
function useReach({ address, turn, probe }: ReachProps): Seen {
  const [seen, setSeen] = useState<{ address: string; reach: ServerReach } | null>(null);
  useEffect(() => {
    if (address === null) return undefined;
    let current = true;
    setSeen(null);
    const timer = setTimeout(() => {
      void probe(address).then((reach) => {
        if (current) setSeen({ address, reach });
      });
    }, TYPING_PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [address, turn, probe]);
  if (address === null) return "invalid";
  return seen?.address === address ? seen.reach : "asking";
}

function Pill({ seen }: { seen: Seen }) {
  switch (seen) {
    case "reachable":
      return (
        <span class="pill">
          <Icon name="check" size={12} />
          {t("reachable")}
        </span>
      );
    case "asking":
      return <span class="pill pill-mute">{t("checking")}</span>;
    case "unreachable":
      return <span class="pill pill-bad">{t("notReachable")}</span>;
    case "other":
      return <span class="pill pill-bad">{t("notCallbook")}</span>;
    case "invalid":
      return <span class="pill pill-bad">{t("notAnAddress")}</span>;
  }
}

interface ServerFieldProps {
  server: string;
  signedIn: boolean;
  /** With a button that asks the address again. */
  test?: boolean;
  probe: (address: string) => Promise<ServerReach>;
  onChange: (address: string) => Outcome;
}

export function ServerField({ server, signedIn, test, probe, onChange }: ServerFieldProps) {
  const [typed, setTyped] = useState(server);
  const [turn, setTurn] = useState(0);
  const [said, setSaid] = useState<ActionProblem | null>(null);
  useEffect(() => setTyped(server), [server]);
  const address = serverAddress(typed);
  const seen = useReach({ address, turn, probe });
  const changed = typed.trim() !== server;
  const save = (): void => {
    if (address !== null) void onChange(address).then(setSaid);
  };
  return (
    <form
      class="server"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) save();
      }}
    >
      <label for="server-address">{t("serverAddress")}</label>
      <div class="field">
        <input
          id="server-address"
          inputMode="url"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          aria-describedby="server-reach"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <span id="server-reach" role="status">
          <Pill seen={seen} />
        </span>
      </div>
      {test === true && !changed && (
        <div class="acts">
          <button type="button" class="btn btn-second btn-sm" onClick={() => setTurn(turn + 1)}>
            {t("test")}
          </button>
        </div>
      )}
      {changed && (
        <div class="acts">
          <span class="grow">{said === null ? (signedIn ? t("changeSignsOut") : "") : actionWords(said)}</span>
          <button type="button" class="btn btn-second btn-sm" onClick={() => setTyped(server)}>
            {t("cancel")}
          </button>
          <button type="submit" class="btn btn-primary btn-sm" disabled={address === null}>
            {t("save")}
          </button>
        </div>
      )}
    </form>
  );
}
