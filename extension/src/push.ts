/**
 * Events, at least once each and in order: from the socket while the worker lives, from the cursor after any gap.
 * The socket opens with a one-time ticket; the server pings every 20 s, which is what keeps a worker alive.
 */
import { api, endSession } from "./api";
import { callsSeen, heardCall, recountMissed } from "./calls";
import { endOfRing } from "./call-facts";
import type { PushEvent } from "./contract";
import { tokenOf } from "./protocol";
import { heardProgress, refresh } from "./runs";
import { stored } from "./storage";
import { turns } from "./turns";

const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const SESSION_ENDED = 4401;

interface Line {
  socket: WebSocket;
  token: string;
  heardAt: number;
}

/** The cursor leads to events that are gone: everything is read anew. */
interface StartAgain {
  kind: "start_again";
  newest: number;
}

type Heard = PushEvent | StartAgain | { kind: "ping" };

let line: Line | null = null;
let opening: Promise<void> | null = null;
let pauseMs = FIRST_PAUSE_MS;
const inTurn = turns();

/** Makes sure that there is a live socket, and that nothing was missed before it. */
export async function stayConnected(): Promise<void> {
  const token = await tokenNow();
  if (line !== null && line.token === token && Date.now() - line.heardAt < SILENCE_MS) return;
  disconnect();
  opening ??= connect().finally(() => {
    opening = null;
  });
  await opening;
}

export function disconnect(): void {
  const old = line;
  line = null;
  old?.socket.close();
}

async function tokenNow(): Promise<string | null> {
  return tokenOf(await stored.session.get());
}

async function connect(): Promise<void> {
  const token = await tokenNow();
  if (token === null) return;
  await catchUp();
  const { ticket } = await api.ticket();
  const query = new URLSearchParams({ ticket, after: String((await stored.cursor.get()) ?? 0) });
  const address = (await stored.server.get()).replace(/^http/u, "ws");
  listen(new WebSocket(`${address}/api/events/socket?${query.toString()}`), token);
}

function listen(socket: WebSocket, token: string): void {
  const own: Line = { socket, token, heardAt: Date.now() };
  line = own;
  socket.addEventListener("message", (message: MessageEvent<string>) => {
    if (line !== own) return;
    const now = new Date();
    if (isOldNews(own, now)) return reopen();
    own.heardAt = now.getTime();
    pauseMs = FIRST_PAUSE_MS;
    const heard: Heard = JSON.parse(message.data);
    if (heard.kind !== "ping") void deal(heard, token, now).catch(reopen);
  });
  socket.addEventListener("close", (event) => {
    if (line !== own) return;
    line = null;
    if (event.code === SESSION_ENDED) void endSession(own.token);
    else reopenLater();
  });
}

/** After a silence in which there were no pings the computer slept: how long a call rings was told long ago. */
function isOldNews({ heardAt }: Line, now: Date): boolean {
  return now.getTime() - heardAt > SILENCE_MS;
}

function deal(heard: PushEvent | StartAgain, token: string, heardAt: Date): Promise<void> {
  return heard.kind === "start_again" ? inTurn(() => startAgain(heard.newest)) : accept([heard], token, heardAt);
}

/** An event that could not be dealt with keeps its place: the line is opened again from the cursor. */
function reopen(): void {
  disconnect();
  reopenLater();
}

/** A deadline while the worker lives; when it does not, the alarm's tick connects again. */
function reopenLater(): void {
  setTimeout(() => void stayConnected().catch(reopenLater), pauseMs * (0.75 + Math.random() / 2));
  pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}

/** Reads the events after the cursor. Without a cursor the present state is where to begin. */
export async function catchUp(): Promise<void> {
  const token = await tokenNow();
  const cursor = await stored.cursor.get();
  if (cursor === null) return beginAt((await refresh()).event);
  const page = await api.events(cursor);
  if (page.start_again) return startAgain(page.newest);
  await accept(page.events, token, new Date());
}

/** Calls from before the first sign-in here are history, not missed calls; what rings already is told. */
async function beginAt(number: number): Promise<void> {
  await recountMissed();
  await callsSeen();
  await stored.cursor.set(number);
}

async function startAgain(newest: number): Promise<void> {
  await refresh();
  await recountMissed();
  await listChanged();
  await stored.cursor.set(newest); // last: a worker that dies before has to begin again
}

/**
 * One after the other, whoever brought them; what the cursor has passed is dropped, and what was told to somebody who
 * is not signed in here any more.
 */
function accept(events: readonly PushEvent[], token: string | null, heardAt: Date): Promise<void> {
  return inTurn(async () => {
    for (const event of events) await acceptOne(event, token, heardAt); // oxlint-disable-line no-await-in-loop -- order matters
  });
}

async function acceptOne(event: PushEvent, token: string | null, heardAt: Date): Promise<void> {
  if ((await tokenNow()) !== token) return;
  const cursor = await stored.cursor.get();
  if (cursor !== null && event.number <= cursor) return;
  await react(event, heardAt);
  await stored.cursor.set(event.number);
}

async function react(event: PushEvent, heardAt: Date): Promise<void> {
  switch (event.kind) {
    case "progress":
      return heardProgress(event.data.run);
    case "contacts":
      return listChanged();
    case "call":
      return heardCall(event.data.call, endOfRing(event.data.call, heardAt));
  }
}

async function listChanged(): Promise<void> {
  await stored.contactsNews.set((await stored.contactsNews.get()) + 1);
}
