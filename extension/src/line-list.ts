/**
 * The numbers and extensions that are the rep's in their phone system. The server replaces all of them at once, so each
 * change is made to those it has now, and no other window of this browser makes one at the same time. What is removed is
 * gone from view at once, and back if the server did not take that.
 */
import type { OwnLine } from "./contract";
import { actionProblem, type ActionProblem } from "./errors";
import { turns } from "./turns";

export interface LineListView {
  /** Null before the first answer. */
  lines: readonly OwnLine[] | null;
  /** Why they could not be read. */
  problem: ActionProblem | null;
}

const LOCK = "own-lines";

type Load = () => Promise<readonly OwnLine[]>;
type Save = (lines: readonly string[]) => Promise<readonly OwnLine[]>;

export class LineList {
  private lines: readonly OwnLine[] | null = null;
  private problem: ActionProblem | null = null;
  /** On their way out. */
  private readonly leaving = new Set<string>();
  private readonly inTurn = turns();

  constructor(
    private readonly load: Load,
    private readonly save: Save,
    private readonly changed: () => void,
  ) {}

  view(): LineListView {
    const lines = this.lines?.filter(({ line }) => !this.leaving.has(line)) ?? null;
    return { lines, problem: this.problem };
  }

  read(): Promise<void> {
    return this.inTurn(async () => {
      try {
        this.take(await this.load());
      } catch (error) {
        this.problem = actionProblem(error);
        this.changed();
      }
    });
  }

  /** The server may answer again. */
  async readIfMissing(): Promise<void> {
    if (this.problem !== null) await this.read();
  }

  /** As somebody writes it; one that is there already stays. */
  add(written: string): Promise<void> {
    return this.change((lines) => [...lines, written]);
  }

  async remove(line: string): Promise<void> {
    this.leaving.add(line);
    this.changed();
    try {
      await this.change((lines) => lines.filter((each) => each !== line));
    } finally {
      this.leaving.delete(line);
      this.changed();
    }
  }

  private async change(changed: (lines: string[]) => string[]): Promise<void> {
    await this.inTurn(() =>
      navigator.locks.request(LOCK, async () => {
        this.take(await this.load());
        this.take(await this.save(changed((this.lines ?? []).map(({ line }) => line))));
      }),
    );
  }

  private take(lines: readonly OwnLine[]): void {
    this.lines = lines;
    this.problem = null;
    this.changed();
  }
}
