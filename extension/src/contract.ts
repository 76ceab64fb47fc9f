/**
 * What the server says and takes, by the names used here. The shapes are the server's own, generated from its
 * `/openapi.json` by `npm run contract`: a field that changes there does not compile here. Moments are ISO-8601 strings
 * in UTC.
 */
import type { components } from "./openapi";

type Shapes = components["schemas"];

export type Moment = string;

export type Account = Shapes["Account"];
/** `since`: since when it is in this state. */
export type Connection = Shapes["ConnectionOut"];

/** `changed_since` is of recent runs only; `removal_held` counts rows a brake kept although HubSpot no longer lists them. */
export type Run = Shapes["RunOut"];
export type RunKind = Run["kind"];
export type RunState = Run["state"];
/** What a person does with a run in progress. */
export type RunMove = "pause" | "resume" | "cancel";
export type RunProblem = NonNullable<Run["problem"]>;

export type SourceCounts = Shapes["CountsOut"];
/**
 * `run` is the one in progress, `last_run` the last that ended; `last_synced_at` is when the cache was last proven
 * complete; `event` is the number of the newest event.
 */
export type SyncState = Shapes["SyncState"];
export type IntervalMinutes = SyncState["interval_minutes"];

/** `effective_country` is null where neither the person nor their portal names one. */
export type Settings = Shapes["PreferencesOut"];
export type SettingsChange = Partial<Shapes["PreferencesIn"]>;

/** A number or extension that is the rep's own in their phone system. */
export type OwnLine = Shapes["LineOut"];

export type Phone = Shapes["PhoneOut"];
export type PhoneKind = Phone["kind"];
/** A number that is the company's, and nobody's own. */
export type CompanyLine = Shapes["CompanyLine"];
export type Owner = Shapes["OwnerOut"];

export type ContactRow = Shapes["ContactRow"];
type ContactSource = ContactRow["source"];
export type SourceFilter = "all" | ContactSource;
/** `last_call` is the newest call with one of their numbers. */
export type Contact = Shapes["ContactOut"];
/** A personal contact as it is to be; each kind of number at most once. */
export type PersonalIn = Shapes["PersonalIn"];

/** A part of the change feed; `start_again`: the place asked from is of another cache, or too old. */
export type FeedPage = Shapes["FeedOut"];
export type FeedRow = FeedPage["contacts"][number];
export type FeedPhone = FeedRow["phones"][number];

export type LetterOffset = Shapes["LetterOut"];
/**
 * `counts` are by source and of what matches the search text, `total` of what matches source and text; `searched_as` is
 * set when the text is a phone number.
 */
export type ContactPage = Shapes["ContactsOut"];

export type ContactQuery = Omit<Shapes["ContactsIn"], "after">;

/** A contact as HubSpot has it now; `contact_id` is its number here. */
export type RemoteRow = Shapes["RemoteRow"];
/** `searched` is what was looked for, as it is read aloud; `retry_at` is when the next search may be asked. */
export type RemotePage = Shapes["RemoteSearchOut"];

/** A record of HubSpot that could not be read or kept. */
export type Problem = Shapes["ProblemOut"];
export type ProblemCategory = Problem["category"];
export type ProblemPage = Shapes["ProblemsOut"];

/**
 * `number` is as it was asked; `people` counts all it leads to, `candidates` are the first; `company` is whose line it is;
 * `chosen` is whom the rep picked for it; `carrier_name` is what the phone system reports.
 */
export type Caller = Shapes["CallerOut"];
export type Call = Shapes["CallOut"];
export type CallState = Call["state"];

/** An event of a call, as a phone window of ours tells it; `name` is what the phone system calls the other side. */
export type CallNews = Omit<Shapes["CallIn"], "ago_ms">;

export type CallCounts = Shapes["CallCounts"];
export type CallFilter = keyof CallCounts;
/** `total` is how many the filter leaves. */
export type CallPage = Shapes["CallsOut"];

export type CallQuery = Shapes["HistoryIn"];

/** One event; which data goes with which kind is more than the description can say. */
export type PushEvent = Pick<Shapes["EventOut"], "number" | "at"> &
  (
    | { kind: "progress"; data: Shapes["ProgressData"] }
    | { kind: "contacts"; data: Shapes["NoData"] }
    | { kind: "call"; data: Shapes["CallData"] }
  );

/** `start_again`: the cursor was too old or of another cache; forget what is known and begin at `newest`. */
export type EventPage = Omit<Shapes["EventsOut"], "events"> & { events: PushEvent[] };

export type Health = Shapes["Health"];
export type SessionGrant = Shapes["SessionOut"];
export type Ticket = Shapes["TicketOut"];

/** `where` is the field's path, with dots; `body` when it is the whole. */
export type FieldRefusal = Shapes["FieldRefusal"];
export type ErrorBody = Shapes["Refusal"];

/** Kinds the server puts on the address that ends the sign-in. */
export const AUTHORIZE_REFUSALS = [
  "consent_denied",
  "exchange_failed",
  "scope_missing",
  "hubspot_unreachable",
  "server_misconfigured",
] as const;
export type AuthorizeRefusal = (typeof AUTHORIZE_REFUSALS)[number];
