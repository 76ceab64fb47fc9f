/** Messages to the worker, for whatever must outlive the window that asks. */
import { browser } from "wxt/browser";

import type { ActionProblem } from "../errors";
import type { Answer, PopupMessage } from "../protocol";

const ANSWERS_WITHIN_MS = 3_000;

/**
 * Calls back with true when the worker has given no answer for 3 s, and with false should one come after all: a worker
 * that does not wake up stays like that until the extension is started again (yomidevs/yomitan#114).
 */
export function watchWorker(isStuck: (stuck: boolean) => void): void {
  const timer = setTimeout(() => isStuck(true), ANSWERS_WITHIN_MS);
  void send({ type: "hello" }).then((problem) => {
    if (problem !== null) return;
    clearTimeout(timer);
    isStuck(false);
  });
}

/** Resolves to what went wrong; null is well. */
export async function send(message: PopupMessage): Promise<ActionProblem | null> {
  const answer = await answerTo(message);
  if (answer === null || answer === undefined) return "refused";
  return answer.ok ? null : answer.problem;
}

/** A worker that dies with the message in hand leaves it without an answer; an extension that was updated throws. */
async function answerTo(message: PopupMessage): Promise<Answer | null | undefined> {
  try {
    return await browser.runtime.sendMessage(message);
  } catch {
    return null;
  }
}
