/**
 * The progress of a run on somebody else's page; the worker says what to draw. It asks when it hears nothing, goes
 * quietly when the extension is updated under it, and tells when the page will not have it.
 */
import { render } from "preact";
import { browser } from "wxt/browser";

import { isConnected, PageHost } from "../../app/page-host";
import { isOverlayUpdate, type OverlayMessage, type OverlayView } from "../../protocol";
import { isActive } from "../../run-facts";
import base from "../../ui/base.css?inline";
import overlayCss from "../../ui/overlay.css?inline";
import { Overlay } from "../../ui/overlay";
import partsCss from "../../ui/parts.css?inline";
import tokens from "../../ui/tokens.css?inline";

export const HOST = "callbook-overlay";
const ASK_EVERY_MS = 3_000;

declare global {
  interface Window {
    /** Set while an overlay lives in this page; pages cannot see it (content scripts have a world of their own). */
    callbookOverlay?: PageOverlay;
  }
}

export class PageOverlay {
  private readonly host = new PageHost(HOST, [tokens, base, partsCss, overlayCss], (event) => this.takes(event));
  private readonly since = Date.now();
  private readonly timer = setInterval(() => void this.ask(), ASK_EVERY_MS);
  private heardAt = Date.now();
  private view: OverlayView | null = null;
  private alive = true;

  constructor() {
    browser.runtime.onMessage.addListener(this.hear);
  }

  isAlive = (): boolean => this.alive && isConnected();

  private readonly hear = (message: unknown, _sender: unknown, answer: (heard: boolean) => void): void => {
    if (!isOverlayUpdate(message)) return;
    this.show(message.view);
    answer(true);
  };

  /** The net under the worker's messages; it also wakes a worker that died. */
  private async ask(): Promise<void> {
    if (!isConnected()) return this.end();
    if (Date.now() - this.heardAt < ASK_EVERY_MS || this.isOver()) return;
    await this.say("overlay-ask");
  }

  /** An answer is the present view. No answer (the worker is being replaced) changes nothing. */
  private async say(type: OverlayMessage["type"]): Promise<void> {
    try {
      const view: OverlayView | null | undefined = await browser.runtime.sendMessage({ type });
      if (view !== undefined && !this.isOver()) this.show(view);
    } catch {
      if (!isConnected()) this.end();
    }
  }

  private isOver(): boolean {
    return this.view !== null && !isActive(this.view.run);
  }

  private show(view: OverlayView | null): void {
    this.heardAt = Date.now();
    if (view === null) return this.end();
    this.view = view;
    if (this.host.stand()) return this.draw();
    void this.say("overlay-thrown-out");
    this.end();
  }

  /** Escape closes the modal, whatever the page does with it. */
  private takes({ key }: KeyboardEvent): boolean {
    const shown = key === "Escape" && this.view?.stage === "modal" && !this.isOver();
    if (shown) this.gotIt();
    return shown;
  }

  private draw(): void {
    if (this.view === null || !this.alive || !this.host.speaks(() => this.draw())) return;
    render(
      <Overlay
        // A dialog that was taken away is no longer a modal one: it is opened anew.
        key={`${this.view.run.id} ${this.host.times}`}
        view={this.view}
        since={this.since}
        onGotIt={this.gotIt}
        onGone={this.end}
      />,
      this.host.root,
    );
  }

  private readonly gotIt = (): void => {
    if (this.view === null) return;
    this.view = { ...this.view, stage: "banner" };
    this.draw();
    void this.say("overlay-got-it");
  };

  private readonly end = (): void => {
    this.alive = false;
    clearInterval(this.timer);
    if (isConnected()) browser.runtime.onMessage.removeListener(this.hear);
    render(null, this.host.root);
    this.host.remove();
  };
}
