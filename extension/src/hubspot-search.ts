/** One live search at HubSpot: what is looked for, what was found, or why nothing could be. A newer search takes the place of an older one. */
import type { Moment, RemotePage } from "./contract";
import { actionProblem, Refused, type ActionProblem } from "./errors";

export interface HubSpotSearchView {
  /** As it was asked for. */
  text: string;
  /** What was found; null while the answer is on its way, and where there is none. */
  page: RemotePage | null;
  problem: ActionProblem | null;
  /** When HubSpot may be searched again, if it must not be now. */
  retryAt: Moment | null;
}

export class HubSpotSearch {
  private current: HubSpotSearchView | null = null;

  constructor(
    private readonly load: (text: string) => Promise<RemotePage>,
    private readonly changed: () => void,
    /** Contacts came into the cache. */
    private readonly found: () => void,
  ) {}

  view(): HubSpotSearchView | null {
    return this.current;
  }

  async ask(text: string): Promise<void> {
    const asked: HubSpotSearchView = { text, page: null, problem: null, retryAt: null };
    this.current = asked;
    this.changed();
    const answer = await this.answerTo(text);
    if (this.current !== asked) return;
    this.current = { ...asked, ...answer };
    this.changed();
    if ((answer.page?.contacts.length ?? 0) > 0) this.found();
  }

  private async answerTo(text: string): Promise<Partial<HubSpotSearchView>> {
    try {
      return { page: await this.load(text) };
    } catch (error) {
      return { problem: actionProblem(error), retryAt: error instanceof Refused ? error.retryAt : null };
    }
  }
}
