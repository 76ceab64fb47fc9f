import { expect, test, vi } from "vitest";

import type { RemotePage } from "./contract";
import { Refused, Unreachable } from "./errors";
import { HubSpotSearch } from "./hubspot-search";
import { remote } from "./testing/samples";

function searching(load: (text: string) => Promise<RemotePage>) {
  const found = vi.fn<() => void>();
  const search = new HubSpotSearch(load, vi.fn<() => void>(), found);
  return { search, found };
}

const page = (contacts = [remote()]): RemotePage => ({ contacts, searched: "+1 929 555 0164", retry_at: null });

test("what was found is shown, and the cache is told of it", async () => {
  const { search, found } = searching(() => Promise.resolve(page()));
  await search.ask("9295550164");
  expect(search.view()).toEqual({ text: "9295550164", page: page(), problem: null, retryAt: null });
  expect(found).toHaveBeenCalledOnce();
});

test("while the answer is on its way there is neither a page nor a problem", () => {
  const { search } = searching(() => new Promise(() => undefined));
  void search.ask("noor");
  expect(search.view()).toEqual({ text: "noor", page: null, problem: null, retryAt: null });
});

test("nothing found changes nothing here", async () => {
  const { search, found } = searching(() => Promise.resolve(page([])));
  await search.ask("noor");
  expect(search.view()?.page?.contacts).toEqual([]);
  expect(found).not.toHaveBeenCalled();
});

test("an answer to an older search is dropped", async () => {
  const late = Promise.withResolvers<RemotePage>();
  const { search } = searching((text) => (text === "no" ? late.promise : Promise.resolve(page())));
  const first = search.ask("no");
  await search.ask("noor");
  late.resolve(page([]));
  await first;
  expect(search.view()).toMatchObject({ text: "noor", page: page() });
});

test("a rest is told with its end", async () => {
  const until = "2026-11-21T14:32:00.000Z";
  const { search } = searching(() => Promise.reject(new Refused("busy", 429, "r-1", [], until)));
  await search.ask("noor");
  expect(search.view()).toMatchObject({ problem: "busy", retryAt: until, page: null });
});

test.each([
  [new Refused("reconnect_needed", 409, "r-1"), "reconnect_needed"],
  [new Refused("not_connected", 409, "r-1"), "not_connected"],
  [new Unreachable(), "unreachable"],
])("a search that failed says why: %#", async (failure, problem) => {
  const { search } = searching(() => Promise.reject(failure));
  await search.ask("noor");
  expect(search.view()).toMatchObject({ problem, page: null });
});
