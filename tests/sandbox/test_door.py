"""The Python door: a real server in the background, and the hand behind its back."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import hubspot_sandbox
from hubspot_sandbox import CsvRefused, Options, RunningSandbox
from hubspot_sandbox.exchange import Refused
from tests.sandbox.client import CONTACTS, Api, read


def test_changes_are_seen_by_the_next_request(hubspot: RunningSandbox, api: Api) -> None:
    ada = hubspot.create(firstname="Ada", email="ada@x.example")
    hubspot.edit(ada.id, firstname="Augusta", at_ms=1_790_000_000_123)
    record = read(api.get(f"{CONTACTS}/{ada.id}"))
    assert record["properties"]["firstname"] == "Augusta"
    assert record["updatedAt"] == "2026-09-21T14:13:20.123Z"
    hubspot.archive(ada.id)
    assert api.get(f"{CONTACTS}/{ada.id}").status_code == 404


def test_a_refused_change_is_raised_where_it_was_asked_for(hubspot: RunningSandbox) -> None:
    with pytest.raises(Refused, match="PROPERTY_DOESNT_EXIST"):
        hubspot.create(nope="x")


def test_grant_is_for_the_person_and_the_scopes_named(hubspot: RunningSandbox) -> None:
    tokens = hubspot.grant("rep", ["oauth"])
    assert tokens.grant.person.name == "Sam Ortiz"
    assert tokens.grant.scopes == ("oauth",)
    with pytest.raises(ValueError, match="nobody"):
        hubspot.grant("nobody")


def test_sandboxes_run_side_by_side_with_portals_of_their_own() -> None:
    with (
        hubspot_sandbox.running(contacts=3, options=Options(portal_id=11)) as one,
        hubspot_sandbox.running(contacts=4, options=Options(portal_id=12)) as other,
    ):
        assert one.url != other.url
        token = one.grant().token
        mine, stranger = Api(one.url, token), Api(other.url, token)
        assert read(mine.get("/account-info/2026-09/details"))["portalId"] == 11
        assert stranger.get(CONTACTS).status_code == 401
        mine.close()
        stranger.close()


def test_nobody_listens_after_the_block() -> None:
    with hubspot_sandbox.running(contacts=0) as hubspot:
        port = urlsplit(hubspot.url).port
        assert port is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_refused_file_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(CsvRefused), hubspot_sandbox.running(csv=tmp_path / "none.csv"):
        pytest.fail("it must not start")
