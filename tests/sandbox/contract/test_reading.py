"""Sections 3 to 3.3: what a contact looks like, the list, one contact, the batch read."""

import re
from datetime import datetime

import pytest

from tests.sandbox.client import CONTACTS, Json, ids, read
from tests.sandbox.contract.account import Account, settle, unique_email

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ALWAYS = {"createdate", "hs_object_id", "lastmodifieddate"}


@pytest.fixture(scope="module")
def three(account: Account) -> list[str]:
    """Three contacts of ours, in the order of their ids."""
    return sorted((account.new(lastname=f"Three {number}") for number in range(3)), key=int)


def following(account: Account, after: str, **query: object) -> Json:
    return account.api.list(after=after, **query)


def test_3_ids_are_strings_of_digits(account: Account, three: list[str]) -> None:
    record = account.get(three[0])
    assert isinstance(record["id"], str)
    assert record["id"].isdigit()
    assert record["properties"]["hs_object_id"] == record["id"]


def test_3_timestamps_are_utc_with_milliseconds_and_z(account: Account, three: list[str]) -> None:
    record = account.get(three[0])
    for text in (record["createdAt"], record["updatedAt"], record["properties"]["createdate"]):
        assert MOMENT.fullmatch(text)


def test_3_values_are_strings_or_null(account: Account) -> None:
    contact_id = account.new(phone="+1 212 555 0101")
    asked = "phone,mobilephone,hs_email_optout,lastmodifieddate"
    properties = account.get(contact_id, properties=asked)["properties"]
    assert properties["mobilephone"] is None
    assert {type(value) for value in properties.values()} <= {str, type(None)}


def test_3_an_object_has_the_documented_fields(account: Account, three: list[str]) -> None:
    record = account.get(three[0])
    assert {"id", "properties", "createdAt", "updatedAt", "archived"} <= set(record)
    assert record["archived"] is False
    known = {"id", "properties", "createdAt", "updatedAt", "archived", "objectWriteTraceId", "url"}
    assert set(record) <= known


def test_3_six_properties_come_when_none_is_asked_for(account: Account, three: list[str]) -> None:
    record = account.get(three[0])
    assert set(record["properties"]) == ALWAYS | {"email", "firstname", "lastname"}


def test_3_three_properties_come_even_if_not_asked_for(account: Account, three: list[str]) -> None:
    assert set(account.get(three[0], properties="phone")["properties"]) == ALWAYS | {"phone"}


def test_3_properties_are_in_alphabetical_order(account: Account, three: list[str]) -> None:
    names = list(account.get(three[0], properties="phone,company,zip,address")["properties"])
    assert names == sorted(names)


def test_3_history_tells_value_moment_and_source_newest_first(account: Account) -> None:
    contact_id = account.new(phone="+1 212 555 0102")
    account.change(contact_id, phone="+1 212 555 0103")
    history = account.get(contact_id, propertiesWithHistory="phone")["propertiesWithHistory"]["phone"]
    assert [entry["value"] for entry in history] == ["+1 212 555 0103", "+1 212 555 0102"]
    for entry in history:
        assert MOMENT.fullmatch(entry["timestamp"])
        assert entry["sourceType"]


def test_3_1_a_page_holds_ten_by_default_and_a_hundred_at_most(account: Account) -> None:
    account.new_batch(*[{"lastname": "Page"}] * 100)
    assert len(account.api.list()["results"]) == 10
    assert len(account.api.list(limit=100)["results"]) == 100


def test_3_1_a_page_with_history_holds_fifty_at_most(account: Account) -> None:
    for body in account.api.list(limit=50, propertiesWithHistory="phone")["results"]:
        assert "propertiesWithHistory" in body
    response = account.api.get(CONTACTS, limit=51, propertiesWithHistory="phone")
    assert response.status_code == 400 or len(response.json()["results"]) == 50


def test_3_1_a_limit_above_a_hundred(account: Account) -> None:
    def observe(one: Account) -> int:
        response = one.api.get(CONTACTS, limit=101)
        return response.status_code

    settle(account, "oversized_pages_are_refused", {True: 400, False: 200}, observe)


@pytest.mark.parametrize("asked", ["phone,mobilephone", ["phone", "mobilephone"]])
def test_3_1_properties_are_separated_by_commas_or_repeated(account: Account, asked: object) -> None:
    record = account.api.list(limit=1, properties=asked)["results"][0]
    assert {"phone", "mobilephone"} <= set(record["properties"])


def test_3_1_the_last_page_has_no_paging_and_no_page_a_total(account: Account, three: list[str]) -> None:
    last = following(account, three[-1], limit=1)
    while "paging" in last:
        last = following(account, last["paging"]["next"]["after"], limit=100)
    assert set(last) == {"results"}
    assert set(account.api.list(limit=1)) == {"results", "paging"}


def test_3_1_the_next_page_is_a_cursor_and_a_link_that_carries_it(account: Account, three: list[str]) -> None:
    next_page = following(account, three[0], limit=1, properties="phone")["paging"]["next"]
    assert set(next_page) == {"after", "link"}
    assert f"after={next_page['after']}" in next_page["link"]
    assert "properties=phone" in next_page["link"]


def test_3_1_an_unknown_property_is_left_out_silently(account: Account) -> None:
    record = account.api.list(limit=1, properties="no_such_property_here")["results"][0]
    assert set(record["properties"]) == ALWAYS


def test_3_1_a_known_property_that_is_unset_is_null(account: Account, three: list[str]) -> None:
    record = following(account, three[0], limit=1, properties="fax")["results"][0]
    assert record["properties"]["fax"] is None


def test_3_1_associations_come_along_labelled_and_unlabelled(account: Account) -> None:
    contact_id, company_id = account.new(lastname="Associated"), account.new_company()
    account.associate(contact_id, company_id)
    for record in (
        following(account, contact_id, limit=1, associations="companies")["results"][0],
        account.get(contact_id, associations="companies"),
    ):
        entries = record["associations"]["companies"]["results"]
        assert {entry["id"] for entry in entries} == {company_id}
        assert {entry["type"] for entry in entries} == {"contact_to_company", "contact_to_company_unlabeled"}


def test_3_1_a_contact_without_a_company_has_no_associations(account: Account, three: list[str]) -> None:
    assert "associations" not in following(account, three[0], limit=1, associations="companies")["results"][0]


def test_3_1_a_long_url_is_refused(account: Account) -> None:
    names = [f"a_property_that_nobody_ever_made_{number}" for number in range(500)]
    assert account.api.get(CONTACTS, properties=",".join(names)).status_code == 414


def test_3_1_the_list_is_in_the_order_of_ids(account: Account, three: list[str]) -> None:
    pages = [account.api.list(limit=20), following(account, three[0], limit=20)]
    for page in pages:
        assert ids(page) == sorted(ids(page), key=int)


def test_3_1_new_contacts_show_up_at_the_end_of_a_walk(account: Account, three: list[str]) -> None:
    created = account.new(lastname="Late")
    assert int(created) > int(three[-1])
    assert ids(following(account, created, limit=1)) == [created]


def test_3_1_the_cursor_is_the_last_id_and_one(account: Account, three: list[str]) -> None:
    page = following(account, three[0], limit=2)
    assert page["paging"]["next"]["after"] == str(int(ids(page)[-1]) + 1)


def test_3_1_after_is_an_inclusive_lower_bound_on_the_id(account: Account, three: list[str]) -> None:
    assert ids(following(account, three[1], limit=1)) == [three[1]]


def test_3_1_after_need_not_be_an_id_that_exists(account: Account, three: list[str]) -> None:
    below = str(int(three[1]) - 1)
    expected = below if account.api.get(f"{CONTACTS}/{below}").status_code == 200 else three[1]
    assert ids(following(account, below, limit=1)) == [expected]


def test_3_1_the_archived_listing_holds_only_the_archived(account: Account, three: list[str]) -> None:
    gone = account.new(lastname="Archived")
    account.archive(gone)
    listed = following(account, gone, limit=100, archived="true")["results"]
    assert listed[0]["id"] == gone
    assert all(record["archived"] and MOMENT.fullmatch(record["archivedAt"]) for record in listed)
    assert gone not in ids(following(account, gone, limit=100))
    assert not set(three) & {record["id"] for record in listed}


def test_3_1_the_list_does_not_wait_for_the_search_index(steered: Account) -> None:
    steered.sandbox.change_options(index_lag_s=3600)
    created = steered.new(lastname="Unindexed")
    assert ids(following(steered, created, limit=1)) == [created]


def test_3_2_a_unique_property_may_stand_for_the_id(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    assert account.get(email, idProperty="email")["id"] == contact_id


def test_3_2_an_archived_contact_is_seen_only_when_asked_for(account: Account) -> None:
    contact_id = account.new(lastname="Archived")
    account.archive(contact_id)
    assert account.api.get(f"{CONTACTS}/{contact_id}").status_code == 404
    record = account.get(contact_id, archived="true")
    assert record["archived"] is True
    assert datetime.fromisoformat(record["archivedAt"]) >= datetime.fromisoformat(record["createdAt"])


def test_3_2_a_merged_id_leads_to_the_survivor(account: Account) -> None:
    primary, other = account.new(lastname="Primary"), account.new(lastname="Other")
    survivor = account.merge(primary, other)["id"]
    assert account.get(primary)["id"] == survivor
    assert account.get(other)["id"] == survivor


def test_3_3_a_batch_read_answers_with_status_and_moments(account: Account, three: list[str]) -> None:
    body = read(account.batch_read(*three, properties=["lastname"]))
    assert body["status"] == "COMPLETE"
    assert MOMENT.fullmatch(body["startedAt"])
    assert MOMENT.fullmatch(body["completedAt"])
    assert sorted(ids(body), key=int) == three
    assert {record["properties"]["lastname"] for record in body["results"]} == {"Three 0", "Three 1", "Three 2"}


def test_3_3_a_batch_read_has_no_associations(account: Account) -> None:
    contact_id = account.new(lastname="Associated")
    account.associate(contact_id, account.new_company())
    response = account.api.send(
        "POST",
        f"{CONTACTS}/batch/read",
        params={"associations": "companies"},
        json={"properties": [], "propertiesWithHistory": [], "inputs": [{"id": contact_id}]},
    )
    assert "associations" not in read(response)["results"][0]


def test_3_3_a_batch_read_takes_a_unique_property(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    assert ids(read(account.batch_read(email, idProperty="email"))) == [contact_id]


def test_3_3_the_archived_are_batch_read_when_asked_for(account: Account) -> None:
    contact_id = account.new(lastname="Archived")
    account.archive(contact_id)
    body = {"properties": [], "propertiesWithHistory": [], "inputs": [{"id": contact_id}]}
    assert ids(read(account.api.post(f"{CONTACTS}/batch/read?archived=true", body))) == [contact_id]
    assert ids(read(account.batch_read(contact_id), 207)) == []


def test_3_3_missing_ids_make_a_207_with_one_group_of_errors(account: Account, three: list[str]) -> None:
    body = read(account.batch_read(three[0], "7", "8"), 207)
    assert ids(body) == [three[0]]
    assert body["status"] == "COMPLETE"
    assert body["numErrors"] == 1
    assert [(error["status"], error["category"]) for error in body["errors"]] == [("error", "OBJECT_NOT_FOUND")]
    assert body["errors"][0]["message"] == (
        "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
    )
    assert sorted(body["errors"][0]["context"]["ids"]) == ["7", "8"]


def test_3_3_merged_ids_are_not_read_in_a_batch(account: Account) -> None:
    primary, other = account.new(lastname="Primary"), account.new(lastname="Other")
    survivor = account.merge(primary, other)["id"]
    response = account.batch_read(primary, other, survivor)
    assert response.status_code in (200, 207)
    assert ids(response.json()) == [survivor]


def test_3_3_more_than_a_hundred_inputs_are_refused(account: Account) -> None:
    body = read(account.batch_read(*map(str, range(1, 102))), 400)
    assert body["category"] == "VALIDATION_ERROR"
    assert body["message"].startswith("The maximum number of inputs supported in a batch is 100")


def test_3_3_more_than_fifty_inputs_with_history_are_refused(account: Account) -> None:
    fifty = [str(number) for number in range(1, 51)]
    assert account.batch_read(*fifty, propertiesWithHistory=["phone"]).status_code in (200, 207)
    assert account.batch_read(*fifty, "51", propertiesWithHistory=["phone"]).status_code == 400
