"""Search as HubSpot answers it: operators, orders, offset paging and its limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from hubspot_sandbox.moments import iso
from tests.sandbox.client import CONTACTS, Api, Json, ids, read

BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
SAME_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def hubspot() -> Iterator[RunningSandbox]:
    """One sandbox for the whole module; tests that change it say `changing`."""
    with hubspot_sandbox.running(contacts=450, seed=5) as running:
        running.create(
            firstname="Ada", lastname="Lovelace", email="ada@analytical.example", company="Analytical Engines"
        )
        running.create(firstname="ada", lastname="Byron", email="byron@poets.example", phone="+44 20 7946 0001")
        running.create(firstname="Zoë", company="analytical Machines", lifecyclestage="customer")
        yield running


@pytest.fixture(scope="module")
def api(hubspot: RunningSandbox) -> Iterator[Api]:
    api = Api(hubspot.url, hubspot.grant().token)
    yield api
    api.close()


@pytest.fixture
def changing() -> Iterator[tuple[RunningSandbox, Api]]:
    with sandbox_with() as both:
        yield both


@contextmanager
def sandbox_with(**options: Any) -> Iterator[tuple[RunningSandbox, Api]]:
    with hubspot_sandbox.running(contacts=30, options=Options(**options)) as running:
        api = Api(running.url, running.grant().token)
        yield running, api
        api.close()


def where(name: str, operator: str, **more: object) -> Json:
    return {"filters": [{"propertyName": name, "operator": operator, **more}]}


def found(api: Api, name: str, operator: str, **more: object) -> set[str]:
    body = api.search(filterGroups=[where(name, operator, **more)], limit=200, sorts=BY_ID)
    assert body["total"] < 200, "the whole result must fit on one page for this helper"
    return set(ids(body))


def firstnames(api: Api, name: str, operator: str, **more: object) -> list[str]:
    body = api.search(filterGroups=[where(name, operator, **more)], properties=["firstname"], limit=200)
    return sorted(each["properties"]["firstname"] or "" for each in body["results"])


def refused(api: Api, **body: object) -> str:
    answer = read(api.post(f"{CONTACTS}/search", body), 400)
    assert answer["category"] == "VALIDATION_ERROR"
    return str(answer["message"])


def test_total_with_no_filter(hubspot: RunningSandbox, api: Api) -> None:
    body = api.search(limit=1)
    assert body["total"] == len(hubspot.portal.live_ids) == 453
    assert len(body["results"]) == 1


def test_default_order_is_oldest_created_first(api: Api) -> None:
    created = [each["createdAt"] for each in api.search(limit=200)["results"]]
    assert created == sorted(created)


def test_a_result_looks_like_a_listed_contact(api: Api) -> None:
    body = api.search(limit=1, sorts=BY_ID, properties=["phone", "nope"])
    assert body["results"] == api.list(limit=1, properties="phone,nope")["results"]


def test_offset_paging_goes_through_everything_once(hubspot: RunningSandbox, api: Api) -> None:
    first = api.search(limit=200, sorts=BY_ID)
    second = api.search(limit=200, sorts=BY_ID, after=first["paging"]["next"]["after"])
    third = api.search(limit=200, sorts=BY_ID, after=int(second["paging"]["next"]["after"]))
    assert "paging" not in third
    assert first["paging"]["next"]["after"] == "200"
    assert ids(first) + ids(second) + ids(third) == [str(each) for each in hubspot.portal.live_ids]


def test_keyset_by_object_id_goes_through_everything_once(hubspot: RunningSandbox, api: Api) -> None:
    seen: list[str] = []
    while True:
        last = seen[-1] if seen else "0"
        body = api.search(filterGroups=[where("hs_object_id", "GT", value=last)], sorts=BY_ID, limit=200)
        assert body["total"] == len(hubspot.portal.live_ids) - len(seen)
        if not body["results"]:
            break
        seen += ids(body)
    assert seen == [str(each) for each in hubspot.portal.live_ids]


def test_keyset_within_a_window_on_lastmodifieddate(hubspot: RunningSandbox, api: Api) -> None:
    moments = sorted(contact.modified_at_ms for contact in hubspot.portal.live())
    since = moments[100]
    expected = [str(contact.id) for contact in hubspot.portal.live() if contact.modified_at_ms >= since]
    seen: list[str] = []
    for value in (str(since), iso(since)):
        seen.clear()
        while page := api.search(filterGroups=[window(value, seen[-1] if seen else "0")], sorts=BY_ID)["results"]:
            seen += [each["id"] for each in page]
        assert seen == expected


def window(since: str, last_id: str) -> Json:
    recent = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": since}
    return {"filters": [recent, {"propertyName": "hs_object_id", "operator": "GT", "value": last_id}]}


def test_many_contacts_on_one_millisecond_are_all_reached(changing: tuple[RunningSandbox, Api]) -> None:
    hubspot, api = changing
    for contact_id in hubspot.portal.live_ids:
        hubspot.edit(contact_id, at_ms=SAME_MS, company="Bulk job")
    seen: list[str] = []
    while page := api.search(filterGroups=[window(iso(SAME_MS), seen[-1] if seen else "0")], sorts=BY_ID)["results"]:
        seen += [each["id"] for each in page]
    assert seen == [str(each) for each in hubspot.portal.live_ids]


def test_largest_id_by_descending_order(hubspot: RunningSandbox, api: Api) -> None:
    body = api.search(limit=2, sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}])
    newest = [str(each) for each in hubspot.portal.live_ids[::-1]]
    assert ids(body) == newest[:2]
    rest = api.search(limit=2, after=452, sorts=["-hs_object_id"])
    assert ids(rest) == newest[452:]
    assert "paging" not in rest


def test_between_counts_an_id_range(hubspot: RunningSandbox, api: Api) -> None:
    low, high = hubspot.portal.live_ids[10], hubspot.portal.live_ids[40]
    assert len(found(api, "hs_object_id", "BETWEEN", value=low, highValue=high)) == 31
    assert found(api, "hs_object_id", "BETWEEN", value=high, highValue=low) == set()


@pytest.mark.parametrize(("operator", "count"), [("LT", 20), ("LTE", 21), ("EQ", 1)])
def test_id_bounds(hubspot: RunningSandbox, api: Api, operator: str, count: int) -> None:
    assert len(found(api, "hs_object_id", operator, value=hubspot.portal.live_ids[20])) == count


@pytest.mark.parametrize(("operator", "count"), [("GT", 99), ("GTE", 100)])
def test_lower_bounds_on_a_date(hubspot: RunningSandbox, api: Api, operator: str, count: int) -> None:
    moments = sorted(contact.modified_at_ms for contact in hubspot.portal.live())
    assert len(found(api, "lastmodifieddate", operator, value=moments[-100])) == count


def test_text_is_compared_without_case(api: Api) -> None:
    assert firstnames(api, "firstname", "EQ", value="ADA") == ["Ada", "ada"]
    assert firstnames(api, "lastname", "IN", values=["lovelace", "byron"]) == ["Ada", "ada"]


def test_enumerations_are_compared_with_case(api: Api) -> None:
    assert found(api, "lifecyclestage", "EQ", value="customer")
    assert found(api, "lifecyclestage", "EQ", value="Customer") == set()


def test_negative_operators_do_not_match_what_has_no_value(hubspot: RunningSandbox, api: Api) -> None:
    stages = [contact.value("lifecyclestage") for contact in hubspot.portal.live()]
    others = sum(stage not in (None, "customer") for stage in stages)
    for filters in (
        where("lifecyclestage", "NEQ", value="customer"),
        where("lifecyclestage", "NOT_IN", values=["customer"]),
        where("lifecyclestage", "NOT_CONTAINS_TOKEN", value="customer"),
    ):
        assert api.search(filterGroups=[filters], limit=1)["total"] == others


def test_presence_operators_part_the_portal(hubspot: RunningSandbox, api: Api) -> None:
    having = api.search(filterGroups=[where("phone", "HAS_PROPERTY")])["total"]
    lacking = api.search(filterGroups=[where("phone", "NOT_HAS_PROPERTY")])["total"]
    assert having == sum("phone" in contact.properties for contact in hubspot.portal.live())
    assert having + lacking == len(hubspot.portal.live_ids)


def test_tokens_and_their_wildcard(api: Api) -> None:
    assert firstnames(api, "company", "CONTAINS_TOKEN", value="ANALYTICAL") == ["Ada", "Zoë"]
    assert firstnames(api, "company", "CONTAINS_TOKEN", value="analytic*") == ["Ada", "Zoë"]
    assert firstnames(api, "company", "CONTAINS_TOKEN", value="analyt") == []
    assert firstnames(api, "email", "CONTAINS_TOKEN", value="*@poets.example") == ["ada"]


def test_filters_of_a_group_are_joined_by_and_groups_by_or(api: Api) -> None:
    ada = {"propertyName": "firstname", "operator": "EQ", "value": "ada"}
    byron = {"propertyName": "lastname", "operator": "EQ", "value": "Byron"}
    zoe = where("firstname", "EQ", value="zoë")
    assert api.search(filterGroups=[{"filters": [ada, byron]}])["total"] == 1
    assert api.search(filterGroups=[{"filters": [ada, byron]}, zoe])["total"] == 2


def test_query_looks_at_names_mail_phone_and_company(api: Api) -> None:
    assert [each["properties"]["lastname"] for each in api.search(query="LOVELACE")["results"]] == ["Lovelace"]
    assert api.search(query="7946 0001")["total"] == 1
    assert api.search(query="ada analytical")["total"] == 1
    assert api.search(query="customer")["total"] == 0


def test_sort_by_a_text_property_puts_what_has_none_last(api: Api) -> None:
    for direction in ("ASCENDING", "DESCENDING"):
        sorts = [{"propertyName": "jobtitle", "direction": direction}]
        pages = [api.search(limit=200, after=at, sorts=sorts, properties=["jobtitle"]) for at in (0, 200, 400)]
        titles = [each["properties"]["jobtitle"] for page in pages for each in page["results"]]
        present = [title.lower() for title in titles if title is not None]
        assert titles[len(present) :] == [None] * (453 - len(present))
        assert present == sorted(present, reverse=direction == "DESCENDING")


def test_search_follows_creations_edits_and_deletions(changing: tuple[RunningSandbox, Api]) -> None:
    hubspot, api = changing
    created = hubspot.create(firstname="Quentin")
    assert found(api, "firstname", "EQ", value="quentin") == {str(created.id)}
    hubspot.edit(created.id, firstname="Rupert")
    assert found(api, "firstname", "EQ", value="quentin") == set()
    hubspot.archive(created.id)
    assert found(api, "firstname", "EQ", value="rupert") == set()
    assert api.search(limit=1)["total"] == 30


def test_page_size_and_depth_are_limited(api: Api) -> None:
    assert "limit" in refused(api, limit=201)
    assert "limit" in refused(api, limit=0)
    assert "after" in refused(api, after=-1)
    assert "10000" in refused(api, after=10_000, limit=10)
    assert api.search(after=9_990, limit=10)["results"] == []


def test_groups_filters_and_body_are_limited(api: Api) -> None:
    one = {"propertyName": "firstname", "operator": "EQ", "value": "x"}
    assert "filterGroups" in refused(api, filterGroups=[{"filters": [one]}] * 6)
    assert "6 filters" in refused(api, filterGroups=[{"filters": [one] * 7}])
    assert "18 filters" in refused(api, filterGroups=[{"filters": [one] * 5}] * 4)
    assert "3000 characters" in refused(api, query="x" * 3_000)


@pytest.mark.parametrize(
    "filters",
    [
        where("phone", "LIKE", value="x"),
        where("phone", "EQ"),
        where("phone", "IN"),
        where("phone", "IN", value="x"),
        where("phone", "HAS_PROPERTY", value="x"),
        where("createdate", "BETWEEN", value="1"),
        where("createdate", "GTE", value="yesterday"),
        where("hs_object_id", "GT", value="seven"),
        where("hs_object_id", "GT", value=""),
        where("hs_object_id", "IN", values=["1", "seven"]),
        where("associations.companies", "GT", value="1"),
        where("associations.companies", "EQ", value="Acme"),
        where("associations.deals", "EQ", value="1"),
        where("associations.contacts", "EQ", value="1"),
    ],
)
def test_malformed_filters_are_refused(api: Api, filters: Json) -> None:
    assert refused(api, filterGroups=[filters])


def test_a_property_nobody_knows_finds_nothing_or_is_refused() -> None:
    for setting, status in (("empty", 200), ("refuse", 400)):
        with sandbox_with(unknown_filter_property=setting) as (_, api):
            body = read(api.post(f"{CONTACTS}/search", {"filterGroups": [where("nope", "NEQ", value="x")]}), status)
            assert body.get("total", 0) == 0
    with sandbox_with(unknown_filter_property="empty") as (_, api):
        both = [where("nope", "NOT_HAS_PROPERTY"), where("hs_object_id", "GT", value=0)]
        assert api.search(filterGroups=both)["total"] == 30


def test_everything_since_1970_is_a_server_error_unless_it_is_switched_off() -> None:
    everything = {"filterGroups": [where("lastmodifieddate", "GTE", value="0")]}
    since_then = {"filterGroups": [where("createdate", "BETWEEN", value="1970-01-01", highValue="2030-01-01")]}
    with sandbox_with() as (_, api):
        for body in (everything, since_then):
            assert read(api.post(f"{CONTACTS}/search", body), 500)["message"] == "internal error"
        assert api.search(filterGroups=[where("lastmodifieddate", "GTE", value="1")])["total"] == 30
        assert api.search(filterGroups=[where("hs_object_id", "GTE", value="0")])["total"] == 30
    with sandbox_with(search_from_epoch_fails=False) as (_, api):
        for body in (everything, since_then):
            assert read(api.post(f"{CONTACTS}/search", body))["total"] == 30


def test_search_shows_a_change_only_when_it_is_indexed() -> None:
    with sandbox_with(index_lag_s=3) as (hubspot, api):
        created = hubspot.create(firstname="Quentin")
        assert found(api, "firstname", "EQ", value="quentin") == set()
        hubspot.advance(3)
        assert found(api, "firstname", "EQ", value="quentin") == {str(created.id)}
        hubspot.archive(created.id)
        assert found(api, "firstname", "EQ", value="quentin") == {str(created.id)}
        hubspot.advance(3)
        assert found(api, "firstname", "EQ", value="quentin") == set()


def test_companies_are_searched_by_their_own_properties(changing: tuple[RunningSandbox, Api]) -> None:
    hubspot, api = changing
    company = hubspot.create_company(name="Quirk & Sons", domain="quirk.example")
    contact = hubspot.create(firstname="Ada", associatedcompanyid=str(company.id))

    def companies(**body: object) -> Json:
        return read(api.post("/crm/objects/2026-09/companies/search", body))

    named = companies(filterGroups=[where("name", "EQ", value="QUIRK & sons")], properties=["domain"])
    assert named["total"] == 1
    assert named["results"][0]["properties"]["domain"] == "quirk.example"
    changed = companies(filterGroups=[where("hs_lastmodifieddate", "GTE", value=company.modified_at_ms)])
    assert ids(changed) == ids(companies(query="quirk")) == [str(company.id)]
    assert found(api, "associations.companies", "EQ", value=company.id) == {str(contact.id)}


def test_in_takes_text_in_lower_case_only(api: Api) -> None:
    assert firstnames(api, "lastname", "IN", values=["Lovelace"]) == []
    assert firstnames(api, "lastname", "IN", values=["Lovelace", "byron"]) == ["ada"]
    assert found(api, "lifecyclestage", "IN", values=["customer"])
    everybody = api.search(filterGroups=[where("lastname", "HAS_PROPERTY")])["total"]
    assert api.search(filterGroups=[where("lastname", "NOT_IN", values=["Byron"])])["total"] == everybody
    assert api.search(filterGroups=[where("lastname", "NOT_IN", values=["byron"])])["total"] == everybody - 1


def test_a_number_property_that_holds_no_number_matches_nothing(changing: tuple[RunningSandbox, Api]) -> None:
    hubspot, api = changing
    odd = hubspot.create(associatedcompanyid="none yet")
    assert str(odd.id) not in found(api, "associatedcompanyid", "GT", value="0")
    assert str(odd.id) in found(api, "associatedcompanyid", "HAS_PROPERTY")


def test_only_one_sort_by_a_known_property(api: Api) -> None:
    assert "sort" in refused(api, sorts=BY_ID * 2)
    assert "nope" in refused(api, sorts=[{"propertyName": "nope", "direction": "ASCENDING"}])
    assert "direction" in refused(api, sorts=[{"propertyName": "email", "direction": "UP"}])


def test_search_carries_no_rate_limit_headers(api: Api) -> None:
    headers = api.post(f"{CONTACTS}/search", {}).headers
    assert not [name for name in headers if name.lower().startswith("x-hubspot-ratelimit")]


def test_a_property_that_disappears_breaks_no_search_that_named_it(changing: tuple[RunningSandbox, Api]) -> None:
    hubspot, api = changing
    clerk = hubspot.create(jobtitle="Clerk")
    assert found(api, "jobtitle", "EQ", value="clerk") == {str(clerk.id)}
    hubspot.archive_property("contacts", "jobtitle")
    hubspot.edit(clerk.id, firstname="Ada")
    assert found(api, "jobtitle", "EQ", value="clerk") == set()
