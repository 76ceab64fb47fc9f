"""The state machine over HubSpot and the cache: what happens at HubSpot, to the worker and on the wire, in any order,
and the rules of the design (by their numbers there) that hold throughout.

Time stands still but for what a rule lets pass, requests of a run "at once" are answered one after the other in an
order that a seed picks, and each example has a sandbox and a database of its own: the same seed does the same again.
"""

import random
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

import hubspot_sandbox
from callbook import models, sync
from callbook.errors import CallbookError
from callbook.hubspot import PROPERTIES
from callbook.models import Owner, Run, connected
from callbook.settings import Settings
from callbook.sync import work
from callbook.sync.runs import LostLease
from callbook.sync.steps import take_step
from callbook.sync.stride import Stride
from callbook.web import create_app
from hubspot_sandbox import Options
from hubspot_sandbox.changes import Change
from tests.backend.judging import Judging
from tests.backend.mishaps import (
    BEGINNING,
    CHANGES,
    EDITS,
    FAULTS,
    INDEX_LAG_S,
    MANY_RESTS,
    MOMENT,
    NAMES,
    NUMBERS,
    PLACES,
    Changing,
    Died,
    Inline,
    dying_at,
)
from tests.backend.people import Consenting, Rep, json_of, keep_personal, owner_of
from tests.backend.serving import environ_of
from tests.backend.syncing import Engine


class SyncMachine(Judging):
    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.clock = self.open.enter_context(time_machine.travel(BEGINNING, tick=False))
        options = Options(gdpr_deleted_are_listed_as_archived=False)
        self.hubspot = self.open.enter_context(hubspot_sandbox.running(contacts=0, options=options))
        self.hubspot.portal.watchers.append(self._hear)
        settings = Settings.from_env({**environ_of(self.hubspot, folder), "CALLBOOK_INDEX_LAG_S": str(INDEX_LAG_S)})
        models.connect(settings.database_url)
        models.migrate()
        self.open.enter_context(connected())
        self.consenting = Consenting(create_app(settings).test_client(), self.hubspot)
        self.engine = Engine(settings, self.hubspot, self._sign_in(), sync.Worker(settings, threading.Event()))
        self.dice = random.Random(0)  # noqa: S311 - an order, not a secret
        self._patch_the_engine()
        self.stride: Stride | None = None
        self.looked_ms = self.now_ms

    def teardown(self) -> None:
        """After the last clean run the cache equals HubSpot, field by field."""
        try:
            if sys.exc_info()[0] is None:
                self.sync_whole("full")
                self.cache_and_hubspot_agree_as_the_rules_say()
        finally:
            self.engine.close()
            self.open.close()

    def _patch_the_engine(self) -> None:
        self.open.enter_context(patch("callbook.sync.reader.Pool", partial(Inline, self.dice)))
        self.open.enter_context(patch.object(work, "take_step", self._ticking_step))

    def _ticking_step(self, stride: Stride) -> bool:
        self.clock.shift(MOMENT)
        going = take_step(stride)
        try:
            self.who_comes_and_who_goes()
        except AssertionError as broken:  # the worker would take it for a failure of the run
            self.broken = self.broken or broken
        return going

    def _sign_in(self) -> Owner:
        answer = self.consenting.redeem(self.consenting.code("admin"))
        return owner_of(Rep(self.consenting.client, json_of(answer)["token"]))

    # --- what is so, and what was

    def is_live(self) -> bool:
        return self.newest.state in sync.LIVE

    def live(self, place: int) -> int:
        ids = self.hubspot.portal.live_ids
        return ids[place % len(ids)]

    def _hear(self, change: Change) -> None:
        for id_ in (change.id, *change.merged_ids):
            contact = self.hubspot.portal.find(id_)
            self.history.note(id_, change.at_ms, None if contact is None else self._held(contact))

    @staticmethod
    def _held(contact: Any) -> dict[str, str]:
        return {name: value for name in PROPERTIES if (value := contact.value(name)) is not None}

    # --- HubSpot

    @initialize(
        contacts=st.integers(0, 32),
        lag_s=st.sampled_from([0, 3, 25]),
        order=st.sampled_from([*["id"] * 5, "created", "newest_first", "shuffled"]),
        unknown_after=st.sampled_from(["sought", "sought", "ignored", "refused"]),
        heads=st.sampled_from([(1, 1), (2, 1), (3, 2)]),
        seed=st.integers(0, 1000),
        ran=st.sampled_from(["nothing", "start", "full"]),
    )
    def begin(  # noqa: PLR0913 - what is drawn of a HubSpot and of a worker
        self,
        *,
        contacts: int,
        lag_s: int,
        order: str,
        unknown_after: str,
        heads: tuple[int, int],
        seed: int,
        ran: str,
    ) -> None:
        self.dice.seed(seed)
        self.open.enter_context(patch("callbook.sync.reader.LIST_HEADS", heads[0]))
        self.open.enter_context(patch("callbook.sync.reader.SEARCH_HEADS", heads[1]))
        self.hubspot.change_options(index_lag_s=lag_s, list_order=order, unknown_after=unknown_after)
        for number in range(contacts):
            self.hubspot.create(firstname=f"Contact {number}", phone=f"+1 212 555 {number:04}")
        self.clock.shift(timedelta(hours=1))
        if ran == "full":
            self.engine.synced()
        elif ran == "start":
            self.begin_a_run("full", 1)

    @rule(changes=st.lists(CHANGES, min_size=1, max_size=3))
    def hubspot_changes(self, changes: list[Changing]) -> None:
        for what, place, name, number in changes:
            self.clock.shift(MOMENT)
            if what == "create":
                self.hubspot.create(firstname=name, phone=number)
            elif what == "restore":
                self._restore(place)
            elif self.hubspot.portal.live_ids:
                self._change_one(what, self.live(place), name, number)

    def _restore(self, place: int) -> None:
        """Of those archived last."""
        contacts = self.hubspot.portal.contacts
        archived = sorted(self.hubspot.portal.archived_ids, key=lambda id_: contacts[id_].archived_at_ms or 0)
        if archived:
            self.hubspot.restore(archived[-1 - place % min(2, len(archived))])
            self.restored_ms.append(self.now_ms)

    def _change_one(self, what: str, id_: int, name: str, number: str) -> None:
        ids = self.hubspot.portal.live_ids
        if what in ("edit", "edit_and_archive"):
            self.hubspot.edit(id_, firstname=name, mobilephone=number)
        if what == "edit_many":
            self.hubspot.edit_many(ids[:: 1 + id_ % 3], lastname=name)
        if what in ("archive", "edit_and_archive"):
            self.hubspot.archive(id_)
        if what == "gdpr_delete":
            self.hubspot.gdpr_delete(id_)
        if what == "merge" and id_ != ids[-1]:
            self.hubspot.merge(id_, ids[-1])

    # --- time, the wire, the connection

    @rule(seconds=st.sampled_from([0.5, 2, 2, 10, 40, 400, 1900, 90_000]))
    def time_passes(self, seconds: float) -> None:
        """After 1,900 s the token has expired."""
        self.clock.shift(timedelta(seconds=seconds))

    @rule(faults=st.lists(FAULTS, min_size=1, max_size=4))
    def hubspot_goes_wrong(self, faults: list[Mapping[str, Any]]) -> None:
        for fault in faults:
            self.hubspot.fault(**fault)
            self.lied_of |= {fault["property"]} if "property" in fault else set()

    @precondition(lambda self: self.hubspot.portal.live_ids)
    @rule(endpoint=st.sampled_from(["contacts", "contacts", "list", "search"]), place=PLACES)
    def a_contact_spoils_every_page_it_is_on(self, endpoint: str, place: int) -> None:
        self.hubspot.fault(endpoint, 500, records={self.live(place)}, times=None)

    @rule(
        endpoint=st.sampled_from(["list", "search", "batch_read"]),
        action=st.sampled_from(["edit", "archive", "gdpr_delete", "create"]),
        place=PLACES,
        skip=st.integers(0, 2),
    )
    def something_happens_between_two_pages(self, endpoint: str, action: str, place: int, skip: int) -> None:
        ids = [self.live(place)] if self.hubspot.portal.live_ids and action != "create" else []
        operation = {"action": action, "ids": ids, "properties": {"jobtitle": f"Between {self.now_ms}"}}
        self.hubspot.fault(endpoint, skip=skip, operations=[operation])

    @precondition(lambda self: len(self.ended) % 5 == 4)  # now and then
    @rule()
    def the_app_is_uninstalled_and_authorized_again(self) -> None:
        """The cache is kept meanwhile, and the run goes on, or the next one does."""
        self.hubspot.clear_faults()
        self.leave_standing()
        self.engine.work()
        held = set(self.engine.held())
        self.hubspot.revoke_all()
        run = self.engine.run("recent", accept=True)
        assert run.problem == "reconnect_needed"
        assert self._connection_state() != "connected"
        assert set(self.engine.held()) == held
        assert self._sign_in() == self.engine.owner

    # --- the user

    @rule(what=st.sampled_from(["pause", "resume", "cancel", "full", "personal"]), name=NAMES, number=NUMBERS)
    def the_user_wishes(self, what: str, name: str, number: str) -> None:
        """Rule 6: whose run was taken away, or raised, changes nothing any more."""
        if what == "personal":
            self.clock.shift(MOMENT)
            self.personal.add(keep_personal(self.engine.owner, firstname=name, phone=number))
        elif self.is_live():
            self._steer(what)

    def _steer(self, what: str) -> None:
        fence = self.newest.fence
        with connected():
            if what == "full":
                self.engine.ask("full", accept=True)
            else:
                {"pause": sync.pause, "resume": sync.resume, "cancel": sync.cancel}[what](self.engine.owner)
        if self.newest.fence != fence:
            self._the_worker_has_lost_it()

    # --- the worker

    @precondition(lambda self: self.stride is None)
    @rule(kind=st.sampled_from(["full", "recent"]), steps=st.integers(0, 6))
    def begin_a_run(self, kind: str, steps: int) -> None:
        """Left standing in the middle, its worker still alive, unless it ends within the steps."""
        self.engine.ask(kind, accept=True)
        self.stride = self._taken()
        self.go_on(steps)

    @precondition(lambda self: self.hubspot.portal.live_ids)
    @rule(place=PLACES, steps=st.integers(1, 5))
    def somebody_archives_one_and_thinks_better_of_it(self, place: int, steps: int) -> None:
        """While a run reads."""
        if self.stride is None:
            self.begin_a_run("full", 1)
        id_ = self.live(place)
        self.hubspot.archive(id_)
        self.go_on(steps)
        if self.hubspot.portal.find(id_, archived=True) is not None:
            self.hubspot.restore(id_)
            self.restored_ms.append(self.now_ms)

    @precondition(lambda self: self.stride is not None)
    @rule(steps=st.integers(1, 4))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.clock.shift(MOMENT)
            if self.stride is None:
                return
            try:
                if not self.engine.step(self.stride):
                    self.leave_standing()
                self.who_comes_and_who_goes()
            except LostLease:
                raise
            except CallbookError:  # as if the worker had died of it
                self.leave_standing()

    @precondition(lambda self: self.stride is not None)
    @rule()
    def the_worker_dies_between_two_steps_and_wakes_up_later(self) -> None:
        """Rule 6: the late one changes nothing."""
        late, self.stride = self.stride, None
        self.engine.lose_lease()
        self.stride = self._taken()
        assert late is not None
        with pytest.raises(LostLease):
            self.engine.step(late)
        late.stop_reading()

    @rule(statement=st.integers(3, 16), changes=st.lists(EDITS, max_size=1))
    def the_worker_dies_within_a_step(self, statement: int, changes: list[Changing]) -> None:
        """Rule 11: page and checkpoint are one transaction."""
        if self.stride is None:
            self.hubspot_changes(changes)
            self._let_the_lag_pass()
            self.begin_a_run("full", 1)
        if self.stride is None:
            return
        self.clock.shift(MOMENT)
        try:
            with dying_at(statement):
                going = self.engine.step(self.stride)
        except (Died, CallbookError):
            going = False
        if not going:
            self.leave_standing()

    @precondition(lambda self: self.stride is None and self.is_live())
    @rule()
    def a_worker_is_told_to_stop(self) -> None:
        """It gives the run back after the step that it is taking."""
        stopping = threading.Event()
        stopping.set()
        sync.Worker(self.engine.settings, stopping).work(self.newest.id)
        assert self.newest.state != "running"

    @precondition(lambda self: self.stride is None)
    @rule(
        kind=st.sampled_from(["full", "recent"]),
        changes=st.lists(CHANGES, max_size=3) | st.lists(EDITS, min_size=1, max_size=2),
        apart=st.booleans(),
        another=st.booleans(),
    )
    def sync_as_it_comes(self, kind: str, changes: list[Changing], *, apart: bool, another: bool) -> None:
        """Whatever is wrong; what has just changed the index may not show yet. `apart`: all that came before it does.
        Rule 1: what is younger is right after the next run.
        """
        if apart:
            self._let_the_lag_pass()
        self.hubspot_changes(changes)
        self.engine.ask(kind, accept=True)
        self._worked_out()
        if another:
            self.cache_and_hubspot_agree_as_the_rules_say()
            self.sync_whole("recent")

    @rule(kind=st.sampled_from(["full", "recent", "recent"]))
    def sync_whole(self, kind: str) -> None:
        """HubSpot is well, the lag has passed, nothing changes meanwhile: a run under way may miss what changed behind
        it, the run after it may not.
        """
        self.hubspot.clear_faults()
        self.leave_standing()
        if self.is_live():
            self.engine.ask("recent", accept=True)
            self._worked_out()
        self._let_the_lag_pass()
        self.engine.ask(kind, accept=True)
        run = self._worked_out()
        assert (run.state, run.problem) == ("finished", None), "rule 4: synced is a proof, and it can be had"
        assert run.local_total == run.remote_total == len(self.hubspot.portal.live_ids)
        if run.kind == "full":
            self.lied_of.clear()
            self.engine.assert_equal()

    @precondition(lambda self: self.stride is None and not self.is_live())
    @rule(days=st.sampled_from([1, 8]))
    def the_server_syncs_by_itself(self, days: int) -> None:
        """What is new first; then, once a week, everything."""
        for passing in (timedelta(days=days), timedelta(minutes=20)):
            self.clock.shift(passing)
            assert sync.start_if_due(self.engine.owner, self.engine.settings) is not None
            self._worked_out()
        assert days == 1 or "full" in {run.kind for run in self.engine.runs()[-2:]}

    def _let_the_lag_pass(self) -> None:
        self.clock.shift(timedelta(milliseconds=self.lag_ms + 1000))

    def leave_standing(self) -> None:
        """Nobody works the run any more, and that can be told."""
        self.engine.lose_lease()
        if self.stride is not None:
            self.stride.stop_reading()
        self.stride = None

    def _the_worker_has_lost_it(self) -> None:
        late, self.stride = self.stride, None
        if late is not None:
            self.clock.shift(MOMENT)
            with pytest.raises(LostLease):
                self.engine.step(late)
            late.stop_reading()

    def _worked_out(self) -> Run:
        """Works, and lets the time pass that a run rests. Rule 5: every run ends in a state."""
        for _ in range(MANY_RESTS):
            self.engine.work()
            run = self.newest
            if run.state == "running":
                self.engine.lose_lease()
            elif run.retry_at is None or run.state not in sync.LIVE:
                break
            else:
                self.clock.move_to(max(run.retry_at, models.now()) + MOMENT)
        assert self.newest.state not in sync.LIVE, "rule 5: every run ends in a state"
        return self.newest

    def _taken(self) -> Stride:
        run = self.newest
        if run.state == "running":
            self.engine.lose_lease()
        if run.retry_at is not None:
            self.clock.move_to(max(run.retry_at, models.now()) + MOMENT)
        return self.engine.take()
