"""Sessions and tickets: who a request speaks for, for how long, and that nothing kept can be used to speak."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from apiflask import APIFlask

from callbook import accounts
from callbook.errors import Refused
from callbook.models import Session, Ticket, connected
from callbook.sealing import fingerprint, new_secret
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import CONTACTS, Rep, json_of, new_user, owner_of


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**span))


def kind_of(rep: Rep) -> str:
    answer = rep.post(CONTACTS, {})
    return "ok" if answer.status_code == 200 else str(json_of(answer)["error"]["kind"])


def test_an_unknown_token_is_signed_out(rep: Rep) -> None:
    answer = Rep(rep.client, new_secret()).post(CONTACTS, {})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "signed_out")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer{}"])
def test_a_header_that_holds_no_bearer_token_is_signed_out(rep: Rep, header: str) -> None:
    answer = rep.client.post(CONTACTS, json={}, headers={"Authorization": header.format(rep.token)})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "signed_out")


def test_an_expired_session_is_told_as_expired(rep: Rep) -> None:
    with later(days=90, minutes=1):
        answer = rep.post(CONTACTS, {})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (401, "session_expired")


def test_use_prolongs_a_session(rep: Rep) -> None:
    start = datetime.now(UTC)
    for days in (80, 160, 240):
        with time_machine.travel(start + timedelta(days=days)):
            assert kind_of(rep) == "ok"
    with time_machine.travel(start + timedelta(days=331)):
        assert kind_of(rep) == "session_expired"


def test_a_session_is_not_written_at_every_request(rep: Rep) -> None:
    with connected():
        before = Session.of(owner_of(rep)).select().get().expires_at
    with later(minutes=50):
        assert kind_of(rep) == "ok"
    with connected():
        assert Session.of(owner_of(rep)).select().get().expires_at == before


def test_expired_sessions_are_swept_when_somebody_signs_in(rep: Rep, settings: Settings) -> None:
    owner = owner_of(rep)
    with later(days=91):
        with connected():
            accounts.open_session(settings, owner)
            assert Session.of(owner).select().count() == 1
        assert kind_of(rep) == "signed_out"


def test_only_fingerprints_of_sessions_and_tickets_are_kept(rep: Rep) -> None:
    ticket = json_of(rep.post("/api/tickets"))["ticket"]
    with connected():
        assert Session.of(owner_of(rep)).select().get().token_hash == fingerprint(rep.token)
        assert Ticket.of(owner_of(rep)).select().get().ticket_hash == fingerprint(ticket)


def redeemed(ticket: str) -> str:
    with connected():
        try:
            accounts.redeem_ticket(ticket)
        except Refused as refused:
            return refused.kind
        return "ok"


def test_a_ticket_is_good_once(rep: Rep) -> None:
    body = json_of(rep.post("/api/tickets"))
    lives_for = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=20) < lives_for <= timedelta(seconds=30)
    assert [redeemed(body["ticket"]) for _ in range(2)] == ["ok", "signed_out"]


def test_a_ticket_is_good_for_half_a_minute(rep: Rep) -> None:
    ticket = json_of(rep.post("/api/tickets"))["ticket"]
    with later(seconds=31):
        assert redeemed(ticket) == "signed_out"


@pytest.mark.parametrize("forge", [lambda _rep: "", lambda _rep: new_secret(), lambda rep: rep.token])
def test_what_is_no_ticket_opens_nothing(rep: Rep, forge: Callable[[Rep], str]) -> None:
    assert redeemed(forge(rep)) == "signed_out"


def test_a_ticket_is_no_session(rep: Rep) -> None:
    ticket = json_of(rep.post("/api/tickets"))["ticket"]
    assert kind_of(Rep(rep.client, ticket)) == "signed_out"


def test_a_ticket_speaks_only_as_long_as_its_session(rep: Rep) -> None:
    ticket = json_of(rep.post("/api/tickets"))["ticket"]
    with connected():
        signed = accounts.redeem_ticket(ticket)
        assert accounts.still_signed(signed)
        Session.of(signed.owner).delete().execute()
        assert not accounts.still_signed(signed)
