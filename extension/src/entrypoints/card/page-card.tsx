/**
 * The caller card on somebody else's page, as long as a call is shown; the worker says which. It asks, too, which
 * wakes a worker that died, and goes quietly when the extension is updated under it. The page keeps the focus.
 */
import { render } from "preact";
import { browser } from "wxt/browser";

import { isConnected, PageHost } from "../../app/page-host";
import { hasWords } from "../../i18n";
import type { ActionProblem } from "../../errors";
import { isCardUpdate, type CardAnswer, type CardMessage, type CardView } from "../../protocol";
import avatarCss from "../../ui/avatar.css?inline";
import base from "../../ui/base.css?inline";
import type { CallerActions } from "../../ui/caller-card";
import cardCss from "../../ui/caller-card.css?inline";
import { CardStack } from "../../ui/card-stack";
import stackCss from "../../ui/card-stack.css?inline";
import partsCss from "../../ui/parts.css?inline";
import { OverPage } from "../../ui/told";
import tokens from "../../ui/tokens.css?inline";

export const HOST = "callbook-card";
/** An answer elsewhere has to show within 2 s, whatever became of the worker. */
const ASK_EVERY_MS = 1_500;
/** So long it is read why something did not come about. */
const PROBLEM_MS = 8_000;

declare global {
  interface Window {
    /** Set while a card lives in this page; pages cannot see it (content scripts have a world of their own). */
    callbookCard?: PageCard;
  }
}

export class PageCard {
  private readonly host = new PageHost(HOST, [tokens, base, partsCss, avatarCss, cardCss, stackCss], (event) =>
    this.takes(event),
  );
  private readonly timer = setInterval(() => void this.say({ type: "card-ask" }), ASK_EVERY_MS);
  private view: CardView | null = null;
  private problem: { why: ActionProblem; until: number } | null = null;
  private alive = true;

  constructor() {
    browser.runtime.onMessage.addListener(this.hear);
  }

  isAlive = (): boolean => this.alive && isConnected();

  private readonly hear = (message: unknown, _sender: unknown, answer: (heard: boolean) => void): void => {
    if (!isCardUpdate(message)) return;
    this.show(message.view);
    answer(true);
  };

  /** Escape closes the newest card, and is left to the page. */
  private takes({ key }: KeyboardEvent): false {
    const newest = this.view?.calls.at(-1);
    if (key === "Escape" && newest !== undefined) this.actions.onDismiss(newest.call);
    return false;
  }

  /** An answer has the present view. None (the worker is being replaced, or has failed) changes nothing. */
  private async say(message: CardMessage): Promise<void> {
    if (!isConnected()) return this.end();
    if (message.type !== "card-ask" && this.problem !== null) {
      this.problem = null; // what is asked for now may come about; if not, it is told anew
      this.show(this.view);
    }
    try {
      const answer: CardAnswer | null | undefined = await browser.runtime.sendMessage(message);
      if (answer && this.alive) this.take(answer);
    } catch {
      if (!isConnected()) this.end();
    }
  }

  private take({ view, problem }: CardAnswer): void {
    if (problem !== null) this.problem = { why: problem, until: Date.now() + PROBLEM_MS };
    else if (this.problem !== null && this.problem.until <= Date.now()) this.problem = null;
    this.show(view);
  }

  private show(view: CardView | null): void {
    this.view = view;
    // Without words nothing was drawn that could go slowly.
    if (!this.host.stand() || (view === null && !hasWords())) return this.end();
    if (!this.host.speaks(() => this.alive && this.show(this.view))) return;
    render(
      <OverPage.Provider value={true}>
        <CardStack
          view={view}
          problem={this.problem?.why ?? null}
          actions={this.actions}
          onMute={() => void this.say({ type: "card-mute" })}
          onGone={this.end}
        />
      </OverPage.Provider>,
      this.host.root,
    );
  }

  private readonly actions: CallerActions = {
    onOpen: ({ call_id: callId }, contactId) => void this.say({ type: "card-open", callId, contactId }),
    onDismiss: ({ call_id: callId }) => {
      // It goes at once, whether or not the worker has to be woken for it.
      const calls = this.view?.calls.filter(({ call }) => call.call_id !== callId) ?? [];
      this.show(this.view === null ? null : { ...this.view, calls });
      void this.say({ type: "card-dismiss", callId });
    },
    onChoose: ({ call_id: callId }, contactId) => void this.say({ type: "card-choose", callId, contactId }),
    onAdd: ({ call_id: callId }) => void this.say({ type: "card-add", callId }),
    onSearch: ({ call_id: callId }) => void this.say({ type: "card-search", callId }),
  };

  private readonly end = (): void => {
    this.alive = false;
    clearInterval(this.timer);
    if (isConnected()) browser.runtime.onMessage.removeListener(this.hear);
    render(null, this.host.root);
    this.host.remove();
  };
}
