import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { dial, openPhone } from "./phone-window";
import { stored } from "./storage";

const create = vi.fn<(options: object) => Promise<{ id: number }>>();
const update = vi.fn<(id: number, options: object) => Promise<object>>();
const getContexts = vi.fn<(filter: object) => Promise<{ windowId: number }[]>>();
let lastId = 0;

beforeEach(() => {
  Object.assign(fakeBrowser.windows, { create, update });
  Object.assign(fakeBrowser.runtime, { getContexts });
  getContexts.mockResolvedValue([]);
  update.mockRejectedValue(new Error("No window with that id"));
  create.mockImplementation(() => Promise.resolve({ id: ++lastId }));
});

test("one window is made, however many ask for it at once", async () => {
  update.mockImplementation((id) => (id === lastId ? Promise.resolve({}) : Promise.reject(new Error("No window"))));
  await Promise.all([openPhone(), openPhone(), openPhone()]);
  expect(create).toHaveBeenCalledTimes(1);
  expect(create.mock.calls[0]?.[0]).toMatchObject({ type: "popup", url: "chrome-extension://callbook/phone.html" });
  expect(update).toHaveBeenLastCalledWith(lastId, { focused: true });
});

test("the window that has the phone is brought to the front", async () => {
  getContexts.mockResolvedValue([{ windowId: 7 }]);
  update.mockResolvedValue({});
  await openPhone();
  expect(update).toHaveBeenCalledWith(7, { focused: true });
  expect(create).not.toHaveBeenCalled();
});

test("after it was closed another one is made", async () => {
  await openPhone();
  await openPhone();
  expect(create).toHaveBeenCalledTimes(2);
});

test("a number to call waits for the window", async () => {
  await dial(" +1 206 555 0142 ");
  expect((await stored.dialRequest.get())?.number).toBe("+1 206 555 0142");
  expect(create).toHaveBeenCalledTimes(1);
});

test.each(["", "   ", "1".repeat(201)])("%j is no number to call", async (number) => {
  await dial(number);
  expect(await stored.dialRequest.get()).toBeNull();
  expect(create).not.toHaveBeenCalled();
});
