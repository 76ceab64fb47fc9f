"""Section 3.5: what a search takes, what it finds, in which order, and how far it pages."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from tests.sandbox.client import CONTACTS, Json, ids, read
from tests.sandbox.contract.account import MARKER, Account, by_email, settle, unique_email, where, with_options

SEARCH = f"{CONTACTS}/search"
OURS = where("company", "EQ", MARKER)
BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
PEOPLE = (
    {"firstname": "Ada", "lastname": "Search", "phone": "+1 212 555 0110"},
    {"firstname": "Bea", "lastname": "Search", "jobtitle": "Chief Buyer"},
    {"firstname": "Cyd", "lastname": "Search", "jobtitle": "Buyer"},
)
FAMILY = where("lastname", "EQ", "Search")


indexed = pytest.mark.usefixtures("people")


@pytest.fixture(scope="module")
def people(account: Account) -> list[str]:
    """Ada, Bea and Cyd, indexed, in the order of their ids."""
    made = [account.new(**person) for person in PEOPLE]
    account.eventually(lambda: account.search(OURS, FAMILY), lambda body: body["total"] == len(PEOPLE))
    return made


def named(people: Sequence[str], body: Json) -> str:
    """The initials of those found, sorted."""
    return "".join(sorted("ABC"[people.index(each)] for each in ids(body)))


def refused(account: Account, **body: object) -> None:
    assert account.api.post(SEARCH, body).status_code == 400


@indexed
def test_3_5_an_answer_has_a_total_results_and_paging(account: Account) -> None:
    body = account.search(OURS, FAMILY, limit=2)
    assert set(body) == {"total", "results", "paging"}
    assert body["total"] == 3
    assert len(body["results"]) == 2


def test_3_5_after_is_an_integer_offset_sent_as_number_or_string(account: Account, people: list[str]) -> None:
    first = account.search(OURS, FAMILY, limit=2, sorts=BY_ID)
    assert int(first["paging"]["next"]["after"]) == 2
    for after in (2, "2"):
        last = account.search(OURS, FAMILY, limit=2, sorts=BY_ID, after=after)
        assert ids(first) + ids(last) == people
        assert "paging" not in last


def test_3_5_a_page_holds_ten_by_default(account: Account) -> None:
    made = account.new_batch(*[{"lastname": "Eleven"}] * 11)
    eleven = where("lastname", "EQ", "Eleven")
    body = account.eventually(lambda: account.search(OURS, eleven), lambda body: body["total"] == len(made))
    assert len(body["results"]) == 10


def test_3_5_a_page_holds_two_hundred_at_most(account: Account) -> None:
    read(account.api.post(SEARCH, {"limit": 200}))


def test_3_5_a_limit_above_two_hundred(account: Account) -> None:
    def observe(one: Account) -> int:
        return one.api.post(SEARCH, {"limit": 201}).status_code

    settle(account, "oversized_pages_are_refused", {True: 400, False: 200}, observe)


def test_3_5_a_page_that_reaches_beyond_ten_thousand_is_refused(account: Account) -> None:
    refused(account, limit=10, after=10_000)
    refused(account, limit=11, after=9_990)
    assert account.api.post(SEARCH, {"limit": 10, "after": 9_990}).status_code == 200


def test_3_5_at_most_five_groups_of_six_filters_and_eighteen_in_all(account: Account) -> None:
    def groups(*sizes: int) -> dict[str, object]:
        return {"filterGroups": [{"filters": [where("phone", "HAS_PROPERTY")] * size} for size in sizes]}

    read(account.api.post(SEARCH, groups(4, 4, 4, 3, 3)))
    read(account.api.post(SEARCH, groups(6, 6, 6)))
    refused(account, **groups(7))
    refused(account, **groups(1, 1, 1, 1, 1, 1, 1))
    refused(account, **groups(6, 6, 6, 1))


def test_3_5_a_body_has_three_thousand_characters_at_most(account: Account) -> None:
    refused(account, query="x" * 3_000)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("firstname", "EQ", "Ada"), "A"),
        (where("firstname", "NEQ", "Ada"), "BC"),
        (where("hs_object_id", "LT", "id of B"), "A"),
        (where("hs_object_id", "LTE", "id of B"), "AB"),
        (where("hs_object_id", "GT", "id of A"), "BC"),
        (where("hs_object_id", "GTE", "id of B"), "BC"),
        (where("hs_object_id", "BETWEEN", "id of A", highValue="id of B"), "AB"),
        (where("firstname", "IN", values=["ada", "cyd"]), "AC"),
        (where("firstname", "NOT_IN", values=["ada"]), "BC"),
        (where("phone", "HAS_PROPERTY"), "A"),
        (where("phone", "NOT_HAS_PROPERTY"), "BC"),
        (where("jobtitle", "CONTAINS_TOKEN", "buyer"), "BC"),
        (where("jobtitle", "CONTAINS_TOKEN", "chi*"), "B"),
        (where("jobtitle", "NOT_CONTAINS_TOKEN", "chief"), "C"),
    ],
    ids=lambda given: given["operator"].lower() if isinstance(given, dict) else given,
)
def test_3_5_operators(account: Account, people: list[str], condition: Json, expected: str) -> None:
    ids_of = {f"id of {initial}": each for initial, each in zip("ABC", people, strict=True)}
    filled = {key: ids_of.get(given, given) if isinstance(given, str) else given for key, given in condition.items()}
    found = named(people, account.search(OURS, FAMILY, filled))
    if condition["operator"] == "NOT_CONTAINS_TOKEN":  # whether a contact without the property counts is not told
        found = found.replace("A", "")
    assert found == expected


def test_3_5_an_unknown_operator_is_refused(account: Account) -> None:
    refused(account, filterGroups=[{"filters": [where("phone", "RESEMBLES", "x")]}])


def test_3_5_a_test_of_presence_carries_no_value(account: Account) -> None:
    refused(account, filterGroups=[{"filters": [where("phone", "HAS_PROPERTY", "x")]}])


def test_3_5_filters_are_joined_by_and_groups_by_or(account: Account, people: list[str]) -> None:
    def group(*filters: Json) -> Json:
        return {"filters": [OURS, FAMILY, *filters]}

    ada, buyer = where("firstname", "EQ", "Ada"), where("jobtitle", "CONTAINS_TOKEN", "buyer")
    both = account.api.search(filterGroups=[group(ada, buyer)])
    either = account.api.search(filterGroups=[group(ada), group(buyer)])
    assert named(people, both) == ""
    assert named(people, either) == "ABC"


def test_3_5_text_is_compared_without_regard_to_case(account: Account, people: list[str]) -> None:
    assert named(people, account.search(OURS, FAMILY, where("firstname", "EQ", "aDA"))) == "A"


def test_3_5_enumerations_are_compared_with_regard_to_case(account: Account) -> None:
    contact_id = account.new(lastname="Stage", lifecyclestage="lead")
    stage = where("lastname", "EQ", "Stage")
    lead = where("lifecyclestage", "EQ", "lead")
    account.eventually(lambda: account.search(OURS, stage, lead), lambda body: ids(body) == [contact_id])
    assert ids(account.search(OURS, stage, where("lifecyclestage", "EQ", "LEAD"))) == []


@pytest.mark.parametrize("form", ["milliseconds", "iso"])
def test_3_5_dates_are_compared_as_epoch_milliseconds_or_iso(account: Account, people: list[str], form: str) -> None:
    moment = account.get(people[1])["createdAt"]
    milliseconds = str(milliseconds_of(moment))
    bound = where("createdate", "GTE", milliseconds if form == "milliseconds" else moment)
    assert named(people, account.search(OURS, FAMILY, bound)) in ("BC", "ABC")  # ABC: in one millisecond
    late = where("createdate", "GT", str(milliseconds_of(moment) + 3_600_000))
    assert ids(account.search(OURS, FAMILY, late)) == []


@indexed
def test_3_5_the_oldest_come_first_by_default(account: Account) -> None:
    records = account.search(OURS, FAMILY)["results"]
    assert [record["createdAt"] for record in records] == sorted(record["createdAt"] for record in records)


@pytest.mark.parametrize(("direction", "step"), [("ASCENDING", 1), ("DESCENDING", -1)])
def test_3_5_results_are_sorted_by_a_property(account: Account, people: list[str], direction: str, step: int) -> None:
    body = account.search(OURS, FAMILY, sorts=[{"propertyName": "firstname", "direction": direction}])
    assert ids(body) == people[::step]


def test_3_5_only_one_sort_is_taken(account: Account) -> None:
    two = [{"propertyName": name, "direction": "ASCENDING"} for name in ("firstname", "lastname")]
    refused(account, sorts=two)


@pytest.mark.parametrize("name", ["firstname", "lastname", "email", "phone", "mobilephone", "fax", "company"])
def test_3_5_a_query_looks_at_the_documented_properties(account: Account, name: str) -> None:
    word = f"zq{name}{unique_email()[9:21]}"
    value = f"{word}@example.com" if name == "email" else word
    contact_id = account.new(**{name: value})
    account.eventually(lambda: account.api.search(query=word), lambda body: ids(body) == [contact_id])


def test_3_5_a_query_does_not_look_at_other_properties(account: Account) -> None:
    word = f"zq{unique_email()[9:21]}"
    contact_id = account.new(firstname="Ada", jobtitle=word)
    found = where("jobtitle", "EQ", word)
    account.eventually(lambda: account.search(found), lambda body: ids(body) == [contact_id])
    assert account.api.search(query=word)["total"] == 0


@pytest.mark.parametrize("operator", ["EQ", "IN"])
def test_3_5_associations_are_a_pseudo_property(account: Account, operator: str) -> None:
    contact_id, company_id = account.new(lastname="Employee"), account.new_company()
    account.associate(contact_id, company_id)
    wanted = where("associations.company", operator, company_id)
    if operator == "IN":
        wanted = where("associations.company", operator, values=[company_id])
    account.eventually(lambda: account.search(wanted), lambda body: ids(body) == [contact_id])


def test_3_5_the_archived_never_appear(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    account.eventually(lambda: account.search(by_email(email)), lambda body: ids(body) == [contact_id])
    account.archive(contact_id)
    account.eventually(lambda: account.search(by_email(email)), lambda body: body["total"] == 0)


@with_options(index_lag_s=30)
def test_3_5_search_shows_changes_only_after_indexing(steered: Account) -> None:
    kept, gone = steered.new(lastname="Before"), steered.new(lastname="Gone")
    steered.sandbox.advance(31)
    steered.change(kept, lastname="After")
    steered.archive(gone)
    new = steered.new(lastname="New")
    everybody = [where("company", "EQ", MARKER)]
    seen = {record["id"]: record["properties"]["lastname"] for record in steered.search(*everybody)["results"]}
    assert seen == {kept: "Before", gone: "Gone"}
    steered.sandbox.advance(31)
    seen = {record["id"]: record["properties"]["lastname"] for record in steered.search(*everybody)["results"]}
    assert seen == {kept: "After", new: "New"}


def test_3_5_an_unknown_property_in_a_filter(account: Account) -> None:
    def observe(one: Account) -> int:
        unknown = {"filters": [where("no_such_property_here", "EQ", "x")]}
        return one.api.post(SEARCH, {"filterGroups": [unknown]}).status_code

    settle(account, "unknown_filter_property", {"refuse": 400, "empty": 200}, observe)


@indexed
def test_3_5_an_unknown_property_asked_for_is_ignored(account: Account) -> None:
    record = account.search(OURS, FAMILY, properties=["no_such_property_here"])["results"][0]
    assert set(record["properties"]) == {"createdate", "hs_object_id", "lastmodifieddate"}


def test_3_5_a_lower_bound_at_epoch_zero_is_a_server_error(steered: Account) -> None:
    bound = where("lastmodifieddate", "GTE", "0")
    assert steered.api.post(SEARCH, {"filterGroups": [{"filters": [bound]}]}).status_code == 500


def test_3_5_contacts_have_no_hs_lastmodifieddate_and_a_filter_on_it_finds_nothing(
    account: Account, people: list[str]
) -> None:
    assert account.search(OURS, where("hs_lastmodifieddate", "GT", "1000"))["total"] == 0
    assert account.get(people[0], properties="hs_lastmodifieddate")["properties"]["hs_lastmodifieddate"] is None


def test_3_5_lastmodifieddate_moves_when_an_association_is_made(account: Account) -> None:
    contact_id, company_id = account.new(lastname="Bumped"), account.new_company()
    before = account.get(contact_id)["updatedAt"]
    account.associate(contact_id, company_id)
    assert account.get(contact_id)["updatedAt"] >= before
    assert account.get(contact_id, properties="associatedcompanyid")["properties"]["associatedcompanyid"] == company_id


def test_3_5_a_bulk_edit_gives_many_contacts_the_same_millisecond(steered: Account) -> None:
    many = steered.new_batch(*[{"lastname": "Bulk"}] * 30)
    steered.sandbox.edit_many(map(int, many), at_ms=1_790_000_000_123, jobtitle="Buyer")
    same = where("lastmodifieddate", "EQ", "1790000000123")
    assert steered.search(same)["total"] == 30


def test_3_5_a_keyset_by_id_walks_everything_past_equal_timestamps(account: Account) -> None:
    many = account.new_batch(*[{"lastname": "Keyset"}] * 12)
    keyset = where("lastname", "EQ", "Keyset")
    account.eventually(lambda: account.search(OURS, keyset), lambda body: body["total"] == len(many))
    walked: list[str] = []
    while page := ids(
        account.search(OURS, keyset, where("hs_object_id", "GT", walked[-1] if walked else "0"), sorts=BY_ID, limit=5)
    ):
        walked += page
    assert walked == many


def test_5_the_largest_id_is_one_search_away(account: Account) -> None:
    newest = account.new(lastname="Newest")
    sorts = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    body = account.eventually(
        lambda: account.api.search(sorts=sorts, limit=1), lambda body: int(ids(body)[0]) >= int(newest)
    )
    assert len(body["results"]) == 1


def test_5_ids_between_two_bounds_are_counted_by_a_search_for_one(account: Account) -> None:
    many = account.new_batch(*[{"lastname": "Counted"}] * 9)
    between = where("hs_object_id", "BETWEEN", many[2], highValue=many[6])
    counted = account.eventually(lambda: account.search(OURS, between, limit=1), lambda body: body["total"] == 5)
    assert len(counted["results"]) == 1


def milliseconds_of(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
