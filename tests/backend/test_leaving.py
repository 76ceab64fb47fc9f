"""Unauthorize: gone at once for everybody who asks, then deleted and revoked until it has succeeded; what is the
person's own stays for the next Authorize. "Delete my data": nothing stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from apiflask import APIFlask
from peewee import OperationalError

from callbook import accounts, models, sync
from callbook.accounts import leaving
from callbook.errors import NeedsReconnect, Refused
from callbook.hubspot import Client, Page, list_page
from callbook.jobs import Jobs
from callbook.models import (
    Cached,
    Call,
    Choice,
    Company,
    Connection,
    Contact,
    Event,
    HubSpotOwner,
    Line,
    Owned,
    Owner,
    Phone,
    Problem,
    Revocation,
    Run,
    Search,
    Session,
    Ticket,
    User,
    connected,
    now,
)
from callbook.sealing import Keyring
from callbook.settings import Settings
from callbook.sync import runs
from hubspot_sandbox import RunningSandbox
from tests.backend.people import CONTACTS, Consenting, Rep, cache, json_of, keep_personal, owner_of, remote

NUMBER = "+1 201 555 0132"


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def settled(alice: Rep) -> Rep:
    """Alice with HubSpot contacts, one personal contact, a call, settings of her own and no run in progress."""
    owner = owner_of(alice)
    with connected():
        Run.of(owner).update(state="finished").execute()
    people = (remote(number, lastname=f"Remote{number}", phone=f"+1 201 555 01{number}") for number in range(40, 47))
    cache(owner, remote(1, lastname="Rung", phone=NUMBER), *people)
    keep_personal(owner, lastname="Mine", phone="+1 201 555 0199")
    ring(alice)
    alice.patch("/api/settings", {"interval_minutes": 5, "default_country": "GB"})
    return alice


@pytest.fixture
def sweep(settings: Settings) -> Iterator[Callable[[], None]]:
    jobs = Jobs(settings)
    yield jobs.sweep
    jobs.huey.storage.close()


def ring(rep: Rep) -> None:
    event = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": NUMBER}
    assert rep.post("/api/calls", event).status_code == 202


def leave(rep: Rep) -> None:
    assert rep.post("/auth/unauthorize").status_code == 204


def rows_of(user_id: int) -> dict[str, int]:
    """What the database still holds of a user's HubSpot rows, whatever their epoch."""
    with connected():
        tables = (Contact, Phone, Run, Problem)
        return {table.__name__: table.everyones().select().where(table.user_id == user_id).count() for table in tables}


def test_every_session_of_the_user_ends_and_nobody_elses(settled: Rep, bob: Rep, sign_in: Callable[[str], Rep]) -> None:
    other_browser = sign_in("admin")
    leave(settled)
    for gone in (settled, other_browser):
        answer = gone.post(CONTACTS, {})
        assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "signed_out")
    assert bob.post(CONTACTS, {}).status_code == 200


def test_without_a_session_nobody_is_unauthorized(app: APIFlask) -> None:
    answer = app.test_client().post("/auth/unauthorize")
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "signed_out")


def test_leaving_removes_connection_sessions_tickets_and_events_at_once(settled: Rep) -> None:
    owner = owner_of(settled)
    settled.post("/api/tickets")
    leave(settled)
    with connected():
        for table in (Connection, Session, Ticket, Event):
            assert table.everyones().select().where(table.user_id == owner.id).count() == 0, table


def test_hubspot_rows_are_unreadable_at_once_and_then_purged(
    settled: Rep, sign_in: Callable[[str], Rep], sweep: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "CHUNK", 3)
    owner = owner_of(settled)
    leave(settled)
    assert rows_of(owner.id) == {"Contact": 9, "Phone": 9, "Run": 1, "Problem": 0}
    back = sign_in("admin")
    assert back.contacts()["counts"] == {"all": 1, "hubspot": 0, "personal": 1}
    assert back.read("/api/sync")["last_run"] is None
    sweep()
    remaining = rows_of(owner.id)
    assert (remaining["Contact"], remaining["Phone"]) == (1, 1)
    with connected():
        assert accounts.purges_due() == []
        assert Run.everyones().select().where(Run.epoch == 1).count() == 0


def test_a_purge_leaves_other_users_alone(settled: Rep, bob: Rep, sweep: Callable[[], None]) -> None:
    cache(owner_of(bob), remote(1, lastname="Bobs", phone=NUMBER))
    leave(settled)
    sweep()
    assert bob.contacts()["counts"]["hubspot"] == 1
    assert bob.read("/api/sync")["connection"]["state"] == "connected"


def test_personal_contacts_and_settings_are_there_after_authorizing_again(
    settled: Rep, sign_in: Callable[[str], Rep], sweep: Callable[[], None], work: Callable[[], list[Run]]
) -> None:
    user_id = owner_of(settled).id
    leave(settled)
    sweep()
    back = sign_in("admin")
    assert owner_of(back).id == user_id
    assert [row["name"] for row in back.contacts(source="personal")["contacts"]] == ["Mine"]
    caller = json_of(back.post("/api/callers", {"numbers": ["+12015550199"]}))["callers"][0]
    assert caller["label"] == "exact"
    assert back.read("/api/settings")["interval_minutes"] == 5
    assert back.read("/api/settings")["default_country"] == "GB"
    (run,) = work()
    assert (run.kind, run.trigger, run.state) == ("full", "first", "finished")
    assert back.contacts()["counts"] == {"all": 7, "hubspot": 6, "personal": 1}


def test_the_call_history_stays_without_its_names(settled: Rep, sign_in: Callable[[str], Rep]) -> None:
    assert settled.calls()["calls"][0]["caller"]["candidates"][0]["name"] == "Rung"
    leave(settled)
    with connected():
        assert [call.caller for call in Call.everyones().select()] == [None]
    (call,) = sign_in("admin").calls()["calls"]
    assert (call["number"], call["caller"]["label"], call["caller"]["reason"]) == (NUMBER, "none", "not_found")


def test_a_browser_that_comes_back_with_an_old_cursor_starts_again(settled: Rep, sign_in: Callable[[str], Rep]) -> None:
    leave(settled)
    heard = sign_in("admin").read("/api/events", after=0)
    assert (heard["events"], heard["start_again"]) == ([], True)


def test_the_grant_is_revoked_at_hubspot(
    settled: Rep, settings: Settings, hubspot: RunningSandbox, sweep: Callable[[], None]
) -> None:
    token = refresh_token_of(owner_of(settled), settings)
    leave(settled)
    sweep()
    assert hubspot.requests.count("revoke", 200) == 1
    with pytest.raises(NeedsReconnect):
        accounts.hubspot_oauth(settings).refresh(token)
    with connected():
        assert Revocation.everyones().select().count() == 0


def test_a_revocation_is_tried_again_until_hubspot_has_taken_it(
    settled: Rep, hubspot: RunningSandbox, sweep: Callable[[], None]
) -> None:
    leave(settled)
    hubspot.fault("revoke", 503, times=2)
    start = datetime.now(UTC)
    for seconds, tried in ((0, 1), (0.1, 1), (1.5, 2), (2, 2), (4, 3), (60, 3)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            sweep()
        assert hubspot.requests.count("revoke") == tried, seconds
    assert hubspot.requests.count("revoke", 200) == 1


def test_a_wrong_client_secret_keeps_the_revocation_for_later(settled: Rep, settings: Settings) -> None:
    leave(settled)
    wrong = accounts.hubspot_oauth(replace(settings, hubspot_client_secret="wrong"))
    with connected():
        accounts.revoke_due(Keyring(settings.secret_keys), wrong)
        assert Revocation.everyones().select().get().attempts == 1


def test_a_token_that_can_no_longer_be_opened_is_not_tried_for_ever(settled: Rep, settings: Settings) -> None:
    leave(settled)
    other_key = replace(settings.secret_keys[0], id="other")
    with connected():
        accounts.revoke_due(Keyring([other_key]), accounts.hubspot_oauth(settings))
        assert Revocation.everyones().select().count() == 0


def test_runs_are_fenced(alice: Rep, settings: Settings) -> None:
    owner = owner_of(alice)
    with connected():
        claim = runs.claim(sync.claimable()[0], "a worker", settings)
    assert claim is not None
    leave(alice)
    with connected():
        with pytest.raises(runs.LostLease):
            runs.read(claim)
        with pytest.raises(runs.LostLease):
            runs.keep(claim, read=1)
        assert sync.claimable() == []
        (run,) = Run.everyones().select().where(Run.user_id == owner.id)
        assert (run.state, run.read, run.finished_at is None) == ("cancelled", 0, False)


def test_a_page_read_before_leaving_is_not_written_after_it(
    alice: Rep, work: Callable[[], list[Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person leaves while the worker waits for HubSpot's first page."""
    owner = owner_of(alice)

    def left_meanwhile(client: Client, after: str | None, read_at: datetime, *, patient: bool) -> Page:
        with connected():
            accounts.unauthorize(owner)
        return list_page(client, after, read_at, patient=patient)

    monkeypatch.setattr("callbook.hubspot.list_page", left_meanwhile)
    (run,) = work()
    assert run.state == "cancelled"
    assert rows_of(owner.id)["Contact"] == 0


def test_a_one_time_code_from_before_leaving_opens_no_session(
    app: APIFlask, hubspot: RunningSandbox, alice: Rep
) -> None:
    second_browser = Consenting(app.test_client(), hubspot)
    code = second_browser.code("admin")
    leave(alice)
    answer = second_browser.redeem(code)
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (400, "code_invalid")


def test_leaving_twice_is_leaving_once(settled: Rep) -> None:
    owner = owner_of(settled)
    with connected():
        accounts.unauthorize(owner)
        accounts.unauthorize(owner)
        assert Revocation.everyones().select().count() == 1
        stays = Contact.of(User.get_by_id(owner.id).owner).select()
        assert [row.name for row in stays] == ["Mine"]


def test_the_tables_that_are_purged_are_all_there_are() -> None:
    assert set(leaving.CACHED) == set(Cached.__subclasses__())
    assert {*leaving.BESIDE_THE_CACHE, Revocation, Cached} == set(Owned.__subclasses__())


def test_a_transaction_that_the_database_breaks_off_is_tried_again(
    settled: Rep, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = owner_of(settled)
    broken_off = iter([True, True, False])

    def end(old: Owner) -> None:
        ending(old)
        if next(broken_off):
            raise OperationalError("deadlock detected")

    ending = leaving._end  # noqa: SLF001 - broken off in the middle
    monkeypatch.setattr(leaving, "_end", end)
    leave(settled)
    with connected():
        assert User.get_by_id(owner.id).cache_epoch == owner.epoch + 1
        assert Revocation.everyones().select().count() == 1
        assert [row.name for row in Contact.of(User.get_by_id(owner.id).owner).select()] == ["Mine"]


def everything_of(user_id: int) -> dict[str, int]:
    """How many rows of a user each table of the database holds, whichever tables there are."""
    with connected():
        found = {}
        for table in models.database.get_tables():
            columns = {column.name for column in models.database.get_columns(table)}
            mine = "user_id" if "user_id" in columns else "id"
            if table == "users" or "user_id" in columns:
                query = f"SELECT COUNT(*) FROM {table} WHERE {mine} = {user_id}"  # noqa: S608 - names of our own tables
                found[table] = int(models.database.execute_sql(query).fetchone()[0])
        return found


@pytest.fixture
def everywhere(settled: Rep, app: APIFlask, hubspot: RunningSandbox) -> Rep:
    """Alice with a row in every table."""
    owner = owner_of(settled)
    settled.post("/api/tickets")
    Consenting(app.test_client(), hubspot).code("admin")
    personal = settled.contacts(source="personal")["contacts"][0]["id"]
    keep_personal(owner, lastname="Removed")
    with connected():
        noted = {"object_type": "contacts", "category": "invalid", "run_id": 1, "seen_at": now()}
        Problem.of(owner).insert(remote_id="9", **noted).execute()
        Company.of(owner).insert(company_id=5, name="Engines", search_text="engines").execute()
        HubSpotOwner.of(owner).insert(owner_id=6, name="Olive").execute()
        Search.of(owner).insert(asked_at=now()).execute()
        Choice.of(owner).insert(e164="+12015550132", extension="", contact_id=987654321).execute()
        Line.of(owner).insert(line="101").execute()
        Revocation.of(owner).insert(refresh_token="unreadable", retry_at=now()).execute()
    assert settled.delete(f"/api/contacts/{personal}").status_code == 204
    rows = everything_of(owner.id)
    assert {name for name, count in rows.items() if not count} == set()
    assert len(rows) >= 14
    return settled


def test_deleting_everything_leaves_nothing_in_any_table(
    everywhere: Rep, bob: Rep, sweep: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "CHUNK", 3)
    user_id, others = owner_of(everywhere).id, owner_of(bob).id
    before = everything_of(others)
    assert everywhere.delete("/api/data").status_code == 204
    sweep()
    assert {name: count for name, count in everything_of(user_id).items() if count} == {}
    assert everything_of(others) == before
    with connected():
        assert accounts.purges_due() == []
    sweep()


def test_from_the_first_moment_nothing_can_be_read_and_nobody_is_named(
    everywhere: Rep, sign_in: Callable[[str], Rep]
) -> None:
    other_browser = sign_in("admin")
    user_id = owner_of(everywhere).id
    with connected():
        email = User.get_by_id(user_id).email
    assert everywhere.delete("/api/data").status_code == 204
    for gone in (everywhere, other_browser):
        answer = gone.post(CONTACTS, {})
        assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "signed_out")
        assert gone.delete("/api/data").status_code == 401
    at_once = everything_of(user_id)
    assert [at_once[name] for name in ("sessions", "tickets", "connections", "logins", "events")] == [0] * 5
    with connected():
        user = User.get_by_id(user_id)
        told = (user.portal_id, user.email, user.portal_name, user.ui_domain, user.default_country)
        assert told == (0, None, "", "", None)
        assert email is not None
        assert sync.due() == []
        assert sync.claimable() == []


def test_who_authorizes_again_is_a_new_user_whom_the_sweep_leaves_alone(
    everywhere: Rep, sign_in: Callable[[str], Rep], sweep: Callable[[], None], work: Callable[[], list[Run]]
) -> None:
    user_id = owner_of(everywhere).id
    assert everywhere.delete("/api/data").status_code == 204
    back = sign_in("admin")
    assert owner_of(back).id != user_id
    assert back.contacts()["counts"]["all"] == 0
    assert back.calls()["total"] == 0
    assert back.read("/api/settings")["interval_minutes"] == 20
    sweep()
    (run,) = work()
    assert (run.trigger, run.state) == ("first", "finished")
    assert back.contacts()["counts"] == {"all": 6, "hubspot": 6, "personal": 0}


def test_two_who_delete_their_data_do_not_get_in_each_others_way(settled: Rep, bob: Rep) -> None:
    users = [owner_of(rep).id for rep in (settled, bob)]
    for rep in (settled, bob):
        assert rep.delete("/api/data").status_code == 204
    with connected():
        assert accounts.purges_due() == users
        for user_id in [*users, *users]:
            accounts.purge_one(user_id)
        assert User.select().count() == 0


def test_the_grant_is_revoked_though_the_user_is_gone(
    settled: Rep, hubspot: RunningSandbox, sweep: Callable[[], None]
) -> None:
    user_id = owner_of(settled).id
    hubspot.fault("revoke", 503, times=1)
    assert settled.delete("/api/data").status_code == 204
    sweep()
    assert {name: count for name, count in everything_of(user_id).items() if count} == {"revocations": 1}
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=2), tick=False):
        sweep()
    assert hubspot.requests.count("revoke", 200) == 1
    assert not any(everything_of(user_id).values())


def test_a_page_read_before_deleting_everything_is_not_written_after_it(
    alice: Rep, work: Callable[[], list[Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is gone to the last row when HubSpot's first page comes."""
    owner = owner_of(alice)

    def gone_meanwhile(client: Client, after: str | None, read_at: datetime, *, patient: bool) -> Page:
        with connected():
            accounts.delete_data(owner)
            accounts.purge_one(owner.id)
        return list_page(client, after, read_at, patient=patient)

    monkeypatch.setattr("callbook.hubspot.list_page", gone_meanwhile)
    assert work() == []
    left = everything_of(owner.id)
    assert {name for name, count in left.items() if count} == {"revocations"}


def test_deleting_after_the_user_is_gone_is_signed_out(settled: Rep) -> None:
    owner = owner_of(settled)
    with connected():
        accounts.delete_data(owner)
        accounts.delete_data(owner)
        accounts.purge_one(owner.id)
        with pytest.raises(Refused, match="signed_out"):
            accounts.delete_data(owner)


def refresh_token_of(owner: Owner, settings: Settings) -> str:
    with connected():
        sealed = Connection.of(owner).select().get().refresh_token
    return Keyring(settings.secret_keys).open(sealed, str(owner.id), "refresh_token")
