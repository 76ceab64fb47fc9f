"""`callbook`: run the service, keep its database, make a key, ring a phone, see which calls were for nobody."""

import argparse
import base64
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus

import requests
from peewee import DatabaseError, fn

from callbook import accounts, calls, jobs, models, routing, telephony
from callbook.errors import CallbookError
from callbook.models import User, connected, now
from callbook.settings import LOG_FORMAT, MIN_SECRET_KEY_BYTES, BadSettings, Settings

GRACE_S = 12
UNROUTED_DAYS = 30


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    if options.command == "secret-key":
        sys.stdout.write(f"k1:{base64.b64encode(secrets.token_bytes(MIN_SECRET_KEY_BYTES)).decode()}\n")
        return 0
    if options.command == "call-secret":
        sys.stdout.write(f"{telephony.new_secret()}\n")
        return 0
    try:
        settings = Settings.from_env(os.environ)
        return COMMANDS[options.command](settings, options)
    except BadSettings as bad:
        sys.stderr.write("Callbook cannot start; these settings need mending:\n")
        sys.stderr.writelines(f"  {problem}\n" for problem in bad.problems)
        return 2
    except CallbookError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="callbook", description="Shows sales reps who is calling.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="the web server and one worker")
    commands.add_parser("web", help="the web server alone")
    commands.add_parser("worker", help="one worker alone")
    commands.add_parser("migrate", help="bring the database to this version")
    commands.add_parser("secret-key", help="print a new key for CALLBOOK_SECRET_KEYS")
    commands.add_parser("call-secret", help="print a new secret for CALLBOOK_CALL_HOOK_SECRETS")
    ring = commands.add_parser("ring", help="ring a user's phone, as a phone system would tell it")
    ring.add_argument("--user", required=True, help="their e-mail address at HubSpot, or a line of theirs")
    ring.add_argument("--portal", type=int, help="the HubSpot account's id, where one address is in several")
    ring.add_argument("--from", required=True, dest="number", help="the number that calls; '' is withheld")
    ring.add_argument("--name", help="what the phone system calls the caller")
    ring.add_argument("--call-id", help="the phone system's name for the call; a new one by default")
    ring.add_argument("--state", choices=tuple(calls.STAGE), default="ringing")
    commands.add_parser("unrouted", help=f"count the call events of the last {UNROUTED_DAYS} days that were for nobody")
    return parser


@contextmanager
def _usable_database() -> Iterator[None]:
    """Raises `CallbookError` for what the database refuses. Its address is not told: it may hold a password."""
    try:
        yield
    except (OSError, DatabaseError) as problem:
        first = str(problem).partition("\n")[0]
        raise CallbookError("database_unusable", f"CALLBOOK_DATABASE_URL cannot be used: {first}.") from problem


def _check_database(settings: Settings) -> None:
    with _usable_database():
        models.connect(settings.database_url)
        if not models.is_migrated():
            raise CallbookError(
                "database_behind", "The database is not at this version's tables: run `callbook migrate` first."
            )


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    with _usable_database():
        models.connect(settings.database_url)
        steps = models.migrate()
    sys.stdout.write(f"{', '.join(steps) or 'nothing to do'}\n")
    return 0


def _web(settings: Settings, _options: argparse.Namespace) -> int:
    """Replaces this process by gunicorn."""
    _check_database(settings)
    command = [sys.executable, "-m", "gunicorn", "callbook.wsgi:application()", "--bind", settings.listen]
    command += ["--worker-class", "gthread", "--threads", str(settings.web_threads), "--graceful-timeout", "3"]
    command += ["--no-control-socket"]  # it would be one for all of a user's servers
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
    _check_database(settings)
    jobs.worker(settings)
    return 0


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    """Web and worker side by side; when one ends, so does the other."""
    _migrate(settings, options)
    ours = [sys.executable, "-m", "callbook.cli"]
    children = [subprocess.Popen([*ours, name]) for name in ("web", "worker")]  # noqa: S603 - our own interpreter
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _frame: stopped.append(caught))
    while not stopped and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        child.terminate()
    for child in children:
        _end(child)
    return 0 if stopped else 1


def _end(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _ring(settings: Settings, options: argparse.Namespace) -> int:
    """Speaks to the running server as a phone system does. Why nobody was rung, only the database tells."""
    if not settings.call_hook_secrets:
        raise CallbookError(
            "not_set_up",
            "CALLBOOK_CALL_HOOK_SECRETS is not set; `callbook call-secret` makes a secret for it and for the server.",
        )
    call_id = options.call_id or f"cli-{secrets.token_hex(4)}"
    if not _deliver(settings, call_id, options):
        _check_database(settings)
        with connected():
            raise _why_nobody(options.user, options.portal)
    sys.stdout.write(f"call {call_id}: {options.state}\n")
    return 0


def _deliver(settings: Settings, call_id: str, options: argparse.Namespace) -> bool:
    """Whether the server knew whom to ring."""
    event = {"call_id": call_id, "direction": "inbound", "state": options.state, "from": options.number}
    body = json.dumps({**event, "name": options.name, "to": options.user, "portal": options.portal}).encode()
    signed = telephony.signed_headers(settings.call_hook_secrets[0], f"cli-{secrets.token_hex(12)}", now(), body)
    headers = {**signed, "Content-Type": "application/json"}
    try:
        response = requests.post(f"http://{settings.listen}/hooks/calls", data=body, headers=headers, timeout=10)
        if response.status_code != HTTPStatus.ACCEPTED:
            why = response.json()["error"]["message"]
            raise CallbookError("refused", f"The server at {settings.listen} refused the call: {why}.")
        return bool(response.json()["routed"])
    except requests.RequestException as problem:
        raise CallbookError(
            "server_unreachable", f"The server at {settings.listen} did not take the call: {type(problem).__name__}."
        ) from problem


def _why_nobody(to: str, portal_id: int | None) -> CallbookError:
    where = "" if portal_id is None else f" in portal {portal_id}"
    if "@" not in to:
        return CallbookError("unknown_line", f"No connected user{where} has the line {to}, as the server reads it.")
    known = list(User.select().where(fn.LOWER(User.email) == to.lower()).order_by(User.portal_id))
    found = [user for user in known if accounts.connection(user.owner) and portal_id in (None, user.portal_id)]
    if found:
        portals = ", ".join(f"{user.portal_id} ({user.portal_name})" for user in found)
        return CallbookError("ambiguous", f"{to} is in several portals: {portals}. Say which, with --portal.")
    if known:
        return CallbookError(
            "not_connected", f"{to} has no connection to HubSpot{where}; they have to authorize first."
        )
    return CallbookError("unknown_user", f"No user of this server has the e-mail address {to}.")


def _unrouted(settings: Settings, _options: argparse.Namespace) -> int:
    _check_database(settings)
    with connected():
        found = routing.unrouted(UNROUTED_DAYS)
    if not found:
        sys.stdout.write(f"In the last {UNROUTED_DAYS} days no call event was for nobody.\n")
        return 0
    width = max(len("events"), *(len(str(count)) for _, count in found))
    sys.stdout.write(f"{'day (UTC)':<10}  {'events':>{width}}\n")
    sys.stdout.writelines(f"{day:<10}  {count:>{width}}\n" for day, count in found)
    return 0


COMMANDS = {
    "serve": _serve,
    "web": _web,
    "worker": _worker,
    "migrate": _migrate,
    "ring": _ring,
    "unrouted": _unrouted,
}

if __name__ == "__main__":
    sys.exit(main())
