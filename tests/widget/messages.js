// Envelopes: what goes to the page, and requests that end with an answer or after their time.

const SECONDS = { "/contacts": 60, "/contacts/search": 30, "/contacts/match": 30 };
const OTHERWISE_S = 3;
const parameters = new URLSearchParams(location.search);
/** By this all times are divided, for tests that wait for their end. */
const hurry = Number(parameters.get("hurry") ?? 1);

/** Everything that came and went, in order. */
export const log = [];
const waiting = new Map();

export function tell(message) {
  log.push({ way: "out", message });
  parent.postMessage(message, "*"); // as the widget does: to whoever it is that has framed it
}

/** The answer; rejects after the path's time. Nothing is asked twice. */
export function ask(path, body) {
  const requestId = crypto.randomUUID();
  const withinMs = ((SECONDS[path] ?? OTHERWISE_S) * 1000) / hurry;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(requestId);
      reject(new Error("timeout"));
    }, withinMs);
    waiting.set(requestId, (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    tell({ type: "rc-post-message-request", requestId, path, body });
  });
}

/** An answer that comes late, twice, or to nothing that was asked is ignored. */
export function answered({ responseId, response }) {
  const resolve = waiting.get(responseId);
  waiting.delete(responseId);
  resolve?.(response);
}

export const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
