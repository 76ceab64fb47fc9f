import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { stored } from "../storage";
import { alicesAccount } from "../testing/samples";
import type { PopupActions, PopupState } from "../ui/popup-state";
import { Surface } from "./surface";

const fetched = vi.fn<typeof fetch>();
const drawn: PopupState[] = [];
let actions: PopupActions | undefined;

beforeEach(async () => {
  vi.useFakeTimers();
  drawn.length = 0;
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  vi.stubGlobal("addEventListener", vi.fn());
  Object.assign(fakeBrowser.runtime, { sendMessage: () => Promise.resolve({ ok: true }) });
  Object.assign(fakeBrowser.tabs, { query: () => Promise.resolve([{ id: 3, windowId: 5 }]) });
  fetched.mockReset().mockReturnValue(new Promise(() => undefined)); // a server that takes its time
  await stored.session.set({ state: "signedIn", token: "t", expiresAt: "", account: alicesAccount, problem: null });
  await new Surface("popup", (state, does) => {
    drawn.push(state);
    actions = does;
  }).start();
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function last(): PopupState {
  const state = drawn.at(-1);
  if (state === undefined) throw new Error("Nothing was drawn");
  return state;
}

function saved(): RequestInit["body"][] {
  return fetched.mock.calls.filter(([, init]) => init?.method === "PUT").map(([, init]) => init?.body);
}

const LINE = { line: "101", display: "101" };

test("a line is added to those the server has, and drawn as it answers", async () => {
  fetched.mockImplementation((_, init) => {
    const lines = init?.method === "PUT" ? [LINE, { line: "102", display: "102" }] : [LINE];
    return Promise.resolve(Response.json({ lines }));
  });
  expect(last().ownLines.lines).toBeNull();
  expect(await actions?.addLine("x102")).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(saved()).toEqual(['{"lines":["101","x102"]}']);
  expect(last().ownLines.lines).toEqual([LINE, { line: "102", display: "102" }]);
  await stored.session.set({ state: "signedOut", problem: null });
  await vi.advanceTimersByTimeAsync(20);
  expect(last().ownLines.lines).toBeNull();
});

test("why a line was not taken comes back, and why one was not removed", async () => {
  const fields = [{ where: "lines.1", what: "another user has this line" }];
  const refusal = { error: { kind: "line_taken", message: "", request_id: "r", fields } };
  fetched.mockImplementation((_, init) =>
    Promise.resolve(
      init?.method === "PUT" ? Response.json(refusal, { status: 409 }) : Response.json({ lines: [LINE] }),
    ),
  );
  expect(await actions?.addLine("102")).toEqual({ problem: "line_taken", fields });
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  expect(await actions?.removeLine("101")).toBe("unreachable");
  await vi.advanceTimersByTimeAsync(20);
  expect(last().ownLines.lines).toEqual([LINE]);
});

test("lines that could not be read are read as soon as the server answers again", async () => {
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  actions?.readLines();
  await vi.advanceTimersByTimeAsync(20);
  expect(last().ownLines).toEqual({ lines: null, problem: "unreachable" });
  fetched.mockImplementation(() => Promise.resolve(Response.json({ lines: [LINE] })));
  await stored.unreachableSince.set(null); // as the worker notes it
  await vi.advanceTimersByTimeAsync(20);
  expect(last().ownLines).toEqual({ lines: [LINE], problem: null });
});
