/**
 * The words that the RingCentral widget and this window say to each other: what may be heard, read once into plain
 * values, and what is said. The widget is a foreign page: whatever it sends is of unknown shape and anyone's text.
 * https://github.com/ringcentral/ringcentral-embeddable/blob/main/docs/integration/third-party-service-in-widget.md
 */

/** The service's name, which is also the `type` of each of its contacts. */
export const SERVICE = "HubSpot";

export interface WidgetPhone {
  phoneNumber: string;
  phoneType: "business" | "mobile" | "other" | "company";
}

/** What the widget calls our kinds of numbers. */
export const PHONE_TYPES = { phone: "business", mobile: "mobile", whatsapp: "other", company: "company" } as const;

/** A contact as the widget takes it. */
export interface WidgetContact {
  id: string;
  name: string;
  type: typeof SERVICE;
  phoneNumbers: WidgetPhone[];
  firstName?: string;
  lastName?: string;
  company?: string;
  jobTitle?: string;
  emails?: string[];
  deleted?: true;
}

/** What a message's `data` may hold; nothing of it is known before it is looked at. */
export type Unread = Readonly<Record<string, unknown>>;

export type Heard =
  | { kind: "request"; requestId: string; path: string; body: Unread }
  | { kind: "login"; loggedIn: boolean }
  | { kind: "dialer"; ready: boolean }
  /** Anything else: it shows that the widget lives, and may be about a call. */
  | { kind: "other"; type: string; message: Unread };

const LONGEST_ID = 200;

export function isUnread(value: unknown): value is Unread {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A message of the very window and origin that the widget was loaded into; a sibling frame's is not. */
export function isFromWidget(
  event: Pick<MessageEvent, "source" | "origin">,
  frame: MessageEventSource | null,
  origin: string,
): boolean {
  return frame !== null && event.source === frame && event.origin === origin;
}

export function read(data: unknown): Heard | null {
  if (!isUnread(data)) return null;
  const type = textIn(data.type);
  if (type === null) return null;
  if (type === "rc-post-message-request") return readRequest(data);
  if (type === "rc-login-status-notify") return { kind: "login", loggedIn: data.loggedIn === true };
  if (type === "rc-dialer-status-notify") return { kind: "dialer", ready: data.ready === true };
  return { kind: "other", type, message: data };
}

function readRequest({ requestId, path, body }: Unread): Heard | null {
  const [id, at] = [textIn(requestId), textIn(path)];
  if (id === null || id.length > LONGEST_ID || at === null) return null;
  return { kind: "request", requestId: id, path: at, body: isUnread(body) ? body : {} };
}

export const PATHS = {
  contacts: "/contacts",
  search: "/contacts/search",
  match: "/contacts/match",
  view: "/contacts/view",
  authorize: "/authorize",
} as const;

/** Milliseconds, although the widget's documentation says seconds. */
const MATCH_TTL_MS = 10 * 60_000;
const NO_MATCH_TTL_MS = 60_000;

/** The sign of HubSpot, as `ui/icons` draws it, in HubSpot's orange. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cg fill='%23d9480f' stroke='%23d9480f'%3E" +
  "%3Cpath d='M12 12V3M12 12l7.79-4.5M12 12l7.79 4.5M12 12v9M12 12l-7.79 4.5M12 12 4.21 7.5' stroke-width='1.5'/%3E" +
  "%3Ccircle cx='12' cy='12' r='3'/%3E%3Ccircle cx='12' cy='3' r='2'/%3E%3Ccircle cx='19.8' cy='7.5' r='2'/%3E" +
  "%3Ccircle cx='19.8' cy='16.5' r='2'/%3E%3Ccircle cx='12' cy='21' r='2'/%3E%3Ccircle cx='4.2' cy='16.5' r='2'/%3E" +
  "%3Ccircle cx='4.2' cy='7.5' r='2'/%3E%3C/g%3E%3C/svg%3E";

export interface Authorization {
  authorized: boolean;
  /** Whose contacts they are; null where nobody is signed in. */
  account: string | null;
}

interface Titles {
  authorize: string;
  unauthorize: string;
}

/** `authorizedTitle` is what the button says while authorized. Sent once for each load: a second one makes it throw. */
export function registration({ authorized, account }: Authorization, titles: Titles): object {
  return {
    type: "rc-adapter-register-third-party-service",
    service: {
      name: SERVICE,
      displayName: SERVICE,
      contactsPath: PATHS.contacts,
      contactIcon: ICON,
      contactSearchPath: PATHS.search,
      contactMatchPath: PATHS.match,
      contactMatchTtl: MATCH_TTL_MS,
      contactNoMatchTtl: NO_MATCH_TTL_MS,
      viewMatchedContactPath: PATHS.view,
      authorizationPath: PATHS.authorize,
      authorizedTitle: titles.unauthorize,
      unauthorizedTitle: titles.authorize,
      authorized,
      ...(account === null ? {} : { authorizedAccount: account }),
    },
  };
}

export function authorizationStatus({ authorized, account }: Authorization): object {
  return {
    type: "rc-adapter-update-authorization-status",
    authorized,
    ...(account === null ? {} : { authorizedAccount: account }),
  };
}

export const response = (responseId: string, answer: object): object => ({
  type: "rc-post-message-response",
  responseId,
  response: answer,
});
export const readContactsAgain = (): object => ({ type: "rc-adapter-sync-third-party-contacts" });
export const matchAgain = (phoneNumbers: readonly string[]): object => ({
  type: "rc-adapter-trigger-contact-match",
  phoneNumbers,
});
export const newCall = (phoneNumber: string): object => ({ type: "rc-adapter-new-call", phoneNumber, toCall: true });
