/** A number that the rep wants to call: called as soon as the widget can, given up where it cannot in time. */

/** What calling depends on. */
interface Readiness {
  /** Null before the widget said. */
  loggedIn: boolean | null;
  ready: boolean;
}

const WITHIN_MS = 10_000;

export class Dialling {
  private wanted: { number: string; timer: ReturnType<typeof setTimeout> } | null = null;
  private loggedIn: boolean | null = null;

  constructor(
    private readonly call: (number: string) => void,
    private readonly gaveUp: (number: string, why: "signed_out" | "not_ready") => void,
  ) {}

  want(number: string, widget: Readiness): void {
    this.end();
    this.wanted = { number, timer: setTimeout(() => this.giveUp(), WITHIN_MS) };
    this.widgetIs(widget);
  }

  widgetIs({ loggedIn, ready }: Readiness): void {
    this.loggedIn = loggedIn;
    if (this.wanted === null || loggedIn !== true || !ready) return;
    const { number } = this.wanted;
    this.end();
    this.call(number);
  }

  /** Nothing is wanted any more. */
  end(): void {
    if (this.wanted !== null) clearTimeout(this.wanted.timer);
    this.wanted = null;
  }

  private giveUp(): void {
    if (this.wanted === null) return;
    const { number } = this.wanted;
    this.wanted = null;
    this.gaveUp(number, this.loggedIn === false ? "signed_out" : "not_ready");
  }
}
