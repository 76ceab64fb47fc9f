"""Contacts as HubSpot gives them: parsed once, and one odd record never costs its page."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbook.errors import Permanent, Transient
from callbook.hubspot import (
    PROPERTIES,
    Client,
    Page,
    RemoteContact,
    Unreadable,
    batch_read,
    id_of,
    list_page,
    property_set,
    search_page,
    total,
)
from hubspot_sandbox import RunningSandbox

READ_AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
RECORD: dict[str, Any] = {"id": "5", "properties": {"firstname": "Ada"}, "updatedAt": "2026-01-01T00:00:00.000Z"}


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def replace(self, stale: str) -> str:
        raise AssertionError(stale)


class Told(Client):
    """A HubSpot that says what the test tells it to."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("http://nowhere.example", OneToken(""))
        self._body = body

    def _read(self, method: str, path: str, *, patient: bool = True, **content: Any) -> dict[str, Any]:  # noqa: ARG002 - whatever is asked
        return self._body


@pytest.fixture
def client(shared_hubspot: RunningSandbox) -> Iterator[Client]:
    client = Client(shared_hubspot.url, OneToken(shared_hubspot.grant().token), sleep=lambda _: None)
    yield client
    client.close()


def page_of(*records: object, **body: Any) -> Page:
    return list_page(Told({"results": list(records), **body}), None, READ_AT)


def test_the_list_comes_in_order_and_says_where_it_goes_on(
    client: Client, shared_hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callbook.hubspot.contacts.LIST_LIMIT", 4)
    first = list_page(client, None, READ_AT)
    second = list_page(client, first.after, READ_AT)
    assert [*first.ids, *second.ids] == shared_hubspot.portal.live_ids
    assert (len(first.contacts), second.after) == (4, None)
    assert all(each.primary and each.read_at == READ_AT for each in first.contacts)


def test_search_reads_a_span_of_ids_and_tells_how_many_it_holds(client: Client, shared_hubspot: RunningSandbox) -> None:
    ids = shared_hubspot.portal.live_ids
    page = search_page(client, ids[1] + 1, ids[4], LONG_AGO, READ_AT)
    assert ([each.id for each in page.contacts], page.total) == (ids[2:4], 2)
    assert not any(each.primary for each in page.contacts)


def test_search_takes_the_moment_itself_too(client: Client, shared_hubspot: RunningSandbox) -> None:
    newest = max(shared_hubspot.portal.live(), key=lambda contact: contact.modified_at_ms)
    moment = datetime.fromtimestamp(newest.modified_at_ms / 1000, UTC)
    assert newest.id in {each.id for each in search_page(client, 0, None, moment, READ_AT).contacts}
    later = moment + timedelta(milliseconds=1)
    assert search_page(client, 0, None, later, READ_AT).contacts == ()


def test_a_batch_with_some_missing_gives_those_that_are_there(client: Client, shared_hubspot: RunningSandbox) -> None:
    there = shared_hubspot.portal.live_ids[:2]
    page = batch_read(client, [*there, 10**15], READ_AT)
    assert page.ids == there
    assert shared_hubspot.requests.count("batch_read", 207) == 1


def test_more_than_a_batch_takes_is_refused(client: Client) -> None:
    with pytest.raises(Permanent):
        batch_read(client, range(1, 102), READ_AT)


def test_the_total_is_hubspots_and_one_end_is_shown(client: Client, shared_hubspot: RunningSandbox) -> None:
    ids = shared_hubspot.portal.live_ids
    assert total(client) == (len(ids), ids[0])
    assert total(client, turned=True) == (len(ids), ids[-1])


def test_only_properties_with_a_value_are_kept() -> None:
    (contact,) = page_of({**RECORD, "properties": {"firstname": "Ada", "lastname": None, "unasked": "x"}}).contacts
    assert contact.properties == {"firstname": "Ada"}
    assert contact.modified_at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        {"id": None},
        {"id": 5.5},
        {"id": ""},
        {"id": "abc"},
        {"id": "-5"},
        {"id": " 5"},
        {"id": "²"},
        {"id": "٣"},
        {"id": str(2**63)},
        {"id": "9" * 5000},
        {"properties": None},
        {"properties": []},
        {"properties": {"firstname": 5}},
        {"properties": {"firstname": {"value": "Ada"}}},
        {"updatedAt": None},
        {"updatedAt": "yesterday"},
        {"updatedAt": "2026-01-01T00:00:00"},
    ],
)
def test_an_odd_record_is_unreadable_and_the_others_are_read(odd: dict[str, Any]) -> None:
    page = page_of({**RECORD, "id": "4"}, {**RECORD, **odd}, {**RECORD, "id": "6"})
    assert [each.id for each in page.contacts] == [4, 6]
    assert len(page.unreadable) == 1
    assert page.unreadable[0].number == (None if "id" in odd else 5)
    assert page.ids == ([4, 6] if "id" in odd else [4, 5, 6])


@pytest.mark.parametrize("odd", [None, 5, "text", [], {}])
def test_what_is_no_record_at_all_is_unreadable(odd: object) -> None:
    assert page_of(odd).unreadable == (Unreadable(""),)


def test_what_no_database_takes_is_left_out_of_values() -> None:
    (contact,) = page_of({**RECORD, "properties": {"firstname": "N\x00L", "lastname": "cut \ud83d"}}).contacts
    assert contact.properties == {"firstname": "NL", "lastname": "cut ?"}
    assert page_of({"id": "\ud83d\x00"}).unreadable == (Unreadable("?"),)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"results": None},
        {"results": {}},
        {"results": [], "paging": []},
        {"results": [], "paging": {"next": {}}},
        {"results": [], "paging": {"next": {"after": 7}}},
        {"results": [], "total": "many"},
    ],
)
def test_an_answer_of_another_shape_is_transient(body: dict[str, Any]) -> None:
    with pytest.raises(Transient) as caught:
        list_page(Told(body), None, READ_AT)
    assert caught.value.kind == "hubspot_error"


@pytest.mark.parametrize("paging", [None, {}, {"next": None}])
def test_a_last_page_may_say_so_in_several_ways(paging: object) -> None:
    assert page_of(RECORD, paging=paging).after is None


def test_a_total_that_is_missing_is_transient() -> None:
    with pytest.raises(Transient):
        total(Told({"results": []}))


@pytest.mark.parametrize(
    ("merged", "vids", "ids"),
    [
        ("", "", set()),
        ("1;2", "", {1, 2}),
        ("", "3:1700000000000;5:1700000000001", {3}),
        ("1;;x; 2;²;٣;" + "9" * 40, "::", {1}),
        ("5", "5:1", set()),
    ],
)
def test_merged_ids_are_read_from_both_properties_and_never_name_the_survivor(
    merged: str, vids: str, ids: set[int]
) -> None:
    properties = {"hs_merged_object_ids": merged, "hs_calculated_merged_vids": vids}
    assert RemoteContact(5, properties, READ_AT, READ_AT, primary=True).merged_ids == ids


@pytest.mark.parametrize(
    ("text", "id_"),
    [("0", 0), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("", None), ("1e3", None), ("¹", None)],
)
def test_what_an_id_is(text: str, id_: int | None) -> None:
    assert id_of(text) == id_


def test_another_set_of_properties_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = property_set()
    monkeypatch.setattr("callbook.hubspot.contacts.PROPERTIES", (*PROPERTIES, "fax"))
    assert property_set() != before
