"""The portal's own rules: what an edit keeps, what it clears, who hears of it, and who works for whom."""

import pytest

from hubspot_sandbox.changes import Action, Association, Change
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.kinds import CONTACT
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.properties import Property
from hubspot_sandbox.records import Contact, pack

DAY_S = 24 * 3600


@pytest.fixture
def portal() -> Portal:
    return Portal(1, Clock())


@pytest.fixture
def heard(portal: Portal) -> list[Change]:
    changes: list[Change] = []
    portal.watchers.append(changes.append)
    return changes


def test_new_ids_follow_the_largest_even_when_that_is_archived(portal: Portal) -> None:
    first = portal.create({})
    second = portal.create({})
    portal.archive(second.id)
    third = portal.create({})
    assert first.id < second.id < third.id
    assert portal.live_ids == [first.id, third.id]
    assert portal.archived_ids == [second.id]


def test_edit_keeps_the_rest_and_clears_with_the_empty_string_or_none(portal: Portal) -> None:
    contact = portal.create({"firstname": "Ada", "lastname": "Lovelace", "phone": "1"})
    edited = portal.edit(contact.id, {"lastname": "", "phone": None, "company": "Engines"})
    assert edited.properties == {"firstname": "Ada", "company": "Engines"}
    assert edited.created_at_ms == contact.created_at_ms


def test_a_new_phone_number_drops_what_was_calculated_from_the_old(portal: Portal) -> None:
    calculated = {"hs_calculated_phone_number": "+1", "hs_calculated_phone_number_country_code": "US"}
    portal.load([Contact(7, pack({"phone": "1", "hs_calculated_mobile_number": "+2", **calculated}), 0, 0)])
    assert portal.edit(7, {"firstname": "Ada"}).properties.keys() >= calculated.keys()
    assert portal.edit(7, {"phone": "2"}).properties == {
        "phone": "2",
        "hs_calculated_mobile_number": "+2",
        "firstname": "Ada",
    }


def test_an_email_moves_with_its_holder(portal: Portal) -> None:
    ada = portal.create({"email": "a@x.example"})
    with pytest.raises(Refused) as refused:
        portal.create({"email": "A@X.example"})
    assert refused.value.answer.status == 409
    portal.edit(ada.id, {"email": "b@x.example"})
    bo = portal.create({"email": "a@x.example"})
    assert portal.find_by_email("A@x.example") == bo
    portal.archive(bo.id)
    assert portal.find_by_email("a@x.example") is None
    assert portal.create({"email": "a@x.example"}).id > bo.id


def test_an_edit_may_repeat_its_own_email(portal: Portal) -> None:
    ada = portal.create({"email": "a@x.example"})
    assert portal.edit(ada.id, {"email": "A@x.example"}).properties["email"] == "A@x.example"


def test_a_refused_edit_changes_nothing(portal: Portal) -> None:
    ada = portal.create({"firstname": "Ada"})
    with pytest.raises(Refused):
        portal.edit(ada.id, {"firstname": "Bo", "nope": "x"})
    assert portal.find(ada.id) == ada


def test_archived_and_unknown_contacts_cannot_be_changed(portal: Portal) -> None:
    ada = portal.create({})
    portal.archive(ada.id)
    for contact_id in (ada.id, 999):
        with pytest.raises(Refused) as refused:
            portal.edit(contact_id, {})
        assert refused.value.answer.status == 404


def test_every_change_is_told_once_with_what_changed(portal: Portal, heard: list[Change]) -> None:
    first, second, third, fourth, fifth = (portal.clock.now_ms() + number for number in range(5))
    ada = portal.create({"firstname": "Ada", "lastname": "Lovelace"}, at_ms=first)
    edited = portal.edit(ada.id, {"firstname": "Bo", "lastname": "Lovelace", "phone": "1"}, at_ms=second)
    cleared = portal.edit(ada.id, {"phone": None}, at_ms=third, source="API")
    archived = portal.archive(ada.id, at_ms=fourth)
    restored = portal.restore(ada.id, at_ms=fifth)
    made = {"firstname": "Ada", "lastname": "Lovelace"}
    assert heard == [
        Change(Action.CREATE, first, "0-1", ada.id, None, ada, made, source="CRM_UI"),
        Change(Action.UPDATE, second, "0-1", ada.id, ada, edited, {"firstname": "Bo", "phone": "1"}, source="CRM_UI"),
        Change(Action.UPDATE, third, "0-1", ada.id, edited, cleared, {"phone": ""}, source="API"),
        Change(Action.DELETE, fourth, "0-1", ada.id, cleared, archived, source="CRM_UI"),
        Change(Action.RESTORE, fifth, "0-1", ada.id, archived, restored, source="CRM_UI"),
    ]
    assert archived.archived_at_ms == fourth
    assert restored == cleared


def test_a_watcher_finds_the_portal_changed_already(portal: Portal) -> None:
    seen: list[bool] = []
    portal.watchers.append(lambda change: seen.append(portal.find(change.id) == change.after))
    ada = portal.create({"firstname": "Ada"})
    portal.edit(ada.id, {"firstname": "Bo"})
    assert seen == [True, True]


def test_restoring_needs_an_archived_contact(portal: Portal) -> None:
    ada = portal.create({})
    for contact_id in (ada.id, 999):
        with pytest.raises(Refused):
            portal.restore(contact_id)
    portal.archive(ada.id)
    portal.restore(ada.id)
    assert (portal.live_ids, portal.archived_ids) == ([ada.id], [])


def test_an_email_taken_meanwhile_stays_with_its_new_holder_after_a_restore(portal: Portal) -> None:
    ada = portal.create({"email": "a@x.example"})
    portal.archive(ada.id)
    bo = portal.create({"email": "a@x.example"})
    portal.restore(ada.id)
    assert portal.find_by_email("a@x.example") == bo
    portal.archive(bo.id)
    with pytest.raises(Refused):
        portal.restore(999)


def test_archived_contacts_are_gone_after_ninety_days(portal: Portal) -> None:
    ada = portal.create({})
    portal.archive(ada.id)
    portal.clock.advance(89 * DAY_S)
    assert portal.ids_from(0, archived=True) == ([ada.id], 0)
    portal.clock.advance(2 * DAY_S)
    assert portal.ids_from(0, archived=True) == ([], 0)
    assert ada.id not in portal.contacts


def test_what_was_restored_in_time_does_not_expire(portal: Portal) -> None:
    ada = portal.create({})
    portal.archive(ada.id)
    portal.restore(ada.id)
    portal.clock.advance(91 * DAY_S)
    assert portal.find(ada.id, archived=True) is None
    assert portal.find(ada.id) == ada


@pytest.mark.parametrize("listed", [True, False])
def test_a_gdpr_deletion_takes_everything_known(portal: Portal, heard: list[Change], listed: bool) -> None:  # noqa: FBT001 - parametrized
    portal.options = lambda: Options(gdpr_deleted_are_listed_as_archived=listed)
    ada = portal.create({"email": "a@x.example"})
    portal.gdpr_delete(ada.id, at_ms=7)
    assert heard[1] == Change(Action.GDPR_DELETE, 7, "0-1", ada.id, before=ada, source="CRM_UI")
    assert portal.live_ids == []
    assert portal.archived_ids == ([ada.id] if listed else [])
    assert portal.find_by_email("a@x.example") is None
    assert [contact.properties for contact in portal.contacts.values()] == ([{}] if listed else [])
    for attempt in (portal.restore, portal.gdpr_delete):
        with pytest.raises(Refused):
            attempt(ada.id)


def test_new_ids_are_never_those_of_the_gone(portal: Portal) -> None:
    portal.options = lambda: Options(gdpr_deleted_are_listed_as_archived=False)
    ada = portal.create({})
    portal.gdpr_delete(ada.id)
    assert portal.create({}).id > ada.id


def test_the_first_company_becomes_the_primary_one(portal: Portal, heard: list[Change]) -> None:
    ada = portal.create({})
    works, mill = portal.create_company({"name": "Works"}), portal.create_company({"name": "Mill"})
    heard.clear()
    portal.associate(ada.id, works.id, primary=False, at_ms=8)
    portal.associate(ada.id, mill.id, primary=False, at_ms=9)
    named = portal.contacts[ada.id]
    assert named.properties == {"associatedcompanyid": str(works.id)}
    assert named.modified_at_ms == 8
    assert portal.links.companies_of(named) == [works.id, mill.id]
    assert [(each.action, each.association, dict(each.properties)) for each in heard] == [
        (
            Action.ASSOCIATE,
            Association(ada.id, works.id, primary=True),
            {"associatedcompanyid": str(works.id)},
        ),
        (Action.ASSOCIATE, Association(ada.id, mill.id, primary=False), {}),
    ]
    assert (heard[1].before, heard[1].after) == (named, named)


def test_another_primary_company_leaves_the_first_as_a_further_one(portal: Portal) -> None:
    works, mill = portal.create_company({}), portal.create_company({})
    ada = portal.create({"associatedcompanyid": str(works.id)})
    for change in (
        lambda: portal.associate(ada.id, mill.id),
        lambda: portal.edit(ada.id, {"associatedcompanyid": str(works.id)}),
    ):
        change()
        assert sorted(portal.links.companies_of(portal.contacts[ada.id])) == [works.id, mill.id]
    assert portal.links.primary_of(portal.contacts[ada.id]) == works.id


def test_associating_twice_is_told_once(portal: Portal, heard: list[Change]) -> None:
    ada, works, mill = portal.create({}), portal.create_company({}), portal.create_company({})
    portal.associate(ada.id, works.id)
    heard.clear()
    for _ in range(2):
        portal.associate(ada.id, mill.id, primary=False)
    assert len(heard) == 1


def test_parting_from_the_primary_company_clears_the_property(portal: Portal, heard: list[Change]) -> None:
    ada, works, mill = portal.create({}), portal.create_company({}), portal.create_company({})
    portal.associate(ada.id, works.id)
    portal.associate(ada.id, mill.id, primary=False)
    heard.clear()
    portal.dissociate(ada.id, works.id)
    portal.dissociate(ada.id, works.id)
    assert portal.contacts[ada.id].properties == {}
    assert portal.links.companies_of(portal.contacts[ada.id]) == [mill.id]
    portal.dissociate(ada.id, mill.id)
    assert portal.links.companies_of(portal.contacts[ada.id]) == []
    assert [(each.action, dict(each.properties)) for each in heard] == [
        (Action.DISSOCIATE, {"associatedcompanyid": ""}),
        (Action.DISSOCIATE, {}),
    ]


def test_a_company_that_does_not_exist_is_nobodys(portal: Portal) -> None:
    for named in ("999", "x", "-7", "²", "9" * 30):
        ada = portal.create({"associatedcompanyid": named})
        assert portal.links.companies_of(ada) == []
    with pytest.raises(Refused):
        portal.associate(ada.id, 999)


def test_who_works_for_a_company_is_kept_up(portal: Portal) -> None:
    works, mill = portal.create_company({}), portal.create_company({})
    ada = portal.create({"associatedcompanyid": str(works.id)})
    assert portal.links.contacts_of(works.id) == [ada.id]
    bo = portal.create({"associatedcompanyid": str(works.id)})
    cy = portal.create({})
    portal.associate(cy.id, mill.id)
    portal.associate(cy.id, works.id, primary=False)
    assert portal.links.contacts_of(works.id) == [ada.id, bo.id, cy.id]
    portal.archive(ada.id)
    portal.edit(bo.id, {"associatedcompanyid": ""})
    assert portal.links.contacts_of(works.id) == [cy.id]
    portal.restore(ada.id)
    assert portal.links.contacts_of(works.id) == [ada.id, cy.id]
    merged = portal.merge(cy.id, ada.id)
    assert portal.links.contacts_of(works.id) == portal.links.contacts_of(mill.id) == [merged.id]
    portal.gdpr_delete(merged.id)
    assert portal.links.contacts_of(works.id) == portal.links.contacts_of(mill.id) == []


def test_nobody_works_for_an_archived_company(portal: Portal, heard: list[Change]) -> None:
    works = portal.create_company({"name": "Works"})
    ada = portal.create({"associatedcompanyid": str(works.id)})
    heard.clear()
    portal.archive_company(works.id)
    assert [(each.action, each.kind, each.id) for each in heard] == [
        (Action.DISSOCIATE, "0-1", ada.id),
        (Action.DELETE, "0-2", works.id),
    ]
    assert portal.contacts[ada.id].properties == {}
    portal.restore_company(works.id)
    assert portal.links.contacts_of(works.id) == []


def test_merged_companies_hand_their_contacts_to_the_new_one(portal: Portal, heard: list[Change]) -> None:
    works, mill, shop = (portal.create_company({"name": name}) for name in ("Works", "Mill", "Shop"))
    ada = portal.create({"associatedcompanyid": str(works.id)})
    bo = portal.create({"associatedcompanyid": str(shop.id)})
    portal.associate(bo.id, mill.id, primary=False)
    heard.clear()
    merged = portal.merge_companies(works.id, mill.id)
    assert [(each.action, each.id) for each in heard] == [(Action.MERGE, merged.id), (Action.UPDATE, ada.id)]
    assert merged.properties == {"name": "Works", "hs_merged_object_ids": f"{works.id};{mill.id}"}
    assert portal.links.companies_of(portal.contacts[ada.id]) == [merged.id]
    assert portal.links.companies_of(portal.contacts[bo.id]) == [shop.id, merged.id]
    assert portal.links.contacts_of(merged.id) == [ada.id, bo.id]


def test_a_property_can_be_taken_away_and_given_back(portal: Portal) -> None:
    ada = portal.create({"jobtitle": "Countess"})
    table = portal.table(CONTACT)
    jobtitle = table.properties["jobtitle"]
    table.archive_property("jobtitle")
    with pytest.raises(Refused):
        portal.edit(ada.id, {"jobtitle": "Engineer"})
    table.add_property(jobtitle)
    assert portal.edit(ada.id, {"jobtitle": "Engineer"}).value("jobtitle") == "Engineer"


def test_portals_do_not_share_their_properties(portal: Portal) -> None:
    portal.table(CONTACT).archive_property("fax")
    assert "fax" in Portal(2, Clock()).table(CONTACT).properties


def test_a_unique_property_finds_those_who_had_it_before(portal: Portal) -> None:
    table = portal.table(CONTACT)
    table.add_property(Property("badge"))
    ada = portal.create({"badge": "A-1"})
    table.add_property(Property("badge", unique=True))
    assert table.find_by("badge", "a-1") == ada
    with pytest.raises(Refused) as refused:
        portal.create({"badge": "A-1"})
    assert refused.value.answer.status == 409


def test_a_queue_is_an_owner_without_a_user(portal: Portal) -> None:
    queue = portal.add_owner("Support", queue=True)
    assert (queue.type, queue.user_id, queue.name) == ("QUEUE", None, "Support")
    assert portal.archive_owner(queue.id).archived
