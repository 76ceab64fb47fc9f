"""Sections 3.6 to 3.8 and 5: what HubSpot works out of phone numbers, what a merge and a deletion leave behind, and a
full read in ranges.
"""

from itertools import pairwise

import pytest

from tests.sandbox.client import CONTACTS, Json, ids, read
from tests.sandbox.contract.account import COMPANIES, Account, by_email, settle, unique_email

CALCULATED = (
    "hs_calculated_phone_number,hs_calculated_phone_number_country_code,hs_searchable_calculated_phone_number,"
    "hs_searchable_calculated_international_phone_number,hs_calculated_mobile_number,"
    "hs_searchable_calculated_mobile_number,hs_searchable_calculated_international_mobile_number"
)


def walk(account: Account, after: str, **query: object) -> list[str]:
    """Every id from `after` on, page by page."""
    found: list[str] = []
    cursor: str | None = after
    while cursor is not None:
        page = account.api.list(after=cursor, limit=100, **query)
        found += ids(page)
        cursor = page["paging"]["next"]["after"] if "paging" in page else None
    return found


def merged(account: Account, primary: dict[str, str], other: dict[str, str]) -> tuple[str, str, Json]:
    primary_id, other_id = account.new_batch(primary, other)
    body = account.merge(primary_id, other_id)
    return primary_id, other_id, account.get(body["id"], properties="firstname,phone,jobtitle,email")


@pytest.mark.parametrize("name", ["phone", "mobilephone", "hs_whatsapp_phone_number", "fax"])
def test_3_6_phone_numbers_are_kept_as_typed(account: Account, name: str) -> None:
    typed = "(212) 555-0120 x4"
    contact_id = account.new(**{name: typed})
    assert account.get(contact_id, properties=name)["properties"][name] == typed


def test_3_6_hubspot_works_out_what_it_could_parse(account: Account) -> None:
    contact_id = account.new(phone="+1 212 555 0121", mobilephone="+44 20 7946 0121")
    properties = account.get(contact_id, properties=CALCULATED)["properties"]
    assert properties["hs_calculated_phone_number"] == "+12125550121"
    assert properties["hs_calculated_phone_number_country_code"] == "US"
    assert properties["hs_searchable_calculated_phone_number"] == "2125550121"
    assert properties["hs_searchable_calculated_international_phone_number"] == "12125550121"
    assert properties["hs_calculated_mobile_number"] == "+442079460121"
    assert properties["hs_searchable_calculated_mobile_number"] == "2079460121"
    assert properties["hs_searchable_calculated_international_mobile_number"] == "442079460121"


def test_3_6_what_it_could_not_parse_is_absent(account: Account) -> None:
    contact_id = account.new(phone="ask at reception")
    assert account.get(contact_id, properties=CALCULATED)["properties"]["hs_calculated_phone_number"] is None


def test_3_6_calculated_numbers_are_read_only(account: Account) -> None:
    body = {"properties": {"hs_calculated_phone_number": "+12125550122"}}
    assert read(account.api.post(CONTACTS, body), 400)["errors"][0]["code"] == "READ_ONLY_VALUE"


def test_3_7_the_merged_are_no_longer_listed_and_the_survivor_is(account: Account) -> None:
    primary, other, survivor = merged(account, {"lastname": "Primary"}, {"lastname": "Other"})
    listed = walk(account, primary)
    assert survivor["id"] in listed
    assert not {primary, other} & set(listed)
    assert not {primary, other} & set(walk(account, primary, archived="true"))


def test_3_7_the_primarys_values_win_and_the_others_fill_gaps(account: Account) -> None:
    email = unique_email()
    primary = {"firstname": "Ada", "phone": "+1 212 555 0123", "email": email}
    other = {"firstname": "Augusta", "jobtitle": "Countess"}
    _, _, survivor = merged(account, primary, other)
    values = {name: survivor["properties"][name] for name in ("firstname", "phone", "jobtitle", "email")}
    assert values == {"firstname": "Ada", "phone": "+1 212 555 0123", "jobtitle": "Countess", "email": email}


def test_3_7_the_others_address_becomes_an_additional_one(account: Account) -> None:
    first, second = unique_email(), unique_email()
    _, _, survivor = merged(account, {"email": first}, {"email": second})
    properties = account.get(survivor["id"], properties="email,hs_additional_emails")["properties"]
    assert properties["email"] == first
    assert second in properties["hs_additional_emails"].split(";")


def test_3_7_the_survivor_names_the_merged(account: Account) -> None:
    primary, other, survivor = merged(account, {"lastname": "Primary"}, {"lastname": "Other"})
    asked = "hs_merged_object_ids,hs_calculated_merged_vids"
    properties = account.get(survivor["id"], properties=asked)["properties"]
    vids = [entry.partition(":") for entry in properties["hs_calculated_merged_vids"].split(";")]
    assert {vid for vid, _, _ in vids} >= {primary, other}
    assert all(moment.isdigit() for _, _, moment in vids)


def test_3_7_hs_merged_object_ids_may_be_null_on_contacts(account: Account) -> None:
    def observe(one: Account) -> bool:
        primary, other, survivor = merged(one, {"lastname": "Primary"}, {"lastname": "Other"})
        value = one.get(survivor["id"], properties="hs_merged_object_ids")["properties"]["hs_merged_object_ids"]
        assert value is None or {primary, other} <= set(value.split(";"))
        return value is None

    settle(account, "merged_object_ids_are_null_on_contacts", {True: True, False: False}, observe)


def test_3_7_the_survivor_shows_up_in_search_and_the_merged_do_not(account: Account) -> None:
    email = unique_email()
    _, _, survivor = merged(account, {"email": email}, {"lastname": "Other"})
    account.eventually(lambda: account.search(by_email(email)), lambda body: ids(body) == [survivor["id"]])


def test_3_7_the_survivor_is_freshly_modified(account: Account) -> None:
    primary, other = account.new_batch({"lastname": "Primary"}, {"lastname": "Other"})
    before = [account.get(each)["updatedAt"] for each in (primary, other)]
    assert account.get(account.merge(primary, other)["id"])["updatedAt"] >= max(before)


def test_3_7_a_merged_id_may_be_updated_and_that_reaches_the_survivor(account: Account) -> None:
    primary, _, survivor = merged(account, {"lastname": "Primary"}, {"lastname": "Other"})
    assert account.change(primary, jobtitle="Buyer")["id"] == survivor["id"]
    assert account.get(survivor["id"], properties="jobtitle")["properties"]["jobtitle"] == "Buyer"


def test_3_7_chains_of_merges_lead_to_the_last_survivor(account: Account) -> None:
    primary, other, survivor = merged(account, {"lastname": "Primary"}, {"lastname": "Other"})
    last = account.merge(survivor["id"], account.new(lastname="Third"))["id"]
    assert {account.get(each)["id"] for each in (primary, other, survivor["id"])} == {last}


def test_3_7_companies_merge_by_the_same_rule(account: Account) -> None:
    one, two = account.new_company(), account.new_company()
    body = read(account.api.post(f"{COMPANIES}/merge", {"primaryObjectId": one, "objectIdToMerge": two}))
    assert body["id"] not in (one, two)
    assert read(account.api.get(f"{COMPANIES}/{two}"))["id"] == body["id"]
    account.api.send("DELETE", f"{COMPANIES}/{body['id']}")


def test_3_7_a_record_is_merged_two_hundred_and_fifty_times_at_most(steered: Account) -> None:
    survivor = steered.new(lastname="Greedy")
    others = [each for _ in range(3) for each in steered.new_batch(*[{"lastname": "Meal"}] * 84)]
    for other in others[:250]:
        survivor = str(steered.sandbox.merge(survivor, other).id)
    body = {"primaryObjectId": survivor, "objectIdToMerge": others[250]}
    assert read(steered.api.post(f"{CONTACTS}/merge", body), 400)["category"] == "VALIDATION_ERROR"


def test_3_8_the_archived_listing_is_in_the_order_of_ids_and_says_when(account: Account) -> None:
    one, two, three = account.new_batch(*[{"lastname": "Gone"}] * 3)
    for each in (three, one, two):
        account.archive(each)
    page = account.api.list(after=one, archived="true", limit=100)
    assert [each for each in ids(page) if each in (one, two, three)] == [one, two, three]
    assert all(record["archivedAt"] for record in page["results"])


def test_3_8_the_archived_listing_takes_no_time_filter_and_is_paged(account: Account) -> None:
    many = account.new_batch(*[{"lastname": "Gone"}] * 3)
    account.api.post(f"{CONTACTS}/batch/archive", {"inputs": [{"id": each} for each in many]})
    page = account.api.list(after=many[0], archived="true", limit=2)
    assert ids(page) == many[:2]
    assert page["paging"]["next"]["after"] == str(int(many[1]) + 1)


def test_3_8_the_gdpr_deleted_in_the_archived_listing(account: Account) -> None:
    def observe(one: Account) -> bool:
        contact_id = one.new(lastname="Forgotten")
        assert one.api.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact_id}).status_code == 204
        return contact_id in walk(one, contact_id, archived="true")

    settle(account, "gdpr_deleted_are_listed_as_archived", {True: True, False: False}, observe)


def test_3_8_a_scan_of_ids_finds_what_is_deleted_and_what_is_merged(account: Account) -> None:
    kept, gone, primary, other = account.new_batch(*[{"lastname": "Scanned"}] * 4)
    before = set(walk(account, kept, properties="hs_object_id"))
    account.archive(gone)
    survivor = account.merge(primary, other)["id"]
    after = set(walk(account, kept, properties="hs_object_id"))
    assert before - after == {gone, primary, other}
    assert after - before == {survivor}


def test_5_ranges_of_ids_read_apart_are_the_whole(account: Account) -> None:
    many = account.new_batch(*[{"lastname": "Ranged"}] * 12)
    bounds = [many[0], str(int(many[4]) + 1), many[8], str(10**15)]
    parts: list[str] = []
    for low, high in pairwise(bounds):
        parts += [each for each in walk(account, low) if int(each) < int(high)]
    assert parts == walk(account, many[0])
    assert set(many) <= set(parts)


def test_5_the_number_of_records_is_one_request_away(account: Account) -> None:
    body = read(account.api.get("/crm/limits/2026-09/records"))
    contacts = next(each for each in body["hubspotDefinedObjectTypes"] if each["objectTypeId"] == "0-1")
    assert contacts["limit"] > contacts["usage"] > 0
