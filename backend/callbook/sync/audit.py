"""Whether the cache is complete: HubSpot says N, we hold M. Where they differ, the reason is looked for, cheapest
first: what search did not give a moment ago, the list of what was archived, and then halving: HubSpot's count of a span
of ids against ours, half after half, until the few spans that differ are small; those are read like any other.

HubSpot's counts are its index's and lag, so that a difference is also given time before it is believed.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil, log2
from typing import Any

from callbook import contacts, hubspot
from callbook.errors import Permanent, Transient
from callbook.hubspot import Page
from callbook.models import EPOCH, Run, from_ms, now, to_ms
from callbook.sync import around
from callbook.sync.applying import forget_old_problems, unheld_ids
from callbook.sync.course import Course, course
from callbook.sync.narrowing import is_stuck
from callbook.sync.rereading import category_of
from callbook.sync.stride import Stride
from callbook.sync.tiling import Span, Spread, Tiling, holds

AUDITS = 4  # how often totals that differ are compared, an index lag apart
LEAF = 200  # a span of so few contacts is read rather than halved
WAYS = ("audits", "again", "asked_archive", "narrowed")  # of `KEPT`: what was tried to find out why
AWAY = timedelta(minutes=10)  # after so long HubSpot holds others
GOLDEN = 0.6180339887498949  # its multiples, less the whole, leave no wide gap between them
A_WALK = 300  # contacts a request of a whole reading brings, list and search together


def open_ways(run: Run) -> None:
    """In what was read of the run: where nobody has worked it for long, every way of finding out is open again. Not
    where it was tried: a way that fails again and again would be tried for ever.
    """
    checkpoint = run.checkpoint
    if run.attempt <= 1 and now() - from_ms(checkpoint.get("at", to_ms(now()))) > AWAY:
        run.checkpoint = {name: value for name, value in checkpoint.items() if name not in WAYS}
        if checkpoint["stage"] in ("archived", "halve"):
            run.checkpoint["stage"] = "audit"


def total(stride: Stride, run: Run, low: int = 0, high: int | None = None) -> int:
    """HubSpot's."""
    return _total(stride, run, low, high)[0]


def _total(stride: Stride, run: Run, low: int = 0, high: int | None = None) -> tuple[int, int | None]:
    """With the id of the contact that is shown with it, of one end or the other: HubSpot may fail at that one."""
    above = run.attempt // 2 % 2 == 0
    try:
        return hubspot.total(stride.client, low, high, turned=above)
    except Permanent as problem:
        if category_of(problem) is None:
            raise
        stride.client.rest()
        return hubspot.total(stride.client, low, high, turned=not above)


def audit(stride: Stride, run: Run) -> None:
    remote, shown = _total(stride, run)
    suspects = _suspects(stride, run, remote)

    def judge() -> None:
        local = contacts.alive_count(stride.owner)
        stride.write(remote_total=remote, local_total=local)
        missing = remote - local - len(unheld_ids(stride, run))
        verdict = _verdict(run, missing)
        if not missing and run.checkpoint.get("settles_at", 0) > to_ms(now()):
            _wait_for_the_index(stride, run)
        elif not missing and _is_unseen(stride, run, shown):
            _once_more(stride, run)
        elif not missing and suspects:
            _halve(stride, run, remote, suspects)
        elif verdict != "totals_differ" or not _look_into(stride, run, missing, remote):
            forget_old_problems(stride, run)
            around.go_on_or_end(stride, run, around.OWNERS, verdict=verdict)

    stride.together(judge)


def _verdict(run: Run, missing: int) -> str | None:
    """Why the audit does not hold, None if it does. `missing` are those that we ought to hold."""
    if run.removal_held:
        return "removal_held"
    if missing:
        return "totals_differ"
    return "records_failed" if run.failed else None


def _is_unseen(stride: Stride, run: Run, shown: int | None) -> bool:
    """Whether a contact has come while the run read, which may make up for one that has gone."""
    if shown is None or run.checkpoint.get("again") or shown in unheld_ids(stride, run):
        return False
    return not contacts.held_ids(stride.owner, [shown])


def _once_more(stride: Stride, run: Run) -> None:
    stride.go_on(run, "recent", again=True, **recent_course(run).kept())


def _suspects(stride: Stride, run: Run, remote: int) -> list[list[Any]]:
    """Where a recent run has found nothing new: both parts of the ids, cut elsewhere each time, if HubSpot and the
    cache hold as many altogether and not in each. One archived and another restored do not show in the total.
    """
    unheld, local = unheld_ids(stride, run), contacts.alive_count(stride.owner)
    quiet = run.kind == "recent" and not run.added + run.updated + run.removed
    tried = any(name in run.checkpoint for name in WAYS)
    if not quiet or tried or not local or None in unheld or remote != local + len(unheld):
        return []
    cut = contacts.id_at(stride.owner, 0, None, run.id * GOLDEN % 1)
    below = total(stride, run, 0, cut)
    parts: list[list[Any]] = [[0, cut, below], [cut, None, remote - below]]
    return [] if below == _held(stride, 0, cut, unheld) else parts


def _look_into(stride: Stride, run: Run, missing: int, remote: int) -> bool:
    """Within a transaction: the next way to find out why; False when all have been gone."""
    audits, narrowed = (int(run.checkpoint.get(name, 0)) for name in ("audits", "narrowed"))
    if missing < 0 and not run.checkpoint.get("asked_archive"):
        pages = _cost_of_halving(-missing, remote)
        stride.go_on(run, "archived", asked_archive=True, excess=-missing, pages=pages, remote=remote)
    elif missing > 0 and not run.checkpoint.get("again"):
        _once_more(stride, run)
    elif narrowed == (audits == AUDITS - 1):  # at once, and for the last time when all waiting is over
        _halve(stride, run, remote)
    elif audits < AUDITS - 1:
        _wait_for_the_index(stride, run)
    else:
        return False
    return True


def recent_course(run: Run) -> Course:
    """All ids; how what has changed is spread over them, nobody knows yet."""
    return Course(Tiling(), None, run.checkpoint.get("seeks"))


def _wait_for_the_index(stride: Stride, run: Run) -> None:
    checkpoint = {**run.checkpoint, **recent_course(run).kept()}
    audits = int(run.checkpoint.get("audits", 0)) + 1
    lag = timedelta(seconds=stride.settings.index_lag_s)
    again = {**checkpoint, "stage": "recent", "audits": audits, "at": to_ms(now() + lag)}
    stride.rest(lag, checkpoint=again)


def archived(stride: Stride, run: Run) -> None:
    """Given up after as many pages as halving would cost, and where HubSpot fails at somebody who was archived."""
    kept = {name: run.checkpoint[name] for name in ("excess", "pages", "remote")}
    try:
        page = hubspot.archived_page(stride.client, run.checkpoint.get("after"), now())
    except (Permanent, Transient) as problem:
        if not is_stuck(run, problem):
            raise
        stride.client.rest()
        stride.together(lambda: _halve(stride, run, kept["remote"]))
        return
    kept["pages"] -= 1
    kept["settles_at"] = max(run.checkpoint.get("settles_at", 0), _settles_at_ms(stride, page))

    def keep() -> None:
        contacts.mark_named(stride.owner, page.ids, run.id)
        found = contacts.absent_count(stride.owner, run.id)
        if page.after is not None and found < kept["excess"] and kept["pages"] > 0:
            stride.go_on(run, "archived", after=page.after, **kept)
        elif found:
            stride.go_on(run, "remove", settles_at=kept["settles_at"])
        else:
            _halve(stride, run, kept["remote"])

    stride.together(keep)


def _settles_at_ms(stride: Stride, archived: Page) -> int:
    """From when on HubSpot's counts leave them all out; until then one may make up for somebody who should be gone."""
    youngest = max((each.archived_at or each.modified_at for each in archived.contacts), default=EPOCH)
    return to_ms(min(youngest, now()) + timedelta(seconds=stride.settings.index_lag_s))


def _cost_of_halving(differences: int, contacts_: int) -> int:
    """In requests; never more than reading everything."""
    return min(ceil(differences * max(1.0, log2(max(contacts_, 1) / LEAF))) + 1, contacts_ // A_WALK + 10)


def _halve(stride: Stride, run: Run, remote: int, suspects: Sequence[Any] = ()) -> None:
    narrowed = int(run.checkpoint.get("narrowed", 0)) + 1
    suspects = suspects or [[0, None, remote]]
    requests_left = remote // A_WALK + 10  # until reading everything would be cheaper
    stride.go_on(run, "halve", narrowed=narrowed, suspects=suspects, differing=[], requests_left=requests_left)


def halve(stride: Stride, run: Run) -> None:
    """One suspect span at a time: HubSpot is asked for the count of its lower half, the rest is the upper half's."""
    suspects, differing = (list(run.checkpoint[name]) for name in ("suspects", "differing"))
    requests_left = int(run.checkpoint["requests_left"])
    if not suspects:
        stride.together(lambda: _read_what_differs(stride, run, differing))
        return
    low, high, remote = suspects.pop()
    unheld = unheld_ids(stride, run)
    local = contacts.alive_count(stride.owner, low, high)
    if local <= LEAF or not requests_left:
        differing.append([low, high, remote])
    else:
        middle = contacts.id_at(stride.owner, low, high, 0.5)
        below = total(stride, run, low, middle)
        requests_left -= 1
        halves = [(low, middle, below), (middle, high, remote - below)]
        suspects += [list(half) for half in halves if half[2] != _held(stride, half[0], half[1], unheld)]

    def keep() -> None:
        stride.go_on(run, "halve", suspects=suspects, differing=differing, requests_left=requests_left)

    stride.together(keep)


def _held(stride: Stride, low: int, high: int | None, unheld: Iterable[int | None]) -> int:
    """Contacts of ours, and those we know of but could not read."""
    known = sum(1 for each in unheld if each is not None and holds((low, high), each))
    return contacts.alive_count(stride.owner, low, high) + known


def _read_what_differs(stride: Stride, run: Run, differing: Sequence[Sequence[Any]]) -> None:
    """Within a transaction."""
    if not differing:  # every half was right: the totals differed by the index's lag
        _wait_for_the_index(stride, run)
        return
    spans: list[Span] = sorted((low, high) for low, high, _ in differing)
    expected = sum(remote for _, _, remote in differing)
    reading = course(Spread((), expected), spans, seeks=run.checkpoint.get("seeks"))
    counts = {"total": max(run.total or 0, run.read + expected)}
    stride.go_on(run, "list", counts=counts, whole=spans == [(0, None)], **reading.kept())
