import { expect, test } from "vitest";

import { phoneAddress, widgetAddress } from "./phone-address";

test.each([
  ["https://apps.ringcentral.com/x/app.html", "https://apps.ringcentral.com/x/app.html"],
  [
    "https://phone.example/app.html?appServer=https://a.example",
    "https://phone.example/app.html?appServer=https://a.example",
  ],
  [" http://127.0.0.1:8000/app.html ", "http://127.0.0.1:8000/app.html"],
  ["http://phone.example/app.html", null],
  ["phone.example/app.html", null],
  ["https://me:secret@phone.example/", null],
  ["https://phone.example/app.html#there", null],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  ["", null],
])("%s is loaded from %s", (typed, address) => {
  expect(phoneAddress(typed)).toBe(address);
});

test("the client id goes with it, beside what stands there already", () => {
  const address = "https://phone.example/app.html?multipleTabsSupport=1";
  expect(widgetAddress({ address, clientId: "a b&c" })).toBe(`${address}&clientId=a+b%26c`);
  expect(widgetAddress({ address, clientId: "" })).toBe(address);
  expect(widgetAddress({ address: "", clientId: "x" })).toBeNull();
});
