"""Callbook as it is run, for a measurement: a fresh database, the web server and a worker in processes of their own,
and a user who has authorized over HTTP. Its runs are watched from outside, in their rows.
"""

import itertools
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
import requests
from psycopg import sql

from bench import say
from benches._portal import Portal
from benches._processes import cpu_s, peak_mib
from callbook import models
from callbook.models import Contact, Owner, Run, User, among, connected, now, tuples
from callbook.sealing import challenge_of, new_secret
from callbook.sync import LIVE
from callbook.sync.around import STAGES as AROUND
from tests.e2e.processes import Program, running
from tests.e2e.stack import answers, free_port, pinned_extension_id, service_environment

UP_WITHIN_S = 60.0
TIMEOUT_S = 60
LOOK_EVERY_S, SAY_EVERY_S = 0.02, 1.0
CALLBOOK = (sys.executable, "-m", "callbook.cli")
WORKER = (*CALLBOOK, "worker")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Watched:
    """A run, with the seconds from its start until its audit held, until what was looked for had `arrived`, and, from
    the audit on, for what is around the contacts. `cpu_s`, as far as the audit, and `peak_mib` are the worker's.
    """

    run: Run
    contacts_s: float
    arrived_s: float
    around_s: float
    cpu_s: float
    peak_mib: float


class Service:
    def __init__(self, url: str, token: str, worker: Program) -> None:
        self._url, self._token, self._worker = url, token, worker
        with connected():
            self._owner: Owner = User.get().owner

    def ask(self, kind: str) -> None:
        """What "Sync now" does."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = requests.post(f"{self._url}/api/sync", json={"kind": kind}, headers=headers, timeout=TIMEOUT_S)
        answer.raise_for_status()

    def watch(self, name: str, arrived: Callable[[], bool] = lambda: True) -> Watched:
        """The run in progress, until it ends."""
        with connected():
            return _Watch(self._worker, self._newest, name, arrived).watched()

    def ids(self) -> list[int]:
        """Of HubSpot's contacts in the cache."""
        with connected():
            alive = Contact.of(self._owner).select(Contact.hubspot_id).where(_alive()).order_by(Contact.hubspot_id)
            return [id_ for (id_,) in tuples(alive)]

    def holds(self, ids: Sequence[int], job: str | None = None) -> int:
        """How many of `ids` the cache holds, those with the job if one is named."""
        with connected():
            held = Contact.of(self._owner).select().where(_alive() & among(Contact.hubspot_id, ids))
            return int((held if job is None else held.where(Contact.job_title == job)).count())

    def _newest(self) -> Run:
        return Run.of(self._owner).select().order_by(Run.id.desc()).limit(1).get()


def _alive() -> Any:  # noqa: ANN401 - a peewee expression
    return (Contact.source == "hubspot") & Contact.deleted_at.is_null()


class _Watch:
    """Looks at the run's row again and again: what the row says was true at that moment, and is one transaction with
    the contacts. The audit has held once the row stands at what is around them, or has ended.
    """

    def __init__(self, worker: Program, row: Callable[[], Run], name: str, arrived: Callable[[], bool]) -> None:
        self._worker, self._row, self._name, self._arrived = worker, row, name, arrived
        self._said_at_s = 0.0

    def watched(self) -> Watched:
        started_at = self._until(lambda run: run.started_at is not None).started_at or now()
        began_cpu_s = cpu_s(self._worker.process.pid)
        arrived_at: list[datetime] = []

        def audited(run: Run) -> bool:
            if not arrived_at and self._arrived():
                arrived_at.append(now())
            return run.state not in LIVE or run.checkpoint["stage"] in AROUND

        audited_at = self._until(audited).finished_at or now()
        spent_s = cpu_s(self._worker.process.pid) - began_cpu_s
        run = self._until(lambda run: run.state not in LIVE)
        ended_at = run.finished_at or now()
        return Watched(
            run=run,
            contacts_s=(audited_at - started_at).total_seconds(),
            arrived_s=((arrived_at or [ended_at])[0] - started_at).total_seconds(),
            around_s=(ended_at - audited_at).total_seconds(),
            cpu_s=spent_s,
            peak_mib=peak_mib(self._worker.process.pid),
        )

    def _until(self, true: Callable[[Run], bool]) -> Run:
        while not true(run := self._row()):
            if self._worker.process.poll() is not None:
                raise RuntimeError(f"the worker has ended: {self._worker.log.read_text()[-2000:]}")
            self._tell(run)
            time.sleep(LOOK_EVERY_S)
        return run

    def _tell(self, run: Run) -> None:
        if time.monotonic() - self._said_at_s >= SAY_EVERY_S and sys.stderr.isatty():
            self._said_at_s = time.monotonic()
            counts = f"{run.read:,} of {run.total or 0:,}, {run.requests:,} requests"
            say(f"{self._name}: {run.checkpoint['stage']}, {counts}")


@dataclass(frozen=True)
class SignedIn:
    """A user whose first run stands queued, the server's address, and what a worker is to run with."""

    url: str
    token: str
    environment: Mapping[str, str]


@contextmanager
def authorized(folder: Path, portal: Portal, server: str) -> Iterator[Service]:
    """On SQLite in `folder`, or on the PostgreSQL `server`. The statistics hold what the first run asks."""
    with signed_in(folder, portal, server) as user:
        portal.forget()
        with running("worker", WORKER, user.environment, folder) as worker:
            yield Service(user.url, user.token, worker)


@contextmanager
def signed_in(folder: Path, portal: Portal, server: str) -> Iterator[SignedIn]:
    """Without a worker."""
    with (
        fresh_database(folder, server) as database_url,
        serving(folder, database_url, portal.url) as (url, environment),
    ):
        yield SignedIn(url, _authorize(url), environment)


@contextmanager
def serving(folder: Path, database_url: str, hubspot_url: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The web server alone: its address, and its environment. The database is open to this process, too."""
    port = free_port()
    environment = {**service_environment(folder, port, hubspot_url), "CALLBOOK_DATABASE_URL": database_url}
    models.connect(database_url)
    models.migrate()
    url = f"http://127.0.0.1:{port}"
    with running("web", [*CALLBOOK, "web"], environment, folder) as web:
        web.wait_until(lambda: answers(f"{url}/health"), "it answered", UP_WITHIN_S)
        yield url, environment
    models.disconnect()


def _authorize(url: str) -> str:
    """A browser's way through HubSpot's consent; the session at its end."""
    verifier, extension = new_secret(), pinned_extension_id()
    start = {"challenge": challenge_of(verifier), "extension": extension}
    consent = _redirected("GET", f"{url}/auth/start", params=start)
    form = {**dict(parse_qsl(urlsplit(consent).query)), "person": "admin", "decision": "allow"}
    back = _redirected("POST", consent.partition("?")[0], data=form)
    code = dict(parse_qsl(urlsplit(_redirected("GET", back)).query))["code"]
    redeemed = {"code": code, "verifier": verifier, "extension": extension}
    answer = requests.post(f"{url}/auth/session", json=redeemed, timeout=TIMEOUT_S)
    answer.raise_for_status()
    return str(answer.json()["token"])


def _redirected(method: str, url: str, **content: dict[str, str]) -> str:
    answer = requests.request(method, url, allow_redirects=False, timeout=TIMEOUT_S, **content)  # type: ignore[arg-type] # params or data
    answer.raise_for_status()
    return answer.headers["Location"]


@contextmanager
def fresh_database(folder: Path, server: str) -> Iterator[str]:
    if not server:
        yield f"sqlite:///{folder.resolve()}/callbook.db"
        return
    name = f"callbook_bench_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield re.sub(r"^(postgresql://[^/?]*)(/[^?]*)?", rf"\g<1>/{name}", server)
        finally:
            models.disconnect()
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
