// The third-party service: registration, authorization, contacts in pages, names with their cache, search, view.
import { ask } from "./messages.js";

const TTL_MS = 2 * 3600_000;
const NO_MATCH_TTL_MS = 5 * 60_000;
const FIRST_KNOWN = 30;
const CACHE = "rc-widget-storage-1";

export const service = { registered: null, authorized: false, account: null, contacts: [], cursor: null, syncing: false };
/** Numbers that stand somewhere in the widget: in calls, in the history. */
export const known = new Set();
let fetching = null;
let changed = () => undefined;
let cache = new Map(JSON.parse(localStorage.getItem(CACHE) ?? "[]"));

export function onChange(heard) {
  changed = heard;
}

export function register(given) {
  if (!given?.name) return;
  const again = service.registered?.contactsPath !== undefined && given.contactsPath !== undefined;
  if (again) throw new Error(`sourceName already exists: ${given.name}`);
  service.registered = { ...service.registered, ...given };
  service.authorized = given.authorizationPath === undefined || given.authorized === true;
  service.account = given.authorizedAccount ?? null;
  changed();
  if (given.contactsPath !== undefined) void fetchContacts();
  if (given.contactMatchPath !== undefined) void matchKnown();
}

export async function updateAuthorization({ authorized, authorizedAccount }) {
  if (service.registered?.authorizationPath === undefined) return;
  const before = service.authorized;
  service.authorized = authorized === true;
  service.account = authorizedAccount ?? null;
  changed();
  if (before || !service.authorized) return;
  await fetchContacts();
  await matchKnown();
}

// --- contacts: one read at a time, page after page, taken over after the last

export function fetchContacts(type) {
  if (service.registered?.contactsPath === undefined || !service.authorized) return Promise.resolve();
  fetching ??= readPages(type)
    .catch(() => undefined) // a page without an answer: what there was stays
    .finally(() => {
      fetching = null;
      service.syncing = false;
      changed();
    });
  return fetching;
}

async function readPages(type) {
  service.syncing = true;
  changed();
  const read = [];
  let first = null;
  for (let page = 1; page !== null; ) {
    const body = { page, syncTimestamp: service.cursor, ...(type === undefined ? {} : { type }) };
    const answer = await ask(service.registered.contactsPath, body);
    first ??= answer;
    read.push(...(Array.isArray(answer?.data) ? answer.data : []));
    page = answer?.nextPage ?? null;
  }
  const stamp = first?.syncTimestamp ?? null;
  service.contacts = service.cursor !== null && stamp !== null ? merged(read) : read;
  service.cursor = stamp;
}

function merged(read) {
  const rows = new Map(service.contacts.map((row) => [row.id, row]));
  for (const row of read) {
    if (row.deleted) rows.delete(row.id);
    else rows.set(row.id, row);
  }
  return [...rows.values()];
}

// --- names: by the very text of the query, kept for their time, and over a reload

const ttlMs = () => service.registered?.contactMatchTtl ?? TTL_MS;
const noMatchTtlMs = () => service.registered?.contactNoMatchTtl ?? NO_MATCH_TTL_MS;

export function matchesOf(number) {
  return cache.get(number)?.contacts ?? [];
}

export async function match(numbers, { force = false, callerIds = {} } = {}) {
  if (service.registered?.contactMatchPath === undefined || !service.authorized) return;
  const now = Date.now();
  cache = new Map([...cache].filter(([, { at }]) => now - at < ttlMs()));
  const phoneNumbers = numbers.filter((one) => force || !(now - (cache.get(one)?.at ?? 0) < noMatchTtlMs()));
  if (phoneNumbers.length === 0) return;
  const answer = await ask(service.registered.contactMatchPath, { phoneNumbers, callerIds }).catch(() => null);
  const data = answer?.data ?? {};
  for (const one of phoneNumbers) {
    cache.set(one, { contacts: Object.hasOwn(data, one) ? data[one] : [], at: Date.now() });
  }
  localStorage.setItem(CACHE, JSON.stringify([...cache]));
  changed();
}

function matchKnown() {
  return match([...known].slice(0, FIRST_KNOWN));
}

/** Of the numbers that a page names, only those that stand somewhere here. */
export function triggerMatch(phoneNumbers) {
  const here = phoneNumbers.filter((one) => known.has(one));
  return here.length === 0 ? Promise.resolve() : match(here, { force: true });
}

// --- the other paths

/** A row for each phone whose contact has the text in its name or number. */
export async function search(searchString) {
  if (service.registered?.contactSearchPath === undefined || !service.authorized) return [];
  const { data } = await ask(service.registered.contactSearchPath, { searchString });
  const text = searchString.toLowerCase();
  return data.flatMap((contact) =>
    contact.phoneNumbers
      .filter(({ phoneNumber }) => contact.name.toLowerCase().includes(text) || phoneNumber.includes(text))
      .map(({ phoneNumber, phoneType }) => ({ name: contact.name, phoneNumber, type: phoneType.replace(/Phone$/, "") })),
  );
}

export const view = (contact) => ask(service.registered.viewMatchedContactPath, contact);
export const authorize = () => ask(service.registered.authorizationPath, { authorized: service.authorized });
