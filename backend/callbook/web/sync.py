"""How the sync stands, and asking for one."""

from typing import Any

from apiflask import APIBlueprint

from callbook import accounts, contacts, sync
from callbook.errors import Refused
from callbook.models import Owner, User
from callbook.web import door
from callbook.web.shapes import RunOut, SyncIn, SyncState

blueprint = APIBlueprint("sync", __name__)


@blueprint.get("/api/sync")
@blueprint.output(SyncState)
def state() -> dict[str, Any]:
    """Also makes the run that is due, and notes that a browser has asked."""
    owner = door.owner()
    accounts.note_seen(owner)
    door.wake(sync.start_if_due(owner, door.settings()))
    user = User.get_by_id(owner.id)
    connection = accounts.connection(owner)
    if connection is None:
        raise Refused("signed_out")
    live, ended, proven = sync.current(owner), sync.last_ended(owner), sync.last_proven(owner)
    counts, unreadable = contacts.counts(owner), sync.unreadable_number_count(owner)
    return {
        "connection": {
            "state": connection.state,
            "since": connection.state_since,
            "account": accounts.profile(user, door.settings()),
        },
        "counts": {**counts.told(), "without_phone": counts.without_phone, "number_unreadable": unreadable},
        "run": live and sync.run_report(live),
        "last_run": ended and sync.run_report(ended),
        "last_synced_at": proven and proven.finished_at,
        "next_sync_at": user.next_sync_at,
        "interval_minutes": user.interval_minutes,
        "event": user.event_number,
    }


@blueprint.post("/api/sync")
@blueprint.input(SyncIn, arg_name="wish")
@blueprint.output(RunOut, status_code=202)
def start(wish: SyncIn) -> dict[str, Any]:
    owner = _connected_owner()
    run = sync.request(owner, wish.kind, "manual", accept_removals=wish.accept_removals)
    door.wake(run.id)
    return sync.run_report(run)


@blueprint.post("/api/sync/pause")
@blueprint.output(RunOut)
def pause() -> dict[str, Any]:
    return sync.run_report(sync.pause(door.owner()))


@blueprint.post("/api/sync/resume")
@blueprint.output(RunOut)
def resume() -> dict[str, Any]:
    owner = _connected_owner()
    run = sync.resume(owner)
    door.wake(run.id)
    return sync.run_report(run)


@blueprint.post("/api/sync/cancel")
@blueprint.output(RunOut)
def cancel() -> dict[str, Any]:
    return sync.run_report(sync.cancel(door.owner()))


def _connected_owner() -> Owner:
    owner = door.owner()
    if not accounts.is_connected(owner):
        raise Refused("not_connected", "HubSpot has to be authorized again first")
    return owner
