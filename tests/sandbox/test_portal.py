"""The portal's own rules: what an edit keeps, what it clears, and who hears of it."""

import pytest

from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.portal import Contact, Portal


@pytest.fixture
def portal() -> Portal:
    return Portal(1, Clock())


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
    portal.load([Contact(7, {"phone": "1", "hs_calculated_mobile_number": "+2", **calculated}, 0, 0)])
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


def test_watchers_hear_every_change_with_the_contact_as_it_is_now(portal: Portal) -> None:
    heard: list[Contact] = []
    portal.watchers.append(heard.append)
    ada = portal.create({"firstname": "Ada"})
    edited = portal.edit(ada.id, {"firstname": "Bo"})
    archived = portal.archive(ada.id)
    assert heard == [ada, edited, archived]
    assert archived.archived_at_ms is not None


def test_archived_and_unknown_contacts_cannot_be_changed(portal: Portal) -> None:
    ada = portal.create({})
    portal.archive(ada.id)
    for contact_id in (ada.id, 999):
        with pytest.raises(Refused) as refused:
            portal.edit(contact_id, {})
        assert refused.value.answer.status == 404
