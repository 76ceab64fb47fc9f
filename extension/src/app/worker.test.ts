import { expect, test } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { send } from "./worker";

test.each([
  ["is updated under the window", () => Promise.reject(new Error("Extension context invalidated."))],
  ["was updated long ago", () => fail("Extension context invalidated.")],
  ["dies with the message in hand", () => Promise.resolve(undefined)],
])("a worker that %s has refused", async (_, sendMessage) => {
  Object.assign(fakeBrowser.runtime, { sendMessage });
  expect(await send({ type: "hello" })).toBe("refused");
});

function fail(message: string): never {
  throw new Error(message);
}
