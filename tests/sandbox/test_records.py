"""Records: values that never change, small enough for a million of them."""

import pickle
import tracemalloc
from dataclasses import FrozenInstanceError, replace

import pytest

from hubspot_sandbox.records import Company, Contact, Record, pack

ADA = {"firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.com", "company": "Žofia & Söhne 株式会社"}


def test_a_record_has_the_properties_it_was_given() -> None:
    assert Contact(1, pack(ADA), 0, 0).properties == ADA


def test_what_has_no_value_is_not_set() -> None:
    assert Contact(1, pack({"firstname": "", "lastname": "L"}), 0, 0).properties == {"lastname": "L"}


def test_a_record_cannot_be_changed_not_even_through_its_properties() -> None:
    ada = Contact(1, pack(ADA), 0, 0)
    ada.properties["firstname"] = "Bo"
    assert ada.properties == ADA
    with pytest.raises(FrozenInstanceError):
        ada.modified_at_ms = 1  # type: ignore[misc]  # that is what is refused


def test_a_change_makes_another_record() -> None:
    ada = Contact(1, pack(ADA), 10, 10)
    edited = replace(ada, packed=pack({"firstname": "Bo"}), modified_at_ms=20)
    assert (edited.id, edited.created_at_ms, edited.modified_at_ms) == (1, 10, 20)
    assert edited.properties == {"firstname": "Bo"}
    assert ada.properties == ADA


def test_records_of_the_same_values_are_equal_whatever_the_order_of_their_properties() -> None:
    backwards = dict(reversed(ADA.items()))
    assert Contact(1, pack(ADA), 0, 0) == Contact(1, pack(backwards), 0, 0)
    assert Contact(1, pack(ADA), 0, 0) != Contact(1, pack({}), 0, 0)
    records: list[Record] = [Contact(1, pack(ADA), 0, 0), Company(1, pack(ADA), 0, 0)]
    assert records[0] != records[1]


def test_ids_and_moments_are_read_as_properties_too() -> None:
    contact, company = Contact(7, pack(ADA), 0, 1_000), Company(7, pack({}), 0, 1_000)
    assert contact.value("hs_object_id") == "7"
    assert contact.value("createdate") == "1970-01-01T00:00:00.000Z"
    assert contact.value("lastmodifieddate") == company.value("hs_lastmodifieddate") == "1970-01-01T00:00:01.000Z"
    assert contact.value("hs_lastmodifieddate") is None
    assert contact.value("firstname") == "Ada"
    assert contact.value("phone") is None


def test_records_can_be_handed_to_another_process() -> None:
    ada = Contact(1, pack(ADA), 0, 0)
    assert pickle.loads(pickle.dumps(ada)) == ada  # noqa: S301 - our own


def test_a_contact_takes_little_more_memory_than_its_text() -> None:
    text = len(pack(ADA))
    tracemalloc.start()
    try:
        kept = [Contact(number, pack(ADA), number, number) for number in range(10**12, 10**12 + 2_000)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / len(kept) < text + 300
