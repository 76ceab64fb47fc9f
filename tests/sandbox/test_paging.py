"""Pages that are not what they seem, for one request or as a portal's habit, and what changes between two of them."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, Api, Json, ids, read

FOREVER = None


def pages(api: Api, most: int = 20, **query: object) -> list[list[str]]:
    """The ids of each page of the list, as its links lead, at most so many."""
    read_so_far: list[list[str]] = []
    after: Json = {}
    while len(read_so_far) < most:
        body = api.list(**query, **after)
        read_so_far.append(ids(body))
        if "paging" not in body:
            break
        after = {"after": body["paging"]["next"]["after"]}
    return read_so_far


def everybody(hubspot: RunningSandbox) -> list[str]:
    return [str(contact_id) for contact_id in hubspot.portal.live_ids]


def joined(read_so_far: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(read_so_far))


def test_a_page_is_repeated(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="repeated_page", skip=1)
    read_so_far = pages(api, limit=20)
    assert read_so_far[0] == read_so_far[1]
    assert joined(read_so_far[1:]) == everybody(hubspot)


def test_a_page_can_be_repeated_for_ever(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="repeated_page", times=FOREVER)
    read_so_far = pages(api, most=6, limit=20)
    assert read_so_far == [read_so_far[0]] * 6


def test_a_page_of_a_search_is_repeated(hubspot: RunningSandbox, api: Api) -> None:
    first = api.search(limit=10)
    hubspot.fault("search", kind="repeated_page")
    repeated = api.search(limit=10, after=first["paging"]["next"]["after"])
    assert (ids(repeated), repeated["paging"]) == (ids(first), first["paging"])


@pytest.mark.parametrize("times", [1, 3])
def test_an_empty_page_links_to_what_it_lacks(hubspot: RunningSandbox, api: Api, times: int) -> None:
    hubspot.fault("list", kind="empty_page", skip=1, times=times)
    read_so_far = pages(api, limit=20)
    assert read_so_far[1 : 1 + times] == [[]] * times
    assert joined(read_so_far) == everybody(hubspot)


def test_an_empty_page_of_a_search_links_to_what_it_lacks(hubspot: RunningSandbox, api: Api) -> None:
    expected = ids(api.search(limit=10, after=20))
    hubspot.fault("search", kind="empty_page")
    empty = api.search(limit=10, after=20)
    assert (ids(empty), empty["total"]) == ([], 60)
    assert ids(api.search(limit=10, after=empty["paging"]["next"]["after"])) == expected


@pytest.mark.parametrize("ask", [lambda api: api.list(limit=9), lambda api: api.search(limit=9)])
def test_a_page_is_out_of_order(hubspot: RunningSandbox, api: Api, ask: Callable[[Api], Json]) -> None:
    ordered = ask(api)
    hubspot.fault("contacts", kind="unordered")
    assert ids(ask(api)) == ids(ordered)[::-1]
    assert ask(api) == ordered


def test_an_after_that_was_never_given_out_is_ignored(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="after_ignored", times=FOREVER)
    live_ids = everybody(hubspot)
    assert ids(api.list(limit=5, after=live_ids[30])) == live_ids[:5]
    assert joined(pages(api, limit=20)) == live_ids


def test_an_after_that_was_never_given_out_is_refused(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="after_refused", times=FOREVER)
    live_ids = everybody(hubspot)
    assert read(api.get(CONTACTS, after=live_ids[30]), 400)["category"] == "VALIDATION_ERROR"
    assert joined(pages(api, limit=20)) == live_ids


@pytest.mark.parametrize("habit", ["ignored", "refused"])
def test_not_to_be_sought_can_be_a_portals_habit(hubspot: RunningSandbox, api: Api, habit: str) -> None:
    hubspot.change_options(unknown_after=habit)
    live_ids = everybody(hubspot)
    response = api.get(CONTACTS, limit=5, after=live_ids[30])
    assert (response.status_code == 400) if habit == "refused" else (ids(response.json()) == live_ids[:5])
    assert joined(pages(api, limit=20)) == live_ids
    hubspot.change_options(unknown_after="sought")
    assert ids(api.list(limit=5, after=live_ids[30])) == live_ids[30:35]


def test_an_after_that_was_given_out_holds_when_its_record_is_gone(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(unknown_after="refused")
    first = api.list(limit=20)
    hubspot.archive(ids(first)[-1])
    rest = api.list(limit=100, after=first["paging"]["next"]["after"])
    assert ids(first)[:-1] + ids(rest) == everybody(hubspot)


@pytest.mark.parametrize("order", ["created", "newest_first", "shuffled"])
def test_the_list_may_have_another_order_by_habit(hubspot: RunningSandbox, api: Api, order: str) -> None:
    whole = api.list(limit=100, properties="firstname,phone", associations="companies")
    hubspot.edit(hubspot.portal.live_ids[7], at_ms=hubspot.portal.clock.now_ms())
    hubspot.change_options(list_order=order)
    read_so_far = joined(pages(api, limit=7))
    assert sorted(read_so_far, key=int) == everybody(hubspot)
    if order != "created":
        assert read_so_far != everybody(hubspot)
    listed = api.list(limit=3, properties="firstname,phone", associations="companies")["results"]
    same = {each["id"]: each for each in whole["results"]}
    assert [each["properties"]["phone"] for each in listed] == [
        same[each["id"]]["properties"]["phone"] for each in listed
    ]
    assert ids(api.list(limit=3, after=hubspot.portal.live_ids[30])) == read_so_far[:3]
    assert api.get(CONTACTS, limit=101).status_code == 400


def test_created_order_is_that_of_the_creation_dates(hubspot: RunningSandbox, api: Api) -> None:
    old = hubspot.create(at_ms=1_000_000_000_000, firstname="Methuselah")
    hubspot.change_options(list_order="created")
    assert ids(api.list(limit=1)) == [str(old.id)]
    hubspot.change_options(list_order="newest_first")
    assert pages(api, limit=50)[-1][-1] == str(old.id)


def test_another_order_goes_on_where_it_was_when_records_come_and_go(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(list_order="newest_first")
    first = api.list(limit=20)
    hubspot.archive(ids(first)[-1])
    hubspot.create(firstname="Late")
    rest = api.list(limit=20, after=first["paging"]["next"]["after"])
    assert ids(rest) == everybody(hubspot)[::-1][20:40]


OPERATIONS: list[tuple[str, Callable[[list[int]], Json], Callable[[list[int], list[int]], object]]] = [
    (
        "edited",
        lambda live: {"action": "edit", "ids": live[25:27], "properties": {"firstname": "Zed"}},
        lambda a, b: a == b,
    ),
    ("archived", lambda live: {"action": "archive", "ids": [live[30]]}, lambda a, b: set(a) - set(b) == {a[30]}),
    ("gone", lambda live: {"action": "gdpr_delete", "ids": [live[30]]}, lambda a, b: set(a) - set(b) == {a[30]}),
    (
        "merged",
        lambda live: {"action": "merge", "ids": [live[0], live[30]]},
        lambda a, b: a[30] not in b and a[0] in b and max(b) > max(a),  # the primary had been read before
    ),
    (
        "created",
        lambda _live: {"action": "create", "properties": {"firstname": "Zed"}},
        lambda a, b: len(b) == len(a) + 1,
    ),
]


@pytest.mark.parametrize(("operation", "seen"), [each[1:] for each in OPERATIONS], ids=[each[0] for each in OPERATIONS])
def test_contacts_change_between_two_pages(
    hubspot: RunningSandbox,
    api: Api,
    operation: Callable[[list[int]], Json],
    seen: Callable[[list[int], list[int]], object],
) -> None:
    before = list(hubspot.portal.live_ids)
    hubspot.fault("list", operations=[operation(before)], skip=1)
    read_so_far = [int(each) for each in joined(pages(api, limit=20))]
    assert seen(before, read_so_far)
    assert len(set(read_so_far)) == len(read_so_far)


def test_between_pages_a_contact_comes_back(hubspot: RunningSandbox, api: Api) -> None:
    one = hubspot.portal.live_ids[40]
    hubspot.archive(one)
    hubspot.fault("list", operations=[{"action": "restore", "ids": [one]}], skip=1)
    assert str(one) in joined(pages(api, limit=20))


def test_more_than_10_000_contacts_change_in_one_millisecond_between_two_pages() -> None:
    with hubspot_sandbox.running(contacts=10_100) as hubspot:
        api = Api(hubspot.url, hubspot.grant().token)
        at = "2026-11-02T03:04:05.678Z"
        edit: dict[str, Any] = {"action": "edit", "ids": hubspot.portal.live_ids[:10_050], "at": at}
        hubspot.fault("list", operations=[{**edit, "properties": {"jobtitle": "Captain"}}], skip=1)
        pages(api, most=2)
        same = {"propertyName": "lastmodifieddate", "operator": "EQ", "value": at}
        assert api.search(filterGroups=[{"filters": [same]}], limit=1)["total"] == 10_050
        api.close()


def test_a_property_disappears_from_answers(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("contacts", property="phone", times=FOREVER)
    one = everybody(hubspot)[0]
    wanted = ["phone", "email"]
    records = [
        *api.list(properties=",".join(wanted))["results"],
        *api.search(properties=wanted)["results"],
        *read(api.post(f"{CONTACTS}/batch/read", {"properties": wanted, "inputs": [{"id": one}]}))["results"],
        read(api.get(f"{CONTACTS}/{one}", properties=",".join(wanted))),
    ]
    assert len(records) == 22
    assert all("email" in each["properties"] and "phone" not in each["properties"] for each in records)
    hubspot.clear_faults()
    assert "phone" in api.list(properties="phone")["results"][0]["properties"]


@pytest.mark.parametrize("kind", ["repeated_page", "empty_page", "unordered", "after_ignored"])
def test_a_refusal_stays_what_it_is(hubspot: RunningSandbox, api: Api, kind: str) -> None:
    hubspot.fault("list", kind=kind)
    assert api.get(CONTACTS, limit=101, after=5).status_code == 400
