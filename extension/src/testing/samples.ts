/** Plain values of the contract for tests: Alice's account, a run, a call. */
import type { Account, Call, Caller, Contact, ContactRow, Phone, RemoteRow, Run, SyncState } from "../contract";

export const NOW = new Date("2026-11-21T14:16:00.000Z");

export const alicesAccount: Account = {
  portal_id: 4711,
  portal_name: "Brightmoor Supply",
  ui_domain: "app.hubspot.com",
  user_email: "alice@brightmoor.example",
  demo: false,
};

export function run(change: Partial<Run> = {}): Run {
  return {
    id: 7,
    kind: "full",
    trigger: "first",
    state: "running",
    requested_at: "2026-11-21T14:10:00.000Z",
    started_at: "2026-11-21T14:10:01.000Z",
    finished_at: null,
    duration_s: null,
    changed_since: null,
    read: 41_200,
    total: 98_412,
    seconds_left: 240,
    added: 0,
    updated: 0,
    removed: 0,
    unchanged: 0,
    failed: 0,
    requests: 412,
    throttled: 0,
    remote_total: null,
    local_total: null,
    removal_held: 0,
    retry_at: null,
    paused_at: null,
    problem: null,
    ...change,
  };
}

export function ended(change: Partial<Run> = {}): Run {
  return run({
    state: "finished",
    read: 98_412,
    finished_at: "2026-11-21T14:12:00.000Z",
    duration_s: 412,
    seconds_left: null,
    remote_total: 98_412,
    local_total: 98_412,
    ...change,
  });
}

export function syncState(change: Partial<SyncState> = {}): SyncState {
  return {
    connection: { state: "connected", since: "2026-11-21T13:40:00.000Z", account: alicesAccount },
    counts: { all: 98_431, hubspot: 98_412, personal: 19, without_phone: 3_118, number_unreadable: 0 },
    run: null,
    last_run: ended(),
    last_synced_at: "2026-11-21T14:12:00.000Z",
    next_sync_at: "2026-11-21T14:32:00.000Z",
    interval_minutes: 20,
    event: 12,
    ...change,
  };
}

export const biancasPhone: Phone = {
  kind: "mobile",
  raw: "(415) 555-0132",
  e164: "+14155550132",
  extension: null,
  display: "(415) 555-0132",
};

export const bianca: ContactRow = {
  id: 21,
  source: "hubspot",
  name: "Bianca Ferraro",
  company: "Portico Legal",
  job_title: "VP Operations",
  letter: "F",
  phone: biancasPhone,
};

/** Found at HubSpot, and in the cache since. */
export function remote(change: Partial<RemoteRow> = {}): RemoteRow {
  return {
    hubspot_id: "60218834",
    contact_id: 22,
    name: "Noor Saleh",
    company: "Meridian Textiles",
    job_title: "Buyer",
    phones: [{ kind: "phone", raw: "929 555 0164", e164: "+19295550164", extension: null, display: "(929) 555-0164" }],
    email: "noor@meridian.example",
    hubspot_url: "https://app.hubspot.com/contacts/4711/record/0-1/60218834",
    ...change,
  };
}

/** One of Alice's own: no badge, no owner. */
export function personal(change: Partial<Contact> = {}): Contact {
  return {
    id: 77,
    source: "personal",
    name: "Ben Carver",
    first_name: "Ben",
    last_name: "Carver",
    company: null,
    job_title: null,
    letter: "C",
    phone: biancasPhone,
    phones: [biancasPhone],
    email: "ben@carver.example",
    company_line: null,
    owner: null,
    last_call: null,
    hubspot_url: null,
    modified_at: null,
    ...change,
  };
}

type Candidate = Caller["candidates"][number];

export function candidate(change: Partial<Candidate> = {}): Candidate {
  return { ...bianca, matched: biancasPhone, is_mine: false, last_contacted_at: null, ...change };
}

export function caller(change: Partial<Caller> = {}): Caller {
  return {
    number: "+14155550132",
    e164: "+14155550132",
    extension: null,
    display: "(415) 555-0132",
    country: "US",
    label: "exact",
    reason: null,
    people: 1,
    company: null,
    carrier_name: null,
    chosen: null,
    candidates: [candidate()],
    ...change,
  };
}

export function call(change: Partial<Call> = {}): Call {
  return {
    id: 1,
    call_id: "call-1",
    direction: "inbound",
    state: "ringing",
    number: "+14155550132",
    rings_ms: 35_000,
    started_at: "2026-11-21T14:15:50.000Z",
    answered_at: null,
    ended_at: null,
    caller: caller(),
    ...change,
  };
}
