"""The rows of companies and owners: what is still to be read, what is kept of it, and when it shows."""

import pytest

from callbook import contacts
from callbook.contacts import Wanted
from callbook.contacts.store import reread_phones
from callbook.hubspot import RemoteCompany, RemoteOwner
from callbook.models import Company, HubSpotOwner, Owner, transaction
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, cache_companies, cache_owners, keep_personal, new_user, remote


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Owner:  # noqa: ARG001 - there to be connected
    return new_user().owner


def works(**changed: str | None) -> RemoteCompany:
    return RemoteCompany(**{"id": 70, "name": "Wörks", "phone": "2015550100", "country": None, **changed})  # type: ignore[arg-type] # a test names fields


def test_companies_to_read_are_those_that_living_contacts_name_once_each(owner: Owner) -> None:
    cache(owner, *(remote(id_, associatedcompanyid=str(70 + id_ % 4)) for id_ in range(12)), remote(50))
    keep_personal(owner, lastname="Mum")
    with transaction():
        contacts.retire(owner, [3, 7, 11])  # all who name 73
    assert contacts.companies_to_read(owner, 0, 10) == [70, 71, 72]
    assert contacts.companies_to_read(owner, 70, 1) == [71]
    assert contacts.companies_to_read(owner, None, 10) == [70, 71, 72]
    cache_companies(owner, works())
    assert contacts.companies_to_read(owner, None, 10) == [71, 72]
    assert contacts.companies_to_read(owner, 0, 10) == [70, 71, 72]


def test_another_users_rows_are_neither_read_nor_held(owner: Owner) -> None:
    other = new_user("ben@one.example").owner
    cache(owner, remote(1, associatedcompanyid="70", hubspot_owner_id="5"))
    cache_companies(other, works())
    cache_owners(other, RemoteOwner(5, "Ann", None, 1))
    assert contacts.companies_to_read(owner, None, 10) == [70]
    assert contacts.companies_to_read(other, 0, 10) == []
    assert contacts.names_unknown_owner(owner)
    assert not contacts.names_unknown_owner(other)
    assert list(contacts.my_owner_ids(owner)) == []


def kept(owner: Owner, *companies: RemoteCompany) -> bool:
    with transaction():
        return contacts.keep_companies(owner, [70], companies, "US")


def test_only_what_shows_counts_as_a_change(owner: Owner) -> None:
    assert not kept(owner)  # HubSpot does not know it
    assert kept(owner, works())
    assert not kept(owner, works())
    assert kept(owner, works(name="Works"))
    assert kept(owner, works(name="Works", phone="2015550199"))
    assert kept(owner)
    row = Company.of(owner).select().get()
    assert (row.name, row.phone, row.e164, row.search_text) == (None, None, None, "")


@pytest.mark.parametrize(
    ("written", "country", "e164", "extension"),
    [
        ("2015550100", None, "+12015550100", None),
        ("020 7946 0018 ext. 5", "United Kingdom", "+442079460018", "5"),
        ("+44 (0)20 7946 0018 / +44 20 7946 0019", None, "+442079460018", None),
        ("see website", None, None, None),
        (None, "US", None, None),
    ],
)
def test_a_main_line_is_read_as_people_write_it(
    owner: Owner, written: str | None, country: str | None, e164: str | None, extension: str | None
) -> None:
    cache_companies(owner, works(phone=written, country=country))
    row = Company.of(owner).select().get()
    assert (row.phone, row.e164, row.extension) == (written, e164, extension)


def test_another_default_country_reads_main_lines_again(owner: Owner) -> None:
    cache_companies(owner, works(phone="020 7946 0018"), RemoteCompany(71, "US Works", "2015550100", "US"))
    assert [e164 for _, e164, _ in contacts.companies_with_line(owner, ["+12015550100", "+442079460018"])] == [
        "+12015550100"
    ]
    with transaction():
        reread_phones(owner, "GB", 0, 10)
    assert len(contacts.companies_with_line(owner, ["+12015550100", "+442079460018"])) == 2


def test_an_owner_without_a_name_is_noted_and_shown_to_nobody(owner: Owner) -> None:
    cache(owner, remote(1, hubspot_owner_id="5"))
    with transaction():
        contacts.note_unknown_owners(owner)
        contacts.note_unknown_owners(owner)
    assert not contacts.names_unknown_owner(owner)
    assert HubSpotOwner.of(owner).select().count() == 1
    contact = contacts.listing(owner, Wanted()).contacts[0]
    assert contacts.owner_of(owner, contact) is None
    cache_owners(owner, RemoteOwner(5, "Ann", None, None))
    found = contacts.owner_of(owner, contact)
    assert found is not None
    assert found.name == "Ann"


@pytest.mark.parametrize("query", ["works", "WÖRKS", "abel wör", "work abel"])
def test_a_search_finds_contacts_by_the_name_of_their_company(owner: Owner, query: str) -> None:
    cache(
        owner,
        remote(1, lastname="Abel", associatedcompanyid="70"),
        remote(2, lastname="Abel", associatedcompanyid="71"),
        remote(3, lastname="Abel"),
    )
    cache_companies(owner, works())
    cache_companies(new_user("ben@one.example").owner, RemoteCompany(71, "Works", None, None))
    found = contacts.listing(owner, Wanted(query=query))
    assert [row.hubspot_id for row in found.contacts] == [1]
    assert found.counts.hubspot == 1
