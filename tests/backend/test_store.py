"""The one writer of contact rows: ids once each, a new `seq` for each change, tombstones that hold nothing, and nobody
else's rows touched.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbook import contacts
from callbook.contacts import Applied
from callbook.hubspot import RemoteContact
from callbook.models import Contact, Owner, Phone, User, connected, now, transaction
from tests.backend.people import keep_personal, new_user, remote

RUN = 7
LATER = datetime(2026, 2, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ann(database: None) -> Owner:  # noqa: ARG001 - the tables
    return new_user().owner


@pytest.fixture
def ben(database: None) -> Owner:  # noqa: ARG001 - the tables
    return new_user("ben@one.example").owner


def apply(owner: Owner, *remotes: RemoteContact) -> Applied:
    with transaction():
        return contacts.apply(owner, remotes, "US")


def within(work: Callable[..., Any], *arguments: Any) -> Any:
    with transaction():
        return work(*arguments)


def rows(owner: Owner) -> dict[int, Contact]:
    return {row.hubspot_id or -row.id: row for row in Contact.of(owner).select()}


def alive(owner: Owner) -> set[int]:
    return {id_ for id_, row in rows(owner).items() if row.deleted_at is None}


def test_a_contact_comes_with_its_numbers_in_order(ann: Owner) -> None:
    assert apply(ann, remote(5, firstname="Ada", phone="212 555 0100 x7", mobilephone="nope")) == Applied(1, 0, 0)
    found = [(row.property, row.e164, row.extension, row.written) for row in Phone.of(ann).select().order_by(Phone.id)]
    assert found == [("mobilephone", None, None, "nope"), ("phone", "+12125550100", "7", "212 555 0100 x7")]


def test_an_update_replaces_the_numbers(ann: Owner) -> None:
    apply(ann, remote(5, phone="+1 212 555 0100", mobilephone="+1 212 555 0101"))
    assert apply(ann, remote(5, phone="+1 212 555 0102", modified_at=LATER)) == Applied(0, 1, 0)
    assert [row.e164 for row in Phone.of(ann).select()] == ["+12125550102"]


def test_what_was_prepared_for_another_default_country_is_read_anew(ann: Owner) -> None:
    abroad = remote(5, firstname="Ada", phone="020 7946 0958")
    for region, e164 in (("GB", "+442079460958"), ("US", None)):
        ready = contacts.prepare(ann, [abroad], "GB")
        with transaction():
            contacts.apply(ann, [abroad], region, ready)
        assert [row.e164 for row in Phone.of(ann).select()] == [e164]
        within(contacts.retire, ann, [5])
        abroad = replace(abroad, read_at=now() + timedelta(seconds=1))


def test_only_what_is_new_or_changed_is_prepared(ann: Owner) -> None:
    apply(ann, remote(5, firstname="Ada"), remote(6, firstname="Ben"))
    page = [remote(5, firstname="Ada"), remote(6, firstname="Benjamin", modified_at=LATER), remote(7, firstname="Cy")]
    assert set(contacts.prepare(ann, page, "US").columns) == {6, 7}


def test_one_page_may_name_a_contact_twice(ann: Owner) -> None:
    older, newer = remote(5, firstname="Old"), remote(5, firstname="New", modified_at=LATER)
    assert apply(ann, older, newer) == Applied(1, 0, 0)
    assert rows(ann)[5].name == "New"
    assert apply(ann, newer, older) == Applied(0, 0, 1)
    assert rows(ann)[5].name == "New"


def test_every_changed_row_has_a_new_seq_and_no_other_has(ann: Owner) -> None:
    apply(ann, *(remote(id_, firstname="A") for id_ in range(1, 6)))
    before = {id_: row.seq for id_, row in rows(ann).items()}
    assert sorted(before.values()) == [1, 2, 3, 4, 5]
    changed = remote(2, firstname="B", modified_at=LATER)
    apply(ann, remote(1, firstname="A"), changed, remote(6, firstname="A"))
    after = {id_: row.seq for id_, row in rows(ann).items()}
    assert {id_ for id_ in after if after[id_] != before.get(id_)} == {2, 6}
    assert min(after[2], after[6]) > max(before.values())
    assert User.get_by_id(ann.id).seq == max(after.values()) == 7


def test_what_did_not_change_is_not_written(ann: Owner) -> None:
    apply(ann, remote(5, firstname="Ada"))
    before = rows(ann)[5].__data__
    assert apply(ann, remote(5, firstname="Ada")) == Applied(0, 0, 1)
    assert rows(ann)[5].__data__ == before


def test_an_older_read_does_not_overwrite_a_newer(ann: Owner) -> None:
    early = remote(5, firstname="Old")
    apply(ann, replace(early, properties={"firstname": "New"}, read_at=early.read_at + timedelta(seconds=1)))
    assert apply(ann, early) == Applied(0, 0, 1)
    assert rows(ann)[5].name == "New"


def remove_absent(owner: Owner, run_id: int) -> int:
    ids: list[int] = within(contacts.absent_ids, owner, run_id, 0, 100)
    removed: int = within(contacts.retire, owner, ids)
    return removed


def test_a_proven_span_marks_what_is_not_there(ann: Owner) -> None:
    apply(ann, *(remote(id_) for id_ in (1, 2, 3, 4, 5, 6)))
    within(contacts.mark_absent, ann, 2, 6, [3], RUN)
    assert {id_ for id_, row in rows(ann).items() if row.absent_run == RUN} == {2, 4, 5}
    assert contacts.absent_count(ann, RUN) == 3
    assert contacts.absent_count(ann, RUN + 1) == 0
    assert alive(ann) == {1, 2, 3, 4, 5, 6}


def test_the_last_span_has_no_end(ann: Owner) -> None:
    apply(ann, *(remote(id_) for id_ in (1, 2, 2**62)))
    within(contacts.mark_absent, ann, 2, None, [], RUN)
    assert contacts.absent_count(ann, RUN) == 2


def test_being_seen_clears_the_mark(ann: Owner) -> None:
    apply(ann, remote(1), remote(2))
    within(contacts.mark_absent, ann, 0, None, [], RUN)
    apply(ann, remote(2))
    assert remove_absent(ann, RUN) == 1
    assert alive(ann) == {2}


def test_marks_of_another_run_remove_nothing(ann: Owner) -> None:
    apply(ann, remote(1))
    within(contacts.mark_absent, ann, 0, None, [], RUN)
    assert remove_absent(ann, RUN + 1) == 0
    assert alive(ann) == {1}


def test_a_tombstone_keeps_the_id_and_nothing_of_the_person(ann: Owner) -> None:
    apply(ann, remote(1, firstname="Ada", lastname="Lovelace", phone="+1 212 555 0100", company="C", country="US"))
    seq = rows(ann)[1].seq
    within(contacts.mark_absent, ann, 0, None, [], RUN)
    remove_absent(ann, RUN)
    row = rows(ann)[1]
    assert row.deleted_at is not None
    assert row.seq > seq
    assert (row.name, row.company, row.email, row.properties, row.search_text) == ("", None, None, {}, "")
    assert "Lovelace" not in repr(row.__data__)
    assert not Phone.of(ann).select().exists()
    assert contacts.tombstones(ann, [1, 2]) == {1}
    assert contacts.alive_count(ann) == 0


def test_the_primary_store_restores_to_the_same_row(ann: Owner) -> None:
    apply(ann, remote(1, firstname="Ada", phone="+1 212 555 0100"))
    row_id = rows(ann)[1].id
    assert within(contacts.retire, ann, [1]) == 1
    index = replace(remote(1, firstname="Ghost", modified_at=LATER), primary=False, read_at=now() + timedelta(hours=1))
    assert apply(ann, index) == Applied(0, 0, 1)
    assert alive(ann) == set()
    back = replace(remote(1, firstname="Back", phone="+1 212 555 0101"), read_at=now() + timedelta(seconds=1))
    assert apply(ann, back) == Applied(1, 0, 0)
    assert (rows(ann)[1].id, rows(ann)[1].name, rows(ann)[1].deleted_at) == (row_id, "Back", None)
    assert [row.e164 for row in Phone.of(ann).select()] == ["+12125550101"]


def test_retiring_what_is_not_there_is_nothing(ann: Owner) -> None:
    apply(ann, remote(1))
    assert within(contacts.retire, ann, []) == 0
    assert within(contacts.retire, ann, [2, 3]) == 0
    assert within(contacts.retire, ann, [1]) == 1
    assert within(contacts.retire, ann, [1]) == 0


def test_ids_are_looked_up_in_chunks(ann: Owner) -> None:
    apply(ann, remote(1), remote(900), remote(40_000))
    within(contacts.retire, ann, [900])
    keep_personal(ann, firstname="Mum")
    with connected():
        assert contacts.held_ids(ann, range(50_000)) == {1, 40_000}
        assert contacts.held_ids(ann, []) == set()


def test_what_hubspot_lists_as_archived_is_marked(ann: Owner) -> None:
    apply(ann, *(remote(id_) for id_ in (1, 2, 3, 4)))
    within(contacts.retire, ann, [4])
    within(contacts.mark_named, ann, [2, 4, 99], RUN)
    assert within(contacts.absent_ids, ann, RUN, 0, 100) == [2]


def test_absent_ids_come_in_portions(ann: Owner) -> None:
    apply(ann, *(remote(id_) for id_ in (1, 2, 3, 4, 5)))
    within(contacts.mark_absent, ann, 0, None, [4], RUN)
    assert within(contacts.absent_ids, ann, RUN, 0, 2) == [1, 2]
    assert within(contacts.absent_ids, ann, RUN, 2, 9) == [3, 5]


def test_a_span_is_counted_and_halved(ann: Owner) -> None:
    apply(ann, *(remote(id_) for id_ in (1, 5, 50, 51, 10**11)))
    with connected():
        assert [contacts.alive_count(ann, *span) for span in ((0, None), (5, 51), (51, None), (2, 5))] == [5, 2, 2, 0]
        assert contacts.id_at(ann, 0, None, 0.5) == 50
        assert contacts.id_at(ann, 50, None, 0.5) == 51


def test_some_ids_tell_how_all_are_spread(ann: Owner) -> None:
    apply(ann, *(remote(id_ * id_) for id_ in range(1, 101)))
    with connected():
        some = contacts.some_ids(ann, 10)
    assert some == sorted(some)
    assert some[-1] == 10_000
    assert 10 <= len(some) <= 21
    assert all(any((tenth * 10) ** 2 < id_ <= (tenth * 10 + 10) ** 2 for id_ in some) for tenth in range(10))


def test_personal_contacts_are_never_marked_retired_or_counted(ann: Owner) -> None:
    mine = within(contacts.add_personal, ann, {"firstname": "Mum", "phone": "212 555 0100"}, "US")
    within(contacts.mark_absent, ann, 0, None, [], RUN)
    within(contacts.retire, ann, [mine])
    assert remove_absent(ann, RUN) == 0
    assert alive(ann) == {-mine}
    assert contacts.alive_count(ann) == 0
    assert [row.e164 for row in Phone.of(ann).select()] == ["+12125550100"]


def test_one_users_page_touches_nobody_elses_rows(ann: Owner, ben: Owner) -> None:
    for owner in (ann, ben):
        apply(owner, remote(1, firstname="Ada", phone="+1 212 555 0100"), remote(2, firstname="Eve"))
    before = [row.__data__ for row in Contact.of(ben).select()]
    apply(ann, remote(1, firstname="Changed", modified_at=LATER))
    within(contacts.mark_absent, ann, 0, None, [1], RUN)
    remove_absent(ann, RUN)
    within(contacts.retire, ann, [1])
    assert [row.__data__ for row in Contact.of(ben).select()] == before
    assert Phone.of(ben).select().count() == 1
    assert contacts.tombstones(ben, [1, 2]) == set()
