import { expect, test } from "vitest";

import { serverAddress } from "./server-address";

test.each([
  ["https://callbook.brightmoor.example/", "https://callbook.brightmoor.example"],
  ["callbook.brightmoor.example", "https://callbook.brightmoor.example"],
  [" https://tools.example/callbook/ ", "https://tools.example/callbook"],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
  ["http://localhost:8000/", "http://localhost:8000"],
  ["http://callbook.brightmoor.example", null],
  ["http://127.0.0.1.evil.example", null],
  ["javascript:alert(1)", null],
  ["ftp://callbook.example", null],
  ["https://user:secret@callbook.example", null],
  ["https://callbook.example/?next=1", null],
  ["", null],
])("%s becomes %s", (typed, address) => {
  expect(serverAddress(typed)).toBe(address);
});
