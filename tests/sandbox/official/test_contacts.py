"""Contacts through the official client: reading, searching, writing, batches, merging and forgetting."""

from datetime import datetime

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    BatchResponseSimplePublicObjectWithErrors,
    Filter,
    FilterGroup,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)

from hubspot_sandbox import RunningSandbox


def create(client: HubSpot, **properties: str) -> str:
    given = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return str(client.crm.contacts.basic_api.create(given).id)


def batch_read(client: HubSpot, *ids: str) -> object:
    inputs = [SimplePublicObjectId(id=each) for each in ids]
    wanted = BatchReadInputSimplePublicObjectId(inputs=inputs, properties=["phone"], properties_with_history=[])
    return client.crm.contacts.batch_api.read(wanted)


def search(client: HubSpot, *filters: Filter, **more: object) -> PublicObjectSearchRequest:
    request = PublicObjectSearchRequest(filter_groups=[FilterGroup(filters=list(filters))], **more)
    return client.crm.contacts.search_api.do_search(request)


def test_list_is_paged_to_the_end(client: HubSpot, sandbox: RunningSandbox) -> None:
    create(client, firstname="Last")
    live = [str(each) for each in sandbox.portal.live_ids]
    found, after = [], None
    while True:
        page = client.crm.contacts.basic_api.get_page(limit=100, after=after, properties=["phone", "company"])
        found += page.results
        if page.paging is None:
            break
        after = page.paging.next.after
    assert [record.id for record in found] == live
    assert len(live) > 200
    assert set(found[0].properties) >= {"phone", "company", "hs_object_id"}
    assert isinstance(found[0].created_at, datetime)


def test_get_all_gets_all(client: HubSpot, sandbox: RunningSandbox) -> None:
    found = [record.id for record in client.crm.contacts.get_all(properties=["email"])]
    assert found == [str(each) for each in sandbox.portal.live_ids]


def test_archived_contacts_have_their_own_list(client: HubSpot) -> None:
    contact_id = create(client, firstname="Gone")
    client.crm.contacts.basic_api.archive(contact_id)
    found = client.crm.contacts.get_all(archived=True)
    assert contact_id in [record.id for record in found]
    assert all(isinstance(record.archived_at, datetime) for record in found)


def test_one_contact_by_id_and_by_address(client: HubSpot) -> None:
    contact_id = create(client, firstname="Ada", email="ada.by.address@example.com")
    api = client.crm.contacts.basic_api
    by_id = api.get_by_id(contact_id, properties=["firstname", "fax"])
    by_address = api.get_by_id("ada.by.address@example.com", id_property="email")
    assert by_id.id == by_address.id == contact_id
    assert by_id.properties["firstname"] == "Ada"
    assert by_id.properties["fax"] is None


def test_history_comes_as_a_model(client: HubSpot) -> None:
    contact_id = create(client, phone="+1 212 555 0140")
    api = client.crm.contacts.basic_api
    api.update(contact_id, SimplePublicObjectInput(properties={"phone": "+1 212 555 0141"}))
    history = api.get_by_id(contact_id, properties_with_history=["phone"]).properties_with_history["phone"]
    assert [entry.value for entry in history] == ["+1 212 555 0141", "+1 212 555 0140"]
    assert isinstance(history[0].timestamp, datetime)


def test_search_filters_sorts_and_pages(client: HubSpot) -> None:
    made = [create(client, lastname="Sought", firstname=name) for name in ("Cyd", "Ada", "Bea")]
    family = Filter(property_name="lastname", operator="EQ", value="sought")
    by_name = [{"propertyName": "firstname", "direction": "ASCENDING"}]
    first = search(client, family, sorts=by_name, limit=2, properties=["firstname"])
    last = search(client, family, sorts=by_name, limit=2, after=first.paging.next.after, properties=["firstname"])
    assert first.total == 3
    assert [each.properties["firstname"] for each in first.results + last.results] == ["Ada", "Bea", "Cyd"]
    assert last.paging is None
    few = Filter(property_name="hs_object_id", operator="IN", values=made[:2])
    assert {each.id for each in search(client, family, few).results} == set(made[:2])
    between = Filter(property_name="hs_object_id", operator="BETWEEN", value=made[0], high_value=made[1])
    assert {each.id for each in search(client, family, between).results} == set(made[:2])


def test_search_takes_a_query(client: HubSpot) -> None:
    contact_id = create(client, firstname="Quintessa")
    request = PublicObjectSearchRequest(query="quintessa")
    assert [each.id for each in client.crm.contacts.search_api.do_search(request).results] == [contact_id]


def test_batch_read_with_missing_ids_becomes_the_model_with_errors(client: HubSpot) -> None:
    contact_id = create(client, firstname="There")
    answer = batch_read(client, contact_id, "7")
    assert isinstance(answer, BatchResponseSimplePublicObjectWithErrors)
    assert [record.id for record in answer.results] == [contact_id]
    assert answer.num_errors == 1
    assert answer.errors[0].category == "OBJECT_NOT_FOUND"
    assert answer.errors[0].context["ids"] == ["7"]


def test_batch_read_of_all_there_is_the_plain_model(client: HubSpot) -> None:
    contact_id = create(client, firstname="There")
    answer = batch_read(client, contact_id)
    assert not isinstance(answer, BatchResponseSimplePublicObjectWithErrors)
    assert [record.id for record in answer.results] == [contact_id]  # type: ignore[attr-defined]  # has no types


def test_create_update_archive(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    contact_id = create(client, firstname="Ada", phone="+1 212 555 0142")
    changed = api.update(contact_id, SimplePublicObjectInput(properties={"firstname": "Augusta", "phone": ""}))
    assert changed.properties["firstname"] == "Augusta"
    assert not api.get_by_id(contact_id, properties=["phone"]).properties["phone"]
    assert api.archive(contact_id) is None
    assert api.get_by_id(contact_id, archived=True).archived is True


def test_batches_create_update_upsert_and_archive(client: HubSpot) -> None:
    api = client.crm.contacts.batch_api
    new = [{"lastname": "Batch", "email": f"batch.{number}@example.com"} for number in range(3)]
    inputs = [SimplePublicObjectBatchInputForCreate(properties=each, associations=[]) for each in new]
    made = api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    ids = [record.id for record in made.results]
    assert len(ids) == 3

    changes = [SimplePublicObjectBatchInput(id=each, properties={"jobtitle": "Buyer"}) for each in ids]
    changed = api.update(BatchInputSimplePublicObjectBatchInput(inputs=changes))
    assert {record.id: record.properties["jobtitle"] for record in changed.results} == dict.fromkeys(ids, "Buyer")

    upserts = [
        SimplePublicObjectBatchInputUpsert(id=email, id_property="email", properties={"email": email})
        for email in ("batch.0@example.com", "batch.new@example.com")
    ]
    upserted = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts))
    assert {record.properties["email"]: record.new for record in upserted.results} == {
        "batch.0@example.com": False,
        "batch.new@example.com": True,
    }

    gone = [SimplePublicObjectId(id=record.id) for record in (*made.results, *upserted.results)]
    assert api.archive(BatchInputSimplePublicObjectId(inputs=gone)) is None
    assert search(client, Filter(property_name="lastname", operator="EQ", value="Batch")).total == 0


def test_merge_makes_a_new_contact_that_both_ids_lead_to(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    primary, other = create(client, firstname="Ada"), create(client, jobtitle="Countess")
    merged = api.merge(PublicMergeInput(primary_object_id=primary, object_id_to_merge=other))
    assert merged.id not in (primary, other)
    for each in (primary, other, merged.id):
        found = api.get_by_id(each, properties=["firstname", "jobtitle"])
        assert (found.id, found.properties["firstname"], found.properties["jobtitle"]) == (merged.id, "Ada", "Countess")


def test_gdpr_delete_forgets(client: HubSpot) -> None:
    contact_id = create(client, email="forget.me@example.com")
    api = client.crm.contacts.basic_api
    assert api.purge(PublicGdprDeleteInput(object_id="forget.me@example.com", id_property="email")) is None
    with pytest.raises(ApiException) as refused:
        api.get_by_id(contact_id)
    assert refused.value.status == 404
