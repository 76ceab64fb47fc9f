// Calls: what the widget tells of one, three times over, and the names it asks for.
import { tell } from "./messages.js";
import { known, match } from "./service.js";

const OWN_NUMBER = "18442085446*101";
const OWN_EXTENSION = 101;

export const phone = { loggedIn: false, ready: false };
/** By telephony session, the newest last; those that are over are the history. */
export const calls = new Map();

export async function ring({ from, fromName = null, id = `s-${crypto.randomUUID()}` }) {
  const call = { id, leg: 1, direction: "Inbound", from, fromName, to: OWN_NUMBER, state: "ringing", startedAt: null };
  calls.set(id, call);
  for (const number of [from, OWN_NUMBER]) known.add(number);
  webPhone("ring", call);
  presence(call, "Ringing");
  session(call, "Proceeding");
  void match([from], { force: true });
  await match([from, OWN_NUMBER]);
  return id;
}

/** Dialled by a person here, or by the page; the web phone sets up one call at a time. */
export async function place(number) {
  const busy = [...calls.values()].some(({ state, direction }) => direction === "Outbound" && state === "ringing");
  if (!phone.loggedIn || busy) return null;
  const id = `s-${crypto.randomUUID()}`;
  const sides = { from: OWN_NUMBER, fromName: null, to: number };
  const call = { id, leg: 1, direction: "Outbound", ...sides, state: "ringing", startedAt: null };
  calls.set(id, call);
  known.add(number);
  webPhone("init", call, { partyData: null }); // the session is not known yet
  session(call, "Setup");
  await match([number]);
  return id;
}

export function answer(id) {
  const call = calls.get(id);
  Object.assign(call, { state: "connected", startedAt: Date.now() });
  webPhone("start", call);
  presence(call, "CallConnected");
  session(call, "Answered");
}

/** `reason` is the session's, as RingCentral gives it; the web phone ends a call twice. */
export function end(id, { reason = "CallFinished", silent = [] } = {}) {
  const call = calls.get(id);
  call.state = "over";
  if (!silent.includes("webPhone")) for (let times = 0; times < 2; times += 1) webPhone("end", call);
  if (!silent.includes("presence")) presence(call, "NoCall");
  if (!silent.includes("session")) session(call, "Disconnected", reason);
}

export function toVoicemail(id) {
  const call = calls.get(id);
  call.state = "over";
  session(call, "VoiceMail");
  webPhone("end", call, { isToVoicemail: true });
}

/** Given to a colleague. */
export function transfer(id) {
  end(id, { reason: "BlindTransfer" });
}

/** The colleague did not take it: the same session, and another party of it. */
export function comeBack(id) {
  const call = calls.get(id);
  Object.assign(call, { leg: call.leg + 2, state: "ringing", startedAt: null });
  webPhone("ring", call);
  presence(call, "Ringing");
  session(call, "Proceeding");
}

/** Numbers of earlier calls come into view. */
export function showHistory(numbers) {
  for (const number of numbers) known.add(number);
  return match(numbers);
}

function webPhone(event, call, more = {}) {
  const { id, leg, direction, from, to, fromName, startedAt } = call;
  const callStatus = event === "start" ? "webphone-session-connected" : "webphone-session-connecting";
  const about = { id: `call-${id}`, callId: `call-${id}`, direction, callStatus, from, to, fromUserName: fromName };
  const party = { partyId: `p-${id}-${leg}`, sessionId: id };
  const body = { ...about, ...(startedAt && { startTime: startedAt }), partyData: party, ...more };
  tell({ type: `rc-call-${event}-notify`, call: body });
}

function presence(call, telephonyStatus) {
  const { id, leg, direction, from, to, fromName } = call;
  const over = telephonyStatus === "NoCall" ? { terminationType: "final" } : {};
  const sides = { from: { phoneNumber: from }, fromName, to: { phoneNumber: to }, toName: null };
  tell({
    type: "rc-active-call-notify",
    call: {
      direction,
      ...sides,
      telephonyStatus,
      telephonySessionId: id,
      sessionId: `1${id}`,
      partyId: `p-${id}-${leg}`,
      ...over,
    },
  });
}

function session(call, code, reason) {
  const { id, leg, direction, from, to, fromName } = call;
  const status = { code, ...(reason === undefined ? {} : { reason }) };
  const sides = { from: { phoneNumber: from, name: fromName }, to: { phoneNumber: to } };
  const party = { id: `p-${id}-${leg}`, extensionId: OWN_EXTENSION, direction, ...sides, status };
  tell({ type: "rc-telephony-session-notify", telephonySession: { id, extensionId: OWN_EXTENSION, parties: [party] } });
}
