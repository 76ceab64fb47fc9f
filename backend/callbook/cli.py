"""`callbook`: run the service, keep its database, make a key, ring a phone."""

import argparse
import base64
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import requests

from callbook import accounts, jobs, models
from callbook.errors import CallbookError
from callbook.models import User, connected
from callbook.settings import LOG_FORMAT, MIN_SECRET_KEY_BYTES, BadSettings, Settings

GRACE_S = 12
CALL_STATES = ("ringing", "answered", "answered_elsewhere", "missed", "ended")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    if options.command == "secret-key":
        sys.stdout.write(f"k1:{base64.b64encode(secrets.token_bytes(MIN_SECRET_KEY_BYTES)).decode()}\n")
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
    ring = commands.add_parser("ring", help="ring a user's phone, as a phone system would tell it")
    ring.add_argument("--user", required=True, help="the user's e-mail address at HubSpot")
    ring.add_argument("--portal", type=int, help="the HubSpot account's id, where one address is in several")
    ring.add_argument("--from", required=True, dest="number", help="the number that calls")
    ring.add_argument("--call-id", help="the phone system's name for the call; a new one by default")
    ring.add_argument("--state", choices=CALL_STATES, default="ringing")
    return parser


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    models.connect(settings.database_url)
    steps = models.migrate()
    sys.stdout.write(f"{', '.join(steps) or 'nothing to do'}\n")
    return 0


def _web(settings: Settings, _options: argparse.Namespace) -> int:
    """Replaces this process by gunicorn."""
    command = [sys.executable, "-m", "gunicorn", "callbook.wsgi:application()", "--bind", settings.listen]
    command += ["--worker-class", "gthread", "--threads", str(settings.web_threads), "--graceful-timeout", "3"]
    command += ["--no-control-socket"]  # it would be one for all of a user's servers
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
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
    """Speaks to the running server, in a session of the user's that ends with the call to it."""
    models.connect(settings.database_url)
    with connected():
        user = _rung(options.user, options.portal)
        token, session_id = accounts.open_session(settings, user.owner)
        call_id = options.call_id or f"cli-{secrets.token_hex(4)}"
        try:
            call = _post_call(settings, token, call_id, options)
        finally:
            accounts.close_session(user.owner, session_id)
    sys.stdout.write(f"call {call_id}: {call['state']}, {call['caller']['label']}\n")
    return 0


def _rung(email: str, portal_id: int | None) -> User:
    """Only who has a connection can be rung."""
    known = list(User.select().where(User.email == email).order_by(User.portal_id))
    found = [user for user in known if accounts.connection(user.owner) and portal_id in (None, user.portal_id)]
    if len(found) == 1:
        return found[0]
    if found:
        portals = ", ".join(f"{user.portal_id} ({user.portal_name})" for user in found)
        raise CallbookError("ambiguous", f"{email} is in several portals: {portals}. Say which, with --portal.")
    where = "" if portal_id is None else f" in portal {portal_id}"
    if known:
        raise CallbookError(
            "not_connected", f"{email} has no connection to HubSpot{where}; they have to authorize first."
        )
    raise CallbookError("unknown_user", f"No user of this server has the e-mail address {email}.")


def _post_call(settings: Settings, token: str, call_id: str, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    body = {"call_id": call_id, "direction": "inbound", "state": options.state, "number": options.number}
    try:
        response = requests.post(
            f"http://{settings.listen}/api/calls", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        response.raise_for_status()
    except requests.RequestException as problem:
        message = f"The server at {settings.listen} did not take the call: {type(problem).__name__}."
        raise CallbookError("server_unreachable", message) from problem
    taken: dict[str, dict[str, str]] = response.json()
    return taken


COMMANDS = {"serve": _serve, "web": _web, "worker": _worker, "migrate": _migrate, "ring": _ring}

if __name__ == "__main__":
    sys.exit(main())
