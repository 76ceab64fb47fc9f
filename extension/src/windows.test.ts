import { beforeEach, expect, test, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";

import { showPopup } from "./windows";

const openPopup = vi.fn<() => Promise<void>>();
const create = vi.fn<(options: object) => Promise<{ id: number }>>();
const update = vi.fn<(id: number, options: object) => Promise<object>>();
const getContexts = vi.fn<() => Promise<{ windowId: number }[]>>();

beforeEach(() => {
  for (const each of [openPopup, create, update, getContexts]) each.mockReset();
  Object.assign(fakeBrowser.action, { openPopup });
  Object.assign(fakeBrowser.windows, { create, update, getLastFocused: async () => ({ id: 3 }) });
  Object.assign(fakeBrowser.runtime, { getContexts });
  create.mockResolvedValue({ id: 8 });
  update.mockResolvedValue({});
  getContexts.mockResolvedValue([]);
});

test("the popup is opened where the browser can", async () => {
  await showPopup();
  expect(openPopup).toHaveBeenCalledTimes(1);
  expect(create).not.toHaveBeenCalled();
});

test("a browser that is behind comes to the front with the popup", async () => {
  openPopup.mockRejectedValueOnce(new Error("Could not find an active browser window."));
  await showPopup();
  expect(update).toHaveBeenCalledWith(3, { focused: true });
  expect(openPopup).toHaveBeenCalledTimes(2);
  expect(create).not.toHaveBeenCalled();
});

test("where no popup can be opened it is a window, one and not another with each click", async () => {
  Object.assign(fakeBrowser.action, { openPopup: undefined }); // Chrome before 127
  await showPopup();
  expect(create.mock.calls[0]?.[0]).toMatchObject({ type: "popup", url: "chrome-extension://callbook/sidepanel.html" });
  getContexts.mockResolvedValue([{ windowId: 8 }]);
  await showPopup();
  expect(create).toHaveBeenCalledTimes(1);
  expect(update).toHaveBeenLastCalledWith(8, { focused: true });
});
