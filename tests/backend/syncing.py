"""Driving runs from a test, whole or a step at a time, holding the cache against HubSpot, and meddling with HubSpot's
answers where the sandbox is too well-behaved to give the odd ones itself.
"""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callbook import accounts, sync
from callbook.hubspot import PROPERTIES, Client
from callbook.models import Contact, Owner, Phone, Problem, Run, User, connected, from_ms, transaction
from callbook.sealing import Keyring
from callbook.settings import Settings
from callbook.sync import runs
from callbook.sync.steps import take_step
from callbook.sync.stride import Stride
from hubspot_sandbox import RunningSandbox

PHONES = ("mobilephone", "phone", "hs_whatsapp_phone_number")
MANY_RUNS = 60  # a worker that takes up runs more often than that is going round in circles
MANY_STEPS = 200

Json = dict[str, Any]
READING = ("list", "search", "batch_read", "owners", "companies_batch_read")  # what a run asks of HubSpot
DEADLINE_S = 120.0  # for a whole process, on a machine that is busy with others
LOOK_EVERY_S = 0.005
Spawn = Callable[[], "subprocess.Popen[bytes]"]


@dataclass
class Engine:
    """One user's runs, and the worker that works them in this thread."""

    settings: Settings
    hubspot: RunningSandbox
    owner: Owner
    worker: sync.Worker
    clients: list[Client] = field(default_factory=list)
    strides: list[Stride] = field(default_factory=list)

    def ask(self, kind: str = "full", trigger: str = "manual", *, accept: bool = False) -> int:
        with connected():
            return sync.request(self.owner, kind, trigger, accept_removals=accept).id

    def work(self) -> Run:
        """Works until nothing can be taken up; the newest run as it then is."""
        with connected():
            for _ in range(MANY_RUNS):
                ready = sync.claimable()
                if not ready:
                    return self._newest()
                self.worker.work(ready[0])
        raise AssertionError("the worker goes round in circles")

    def served(self) -> int:
        """How many requests of runs HubSpot has answered, whatever it said."""
        return sum(self.hubspot.requests.count(each) for each in READING)

    def run(self, kind: str = "full", *, accept: bool = False) -> Run:
        self.ask(kind, accept=accept)
        return self.work()

    def synced(self) -> Run:
        """The first full run, or another one, that must hold."""
        run = self.run("full")
        assert (run.state, run.problem) == ("finished", None)
        return run

    def take(self) -> Stride:
        """Claims the run in progress, as a worker of its own would."""
        with connected():
            (run_id,) = sync.claimable()
            claim = runs.claim(run_id, "a test", self.settings)
        assert claim is not None
        keyring = Keyring(self.settings.secret_keys)
        tokens = accounts.Tokens(self.owner, keyring, accounts.hubspot_oauth(self.settings))
        self.clients.append(Client(self.settings.hubspot_api_url, tokens))
        self.strides.append(Stride(claim, self.clients[-1], self.settings))
        return self.strides[-1]

    def close(self) -> None:
        for stride in self.strides:
            stride.stop_reading()
        for client in self.clients:
            client.close()

    def step(self, stride: Stride) -> bool:
        with connected():
            return take_step(stride)

    def until(self, stride: Stride, stage: str) -> None:
        """Steps until the run stands before `stage`."""
        for _ in range(MANY_STEPS):
            if self.row(stride.claim.run_id).checkpoint["stage"] == stage:
                return
            self.step(stride)
        raise AssertionError(f"never came to {stage}")

    def to_the_end(self, stride: Stride) -> Run:
        """Steps while there is something to do, then works what may have been left resting."""
        while self.step(stride):
            pass
        return self.work()

    def lose_lease(self) -> None:
        """The worker that holds the run is dead, as far as anybody can tell."""
        with connected(), transaction():
            Run.of(self.owner).update(lease_until=from_ms(0)).where(Run.state == "running").execute()

    def row(self, run_id: int) -> Run:
        with connected():
            return Run.of(self.owner).select().where(Run.id == run_id).get()

    def runs(self) -> list[Run]:
        with connected():
            return list(Run.of(self.owner).select().order_by(Run.id))

    def user(self) -> User:
        with connected():
            return User.get_by_id(self.owner.id)

    def problems(self) -> dict[str, str]:
        with connected():
            return {each.remote_id: each.category for each in Problem.of(self.owner).select()}

    def rows(self) -> list[Contact]:
        """All rows: personal ones and tombstones too."""
        with connected():
            return list(Contact.of(self.owner).select().order_by(Contact.id))

    def held(self) -> dict[int, Contact]:
        """HubSpot's contacts in the cache."""
        alive = [row for row in self.rows() if row.source == "hubspot" and row.deleted_at is None]
        return {row.hubspot_id: row for row in alive if row.hubspot_id is not None}

    def _newest(self) -> Run:
        return Run.of(self.owner).select().order_by(Run.id.desc()).limit(1).get()

    def assert_equal(self) -> None:
        """The cache holds what HubSpot holds: the same ids once each, every property, every phone as written."""
        held = self.held()
        there = {contact.id: contact for contact in self.hubspot.portal.live()}
        assert held.keys() == there.keys()
        for id_, contact in there.items():
            wanted = {name: value for name in PROPERTIES if (value := contact.value(name)) is not None}
            assert held[id_].properties == wanted
            assert held[id_].email == contact.value("email")
        ids = [row.hubspot_id for row in self.rows() if row.source == "hubspot"]
        assert len(ids) == len(set(ids))
        self._assert_phones(held)

    def _assert_phones(self, held: Mapping[int, Contact]) -> None:
        with connected():
            stored = {(row.contact_id, row.property, row.written) for row in Phone.of(self.owner).select()}
        ours = {row.id for row in held.values()}
        wanted = {
            (row.id, name, row.properties[name].strip())
            for row in held.values()
            for name in PHONES
            if row.properties.get(name, "").strip()
        }
        assert {each for each in stored if each[0] in ours} == wanted


Change = Callable[[Json], Json]


@dataclass
class Meddler:
    """Changes the bodies that our client gets: `meddler.next("list", change)` the next one, `every` all of them."""

    changes: list[tuple[str, Change, bool]] = field(default_factory=list)

    def next(self, endpoint: str, change: Change) -> None:
        self.changes.append((endpoint, change, False))

    def every(self, endpoint: str, change: Change) -> None:
        self.changes.append((endpoint, change, True))

    def stop(self) -> None:
        self.changes.clear()

    def answer(self, endpoint: str, body: Json) -> Json:
        for each in list(self.changes):
            wanted, change, lasting = each
            if wanted == endpoint:
                body = change(body)
                if not lasting:
                    self.changes.remove(each)
                    return body
        return body


def endpoint_of(path: str, content: Mapping[str, Any]) -> str:
    """A "total" is a search that asks for nothing but how many there are."""
    if "/owners/" in path:
        return "owners"
    if "/companies" in path:
        return "companies_batch_read"
    if path.endswith("/search"):
        return "total" if content.get("limit") == 1 else "search"
    return "batch_read" if path.endswith("/batch/read") else "list"


def without(*ids: int) -> Change:
    """The answer, with some contacts left out."""

    def change(body: Json) -> Json:
        return {**body, "results": [each for each in body["results"] if int(each["id"]) not in ids]}

    return change


def garbled(*ids: int) -> Change:
    """The answer, with some contacts' properties in a shape nobody can read."""

    def change(body: Json) -> Json:
        results = [each if int(each["id"]) not in ids else {**each, "properties": None} for each in body["results"]]
        return {**body, "results": results}

    return change


def with_properties(id_: int, **properties: str) -> Change:
    """The answer, with some properties of one contact as given (those that the sandbox lets nobody write)."""

    def change(body: Json) -> Json:
        for each in body["results"]:
            if int(each["id"]) == id_:
                each["properties"] |= properties
        return body

    return change


def until(what: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline, f"waited in vain until {why}"
        time.sleep(LOOK_EVERY_S)
