"""What has to hold in the state machine, whatever happened: the rules of the design, by their numbers there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis.stateful import RuleBasedStateMachine, invariant

from callbook import models, sync
from callbook.models import Connection, Contact, Run, to_ms, tuples
from hubspot_sandbox import RunningSandbox
from tests.backend.syncing import Engine

Properties = dict[str, str] | None  # of a contact that HubSpot holds; None: it holds none


@dataclass
class History:
    """What HubSpot held of each contact, and from which moment on."""

    told: dict[int, list[tuple[int, Properties]]] = field(default_factory=dict)

    def note(self, id_: int, at_ms: int, held: Properties) -> None:
        self.told.setdefault(id_, []).append((at_ms, held))

    def since(self, id_: int, at_ms: int) -> list[Properties]:
        """What it held at that moment, and then until now."""
        told = self.told.get(id_, [])
        before = [held for moment, held in told if moment < at_ms]
        return [before[-1] if before else None, *(held for moment, held in told if moment >= at_ms)]

    def came_or_went(self, id_: int, since_ms: int) -> bool:
        return len({held is None for held in self.since(id_, since_ms)}) > 1


class Judging(RuleBasedStateMachine):
    """Looks at the engine and at HubSpot after every rule; what it remembers between two looks is its own."""

    engine: Engine
    hubspot: RunningSandbox

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.personal: set[int] = set()
        self.restored_ms: list[int] = []
        self.lied_of: set[str] = set()  # properties that HubSpot may have left out
        self.walked_ms = 0
        self.looked_ms = 0
        self.runs: list[Run] = []
        self.rows: dict[int, Contact] = {}
        self.alive: dict[int, bool] = {}
        self.broken: AssertionError | None = None
        self.seqs: dict[int, tuple[int, str]] = {}
        self.progress: dict[int, int] = {}
        self.ended: set[int] = set()

    @property
    def now_ms(self) -> int:
        return to_ms(models.now())

    @property
    def lag_ms(self) -> int:
        return round(self.hubspot.options.index_lag_s * 1000)

    @property
    def newest(self) -> Run:
        return Run.of(self.engine.owner).select().order_by(Run.id.desc()).limit(1).get()

    @invariant()
    def cache_and_hubspot_agree_as_the_rules_say(self) -> None:
        if self.broken is not None:
            raise self.broken
        self.who_comes_and_who_goes()
        self._read_rows()
        self._no_id_is_held_twice()
        self.runs = self.engine.runs()
        for run in self.runs:
            if run.id not in self.ended and run.state not in sync.LIVE:
                self.ended.add(run.id)
                self._ended_rightly(run)
        self._what_is_proven_is_held(self.runs[-1])

    def who_comes_and_who_goes(self) -> None:
        """After every step of a run, too."""
        before, self.alive = self.alive, self._living()
        for id_, lives in self.alive.items():
            lived = before.get(id_)
            if lived and not lives:
                assert None in self.history.since(id_, self.looked_ms), "rule 2: rows are removed only on proof"
            if lives and lived is False:
                told = self.history.since(id_, self._began_ms(self.newest))
                assert any(held is not None for held in told), "rule 11: only the primary store brings back the dead"
        self.looked_ms = self.now_ms

    def _living(self) -> dict[int, bool]:
        rows = Contact.of(self.engine.owner).select(Contact.hubspot_id, Contact.deleted_at)
        return {id_: deleted_at is None for id_, deleted_at in tuples(rows) if id_ is not None}

    def _read_rows(self) -> None:
        before, self.rows = self.rows, {row.id: row for row in self.engine.rows()}
        for row in self.rows.values():
            was = before.get(row.id)
            if was is not None and was.deleted_at is None and row.modified_at and was.modified_at:
                assert row.modified_at >= was.modified_at, "rule 11: an older read never overwrites a newer one"

    def _no_id_is_held_twice(self) -> None:
        ids = [row.hubspot_id for row in self.rows.values() if row.source == "hubspot"]
        assert len(ids) == len(set(ids)), "rule 3: no id twice"
        mine = {row.id for row in self.rows.values() if row.source == "personal" and row.deleted_at is None}
        assert mine == self.personal, "personal contacts are nobody else's business"

    def _ended_rightly(self, run: Run) -> None:
        if run.state == "finished":
            assert run.problem is None
            assert run.local_total == run.remote_total, "rule 4: synced is a proof"
            self._equals_some_moment(run)
        elif run.state == "incomplete":
            assert run.problem in ("totals_differ", "records_failed", "removal_held"), "rule 4: and says why"

    def _equals_some_moment(self, run: Run) -> None:
        since_ms = self._began_ms(run) - self.lag_ms
        walked = bool(run.checkpoint.get("walked"))
        held = self._cached()
        for id_ in self._bound(run, held):
            moments = self.history.since(id_, since_ms)
            if walked or len(moments) == 1:
                assert held.get(id_) in self._told_of(moments), (
                    f"rule 1: after a run {id_} is as it was at some moment of it"
                )
        if walked:
            self.walked_ms = since_ms

    def _bound(self, run: Run, held: Mapping[int, Properties]) -> list[int]:
        """HubSpot does not call a restore a modification: where it makes up for a deletion in the total, only a walk
        finds the two.
        """
        ids = sorted({*held, *self.history.told})
        if run.checkpoint.get("walked") or not any(moment >= self.walked_ms for moment in self.restored_ms):
            return ids
        return [id_ for id_ in ids if not self.history.came_or_went(id_, self.walked_ms)]

    def _what_is_proven_is_held(self, run: Run) -> None:
        """Rule 11: what a checkpoint calls proven is in the cache, or is a problem."""
        checkpoint, ordered = run.checkpoint, self.hubspot.options.list_order == "id"
        of_all = checkpoint.get("stage") == "list" and checkpoint.get("whole")
        if run.state not in sync.LIVE or not of_all or not ordered:
            return
        held, since_ms = self._cached(), self._began_ms(run) - self.lag_ms
        for id_ in set(self.hubspot.portal.live_ids) - set(map(int, self.engine.problems())):
            left = any(low <= id_ and (high is None or id_ < high) for low, high in checkpoint["left"])
            moments = self.history.since(id_, since_ms)
            if not left and len(moments) == 1:
                assert held.get(id_) in self._told_of(moments), f"rule 11: {id_} is proven, and held as it is"

    def _cached(self) -> dict[int, Properties]:
        alive = (row for row in self.rows.values() if row.source == "hubspot" and row.deleted_at is None)
        return {row.hubspot_id or 0: self._without_lies(row.properties) for row in alive}

    def _told_of(self, moments: list[Properties]) -> list[Properties]:
        return [None if held is None else self._without_lies(held) for held in moments]

    def _without_lies(self, held: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in held.items() if name not in self.lied_of}

    @staticmethod
    def _began_ms(run: Run) -> int:
        return to_ms(run.started_at or run.requested_at)

    @invariant()
    def every_change_has_a_seq_of_its_own_and_they_rise(self) -> None:
        before, seqs = max((seq for seq, _ in self.seqs.values()), default=0), []
        for row in self.rows.values():
            told = repr([value for name, value in sorted(row.__data__.items()) if name not in ("seq", "absent_run")])
            known = self.seqs.get(row.id)
            if known is None or known[1] != told:
                assert row.seq > before
            else:
                assert row.seq == known[0]
            self.seqs[row.id] = (row.seq, told)
            seqs.append(row.seq)
        assert len(seqs) == len(set(seqs))
        assert self.engine.user().seq >= max(seqs, default=0)

    @invariant()
    def progress_never_goes_back_and_never_passes_its_total(self) -> None:
        """Rule 5."""
        for run in self.runs[-2:]:
            report = sync.run_report(run)
            assert run.read >= self.progress.get(run.id, 0)
            assert report["total"] is None or report["read"] <= report["total"]
            self.progress[run.id] = run.read
        assert len([run for run in self.runs if run.state in sync.LIVE]) <= 1

    @invariant()
    def a_passing_fault_never_disconnects(self) -> None:
        """Rule 7."""
        assert self._connection_state() == "connected"

    def _connection_state(self) -> str:
        return str(Connection.of(self.engine.owner).select().get().state)
