"""The Python door: a real server in the background, and the hand behind its back."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

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


def test_every_kind_of_change_of_contacts(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo = hubspot.create(firstname="Ada"), hubspot.create(firstname="Bo")
    hubspot.archive(ada.id)
    assert hubspot.restore(ada.id).archived_at_ms is None
    merged = hubspot.merge(ada.id, bo.id)
    assert merged.properties["firstname"] == "Ada"
    assert read(api.get(f"{CONTACTS}/{bo.id}"))["id"] == str(merged.id)
    hubspot.gdpr_delete(merged.id)
    assert api.get(f"{CONTACTS}/{merged.id}").status_code == 404


def test_many_contacts_change_at_one_moment(hubspot: RunningSandbox) -> None:
    ids = hubspot.portal.live_ids[:50]
    moment_ms = hubspot.edit_many(ids, lifecyclestage="customer")
    assert {hubspot.portal.contacts[each].modified_at_ms for each in ids} == {moment_ms}
    assert hubspot.edit_many(ids[:1], at_ms=5) == 5


def test_companies_change_and_are_joined(hubspot: RunningSandbox) -> None:
    one, other = hubspot.create_company(name="One"), hubspot.create_company(name="Other")
    assert hubspot.edit_company(one.id, name="Uno").properties["name"] == "Uno"
    assert hubspot.archive_company(one.id).archived_at_ms is not None
    assert hubspot.restore_company(one.id).archived_at_ms is None
    ada = hubspot.create(firstname="Ada")
    hubspot.associate(ada.id, one.id)
    assert hubspot.portal.links.companies_of(hubspot.portal.contacts[ada.id]) == [one.id]
    merged = hubspot.merge_companies(one.id, other.id)
    assert hubspot.portal.links.companies_of(hubspot.portal.contacts[ada.id]) == [merged.id]
    hubspot.dissociate(ada.id, merged.id)
    assert hubspot.portal.links.companies_of(hubspot.portal.contacts[ada.id]) == []


def test_owners_come_and_go(hubspot: RunningSandbox) -> None:
    owner = hubspot.add_owner("Mae Jemison")
    assert hubspot.portal.owners[owner.id] == owner
    assert hubspot.archive_owner(owner.id).archived


def test_options_change_while_it_runs(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1)
    assert hubspot.options.general_limit == 1
    assert [api.get(CONTACTS).status_code for _ in range(2)] == [200, 429]
    with pytest.raises(ValidationError):
        hubspot.change_options(general_limit=-1)
    assert hubspot.options.general_limit == 1


def test_requests_are_counted_and_forgotten(hubspot: RunningSandbox, api: Api) -> None:
    api.list()
    assert hubspot.requests.count("list", 200) == 1
    hubspot.reset_requests()
    assert hubspot.requests.count() == 0


def test_its_clock_is_the_portals(hubspot: RunningSandbox) -> None:
    before_ms = hubspot.clock.now_ms()
    hubspot.advance(3600)
    assert hubspot.clock.now_ms() >= before_ms + 3_600_000


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
