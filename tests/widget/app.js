// A stand-in for RingCentral's embeddable widget, built from what the real one was seen to do: the order at the start,
// which messages are heard when, and every rule of a third-party service. Tests drive it by `standIn`.
import { answer, calls, comeBack, end, phone, place, ring, showHistory, toVoicemail, transfer } from "./calls.js";
import { after, answered, log, tell } from "./messages.js";
import { draw } from "./screen.js";
import * as services from "./service.js";

const SIGNED_IN = "stand-in-signed-in";
const parameters = new URLSearchParams(location.search);
const errors = [];

function hear({ data }) {
  if (typeof data?.type !== "string") return;
  log.push({ way: "in", message: data });
  try {
    heed(data);
  } catch (error) {
    errors.push(error.message);
    throw error;
  }
}

/** Neither the sender nor its origin is looked at. */
function heed(data) {
  switch (data.type) {
    case "rc-post-message-response":
      return answered(data);
    case "rc-adapter-register-third-party-service":
      return services.register(data.service);
    case "rc-adapter-update-authorization-status":
      return void services.updateAuthorization(data);
    case "rc-adapter-sync-third-party-contacts":
      return void services.fetchContacts("api");
    case "rc-adapter-trigger-contact-match":
      return void services.triggerMatch(data.phoneNumbers);
    case "rc-adapter-new-call":
      if (data.toCall) void place(data.phoneNumber).then(draw);
      return undefined;
    default:
      return undefined;
  }
}

function becomeLoggedIn(loggedIn) {
  phone.loggedIn = loggedIn;
  phone.ready = false;
  localStorage.setItem(SIGNED_IN, String(loggedIn));
  tell({ type: "rc-login-status-notify", loggedIn, ...(loggedIn && { loginNumber: "18442085446*101" }) });
  draw();
}

async function becomeReady() {
  tell({ type: "rc-calling-settings-notify", callWith: "browser", callingMode: "Browser" });
  tell({ type: "rc-route-changed-notify", path: "/dialer" });
  await after(50);
  phone.ready = true;
  tell({ type: "rc-dialer-status-notify", ready: true });
  tell({ type: "rc-webphone-connection-status-notify", connectionStatus: "connectionStatus-connected" });
  draw();
}

async function login() {
  tell({ type: "rc-region-settings-notify", countryCode: "US", areaCode: "206" });
  becomeLoggedIn(true);
  await becomeReady();
}

const EARLY = [
  { type: "rc-dialer-status-notify", ready: false },
  { type: "rc-meeting-status-notify", ready: false },
  { type: "rc-brand-assets-notify" },
  { type: "rc-webphone-connection-status-notify", connectionStatus: "connectionStatus-disconnected" },
  { type: "rc-adapter-pushAdapterState" },
  { type: "rc-adapter-syncPresence", telephonyStatus: null, userStatus: null, dndStatus: null },
  { type: "rc-adapter-pushLocale", locale: "en-US" },
  { type: "rc-adapter-theme-notify", theme: "light" },
  { type: "rc-adapter-syncSize", size: { width: 300, height: 500 } },
  { type: "rc-adapter-side-drawer-open-notify", open: false },
];

async function start() {
  services.onChange(draw);
  draw();
  EARLY.forEach(tell);
  await after(20); // what is sent to the widget until here is lost
  addEventListener("message", hear);
  becomeLoggedIn(false);
  tell({ type: "rc-route-changed-notify", path: "/" });
  await after(30);
  if (parameters.get("signedIn") === "yes" || localStorage.getItem(SIGNED_IN) === "true") await login();
}

globalThis.standIn = {
  ...services,
  log,
  errors,
  phone,
  calls,
  ring,
  answer,
  comeBack,
  end,
  place,
  toVoicemail,
  transfer,
  showHistory,
  tell,
  login,
  logout: () => becomeLoggedIn(false),
  redraw: draw,
};
void start();
