"""A state machine over HubSpot and the cache: random edits, creates, archives and restores, runs that are worked whole
or a few steps at a time, workers that die, personal contacts. After each run that finished undisturbed the cache equals
HubSpot, and the rules held throughout.
"""

import threading
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import hubspot_sandbox
from callbook import models, sync
from callbook.settings import Settings
from callbook.sync.runs import LostLease
from callbook.sync.stride import Stride
from callbook.web import create_app
from tests.backend.people import Consenting, Rep, json_of, keep_personal, owner_of
from tests.backend.serving import environ_of
from tests.backend.syncing import Engine

NUMBERS = st.sampled_from(
    ["", "+1 212 555 0100", "+49 30 901820", "020 7946 0018 ext 5", "no number", "+1 212 555 0199"]
)
NAMES = st.sampled_from(["Ada", "Žofia", "李", "", "O'Neil"])
PLACES = st.integers(0, 40)
FOLDERS = count()


def settings_for(folder: Path, hubspot: hubspot_sandbox.RunningSandbox) -> Settings:
    own = folder / str(next(FOLDERS))
    own.mkdir()
    return Settings.from_env(environ_of(hubspot, own))


class SyncMachine(RuleBasedStateMachine):
    hubspot: hubspot_sandbox.RunningSandbox

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.hubspot.clear_faults()
        for id_ in list(self.hubspot.portal.live_ids):
            self.hubspot.archive(id_)
        self.settings = settings_for(folder, self.hubspot)
        models.connect(self.settings.database_url)
        models.migrate()
        app = create_app(self.settings)
        consenting = Consenting(app.test_client(), self.hubspot)
        alice = Rep(consenting.client, json_of(consenting.redeem(consenting.code("admin")))["token"])
        worker = sync.Worker(self.settings, threading.Event())
        self.engine = Engine(self.settings, self.hubspot, owner_of(alice), worker)
        self.stride: Stride | None = None
        self.personal: set[int] = set()
        self.seen_seqs: dict[int, tuple[int, str]] = {}
        self.progress: dict[int, int] = {}

    def teardown(self) -> None:
        for each in self.engine.clients:
            each.close()
        self.open.close()

    @initialize(contacts=st.integers(0, 35))
    def fill(self, contacts: int) -> None:
        for number in range(contacts):
            self.hubspot.create(firstname=f"Contact {number}", phone=f"+1 212 555 {number:04}")

    @rule(name=NAMES, number=NUMBERS)
    def create(self, name: str, number: str) -> None:
        self.hubspot.create(firstname=name, phone=number)

    @precondition(lambda self: self.hubspot.portal.live_ids)
    @rule(place=PLACES, name=NAMES, number=NUMBERS)
    def edit(self, place: int, name: str, number: str) -> None:
        self.hubspot.edit(self.live(place), firstname=name, mobilephone=number)

    @precondition(lambda self: self.hubspot.portal.live_ids)
    @rule(place=PLACES)
    def archive(self, place: int) -> None:
        self.hubspot.archive(self.live(place))

    @rule(name=NAMES, number=NUMBERS)
    def add_personal(self, name: str, number: str) -> None:
        self.personal.add(keep_personal(self.engine.owner, firstname=name, phone=number))

    @precondition(lambda self: self.stride is None)
    @rule(kind=st.sampled_from(["full", "recent"]), steps=st.integers(0, 6))
    def begin_a_run(self, kind: str, steps: int) -> None:
        """Left standing in the middle, its worker still alive, unless it ends within the steps."""
        self.engine.ask(kind, accept=True)
        self.stride = self.engine.take()
        self.go_on(steps)

    @precondition(lambda self: self.stride is not None)
    @rule(steps=st.integers(1, 4))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            if self.stride is None or not self.engine.step(self.stride):
                self.stride = None
                return

    @precondition(lambda self: self.stride is not None)
    @rule()
    def the_worker_dies(self) -> None:
        """And wakes up again when another has the run."""
        late = self.stride
        assert late is not None
        self.engine.lose_lease()
        self.stride = self.engine.take()
        with pytest.raises(LostLease):
            self.engine.step(late)

    @precondition(lambda self: self.stride is not None)
    @rule()
    def raise_to_full(self) -> None:
        self.engine.ask("full", accept=True)
        self.stride = None

    @rule(kind=st.sampled_from(["full", "recent"]))
    def sync_whole(self, kind: str) -> None:
        """What was under way may miss what changed behind it; the run after it may not."""
        self.engine.lose_lease()
        self.stride = None
        self.engine.work()
        run = self.engine.run(kind, accept=True)
        assert (run.state, run.problem) == ("finished", None)
        assert run.local_total == run.remote_total == len(self.hubspot.portal.live_ids)
        self.engine.assert_equal()

    @rule()
    def hubspot_stumbles(self) -> None:
        """Fewer times than the client tries."""
        self.hubspot.clear_faults()
        self.hubspot.fault("contacts", 500, times=2)

    @rule()
    def the_token_expires(self) -> None:
        self.hubspot.advance(1900)

    @invariant()
    def every_change_has_a_seq_of_its_own_and_they_rise(self) -> None:
        before, seqs = max((seq for seq, _ in self.seen_seqs.values()), default=0), []
        for row in self.engine.rows():
            told = repr([value for name, value in sorted(row.__data__.items()) if name not in ("seq", "absent_run")])
            known = self.seen_seqs.get(row.id)
            if known is None or known[1] != told:
                assert row.seq > before
            else:
                assert row.seq == known[0]
            self.seen_seqs[row.id] = (row.seq, told)
            seqs.append(row.seq)
        assert len(seqs) == len(set(seqs))
        assert self.engine.user().seq >= max(seqs, default=0)

    @invariant()
    def no_id_is_held_twice_and_personal_contacts_stay(self) -> None:
        rows = self.engine.rows()
        ids = [row.hubspot_id for row in rows if row.source == "hubspot"]
        assert len(ids) == len(set(ids))
        assert {row.id for row in rows if row.source == "personal" and row.deleted_at is None} == self.personal

    @invariant()
    def progress_never_goes_back_and_never_passes_its_total(self) -> None:
        for run in self.engine.runs():
            report = sync.run_report(run)
            assert run.read >= self.progress.get(run.id, 0)
            assert report["total"] is None or report["read"] <= report["total"]
            self.progress[run.id] = run.read

    @invariant()
    def at_most_one_run_is_live(self) -> None:
        assert len([run for run in self.engine.runs() if run.state in sync.LIVE]) <= 1

    def live(self, place: int) -> int:
        ids = self.hubspot.portal.live_ids
        return ids[place % len(ids)]


@pytest.mark.usefixtures("small_pages", "at_once")
def test_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = settings(
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with hubspot_sandbox.running(contacts=0) as hubspot:
        monkeypatch.setattr(SyncMachine, "hubspot", hubspot, raising=False)
        run_state_machine_as_test(SyncMachine, settings=profile)
