// What is to be seen of the stand-in: a dialer, a call with the caller's name, the contacts, the settings.
import { answer, calls, end, phone, place } from "./calls.js";
import { authorize, fetchContacts, matchesOf, service, view } from "./service.js";

const SHOWN_CONTACTS = 50;
let tab = "Phone";

function element(name, { on = {}, ...properties } = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  for (const [event, heard] of Object.entries(on)) made.addEventListener(event, heard);
  made.append(...inside);
  return made;
}

function button(words, click, className = "") {
  return element("button", { type: "button", className, textContent: words, on: { click } });
}

/** The first match, else what the carrier said, else the number. */
export function nameOf({ direction, from, to, fromName }) {
  const number = direction === "Inbound" ? from : to;
  return matchesOf(number)[0]?.name ?? (direction === "Inbound" ? fromName : null) ?? number;
}

function callScreen(call) {
  const number = call.direction === "Inbound" ? call.from : call.to;
  const [first] = matchesOf(number);
  const hangUp = button(call.state === "ringing" ? "Ignore" : "Hang up", () => (end(call.id), draw()), "bad");
  const take = button("Answer", () => (answer(call.id), draw()), "good");
  const said = { ringing: call.direction === "Inbound" ? "Incoming call" : "Calling", connected: "Connected" };
  const detail = first && button("View contact", () => void view(first), "plain");
  return element(
    "section",
    { className: "call" },
    element("p", { textContent: said[call.state] }),
    element("h1", { textContent: nameOf(call) }),
    element("p", { textContent: first?.company ?? "" }),
    element("p", { textContent: number }),
    ...(detail ? [detail] : []),
    element("div", { className: "row" }, ...(call.state === "ringing" && call.direction === "Inbound" ? [take] : []), hangUp),
  );
}

function dialer() {
  const field = element("input", { placeholder: "Enter a name or number", ariaLabel: "Number" });
  const keys = [..."123456789*0#"].map((key) => button(key, () => (field.value += key), "key"));
  const over = [...calls.values()].filter(({ state }) => state === "over").toReversed();
  const rows = over.slice(0, 3).map((call) => element("li", { textContent: nameOf(call) }));
  return element(
    "section",
    { className: "dialer" },
    field,
    element("div", { className: "keys" }, ...keys),
    button("Call", () => void place(field.value).then(draw), "good"),
    element("ul", {}, ...rows),
  );
}

function contactList() {
  const rows = service.contacts.slice(0, SHOWN_CONTACTS).map(({ name, phoneNumbers }) => {
    return element("li", { textContent: `${name} ${phoneNumbers[0]?.phoneNumber ?? ""}` });
  });
  const head = `${service.contacts.length} contacts${service.syncing ? " …" : ""}`;
  return element(
    "section",
    {},
    element("p", { textContent: head }),
    button("Refresh", () => void fetchContacts("manual")),
    element("ul", {}, ...rows),
  );
}

function settings() {
  const { registered, authorized, account } = service;
  const title = authorized ? registered?.authorizedTitle : registered?.unauthorizedTitle;
  const toggle = registered?.authorizationPath === undefined ? [] : [button(title, () => void authorize())];
  return element(
    "section",
    {},
    element("p", { textContent: `${registered?.displayName ?? "No service"} ${account ?? ""}` }),
    ...toggle,
  );
}

const SCREENS = { Phone: dialer, Contacts: contactList, Settings: settings };

export function draw() {
  const call = [...calls.values()].findLast(({ state }) => state !== "over");
  const choose = (name) => () => ((tab = name), draw());
  const tabs = Object.keys(SCREENS).map((name) => button(name, choose(name), name === tab ? "tab is-on" : "tab"));
  const signIn = element("section", {}, element("p", { textContent: "Signed out" }), button("Sign In", () => void globalThis.standIn.login()));
  const shown = call !== undefined ? callScreen(call) : !phone.loggedIn && tab === "Phone" ? signIn : SCREENS[tab]();
  document.getElementById("screen").replaceChildren(element("nav", {}, ...tabs), shown);
}
