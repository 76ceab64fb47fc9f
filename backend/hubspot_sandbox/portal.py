"""One HubSpot account in memory: its people, its owners, its companies and its contacts.

A contact never changes: an edit puts a new `Contact` in its place and tells whoever watches, so a reader that keeps
the old one (the search index) has the old values until it takes the new one. `Portal` is the only writer.
"""

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hubspot_sandbox import errors
from hubspot_sandbox.moments import Clock, iso
from hubspot_sandbox.properties import CALCULATED_FROM, COMPANY_PROPERTIES, CONTACT_PROPERTIES, Property

HUB_NAME = "Brightmoor Supply"
FIRST_COMPANY_ID = 9_000_000_001  # companies are numbered apart from contacts
HUB_DOMAIN = "brightmoor-supply.example"


@dataclass(frozen=True, slots=True)
class Contact:
    id: int
    properties: Mapping[str, str]  # only what is set; ids and dates are fields of their own
    created_at_ms: int
    modified_at_ms: int
    archived_at_ms: int | None = None

    def value(self, name: str) -> str | None:
        if name == "hs_object_id":
            return str(self.id)
        if name == "createdate":
            return iso(self.created_at_ms)
        if name == "lastmodifieddate":
            return iso(self.modified_at_ms)
        return self.properties.get(name)


@dataclass(frozen=True, slots=True)
class Company:
    id: int
    properties: Mapping[str, str]  # only what is set
    created_at_ms: int
    modified_at_ms: int


@dataclass(frozen=True)
class Owner:
    id: int
    user_id: int
    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class Person:
    """Somebody who can be signed in at the consent page."""

    key: str
    name: str
    role: str
    email: str
    user_id: int
    owner_id: int | None
    may_install: bool


PEOPLE = (
    Person("admin", "Dana Whitlock", "Super Admin", f"dana.whitlock@{HUB_DOMAIN}", 50110021, 710011, may_install=True),
    Person(
        "rep",
        "Sam Ortiz",
        "sales rep with App Marketplace access",
        f"sam.ortiz@{HUB_DOMAIN}",
        50110022,
        710012,
        may_install=True,
    ),
    Person(
        "rep-without-access",
        "Robin Vale",
        "sales rep without App Marketplace access",
        f"robin.vale@{HUB_DOMAIN}",
        50110023,
        None,
        may_install=False,
    ),
)


def person_named(key: str) -> Person | None:
    return next((person for person in PEOPLE if person.key == key), None)


def owner_of(person: Person) -> Owner | None:
    if person.owner_id is None:
        return None
    first, last = person.name.split(" ", 1)
    return Owner(person.owner_id, person.user_id, first, last, person.email)


@dataclass
class Portal:
    id: int
    clock: Clock
    name: str = HUB_NAME
    hub_domain: str = HUB_DOMAIN
    contacts: dict[int, Contact] = field(default_factory=dict)  # archived ones too
    live_ids: list[int] = field(default_factory=list)  # ascending
    archived_ids: list[int] = field(default_factory=list)  # ascending
    owners: dict[int, Owner] = field(default_factory=dict)
    companies: dict[int, Company] = field(default_factory=dict)  # ascending
    watchers: list[Callable[[Contact], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_email: dict[str, int] = {}
        self._gaps = random.Random(self.id)
        for owner in map(owner_of, PEOPLE):
            if owner is not None:
                self.owners[owner.id] = owner

    def load(self, contacts: Iterable[Contact]) -> None:
        """Take many contacts at once, before anybody watches."""
        for contact in contacts:
            self.contacts[contact.id] = contact
            if email := contact.properties.get("email"):
                self._by_email.setdefault(email.lower(), contact.id)
        self.live_ids = sorted(self.contacts)

    def load_companies(self, companies: Iterable[Company]) -> None:
        self.companies = {company.id: company for company in sorted(companies, key=lambda each: each.id)}

    def create_company(self, properties: Mapping[str, str | None]) -> Company:
        now_ms = self.clock.now_ms()
        company_id = max(self.companies, default=FIRST_COMPANY_ID) + self._gaps.choice((1, 50, 1201))
        self.companies[company_id] = Company(company_id, self._checked_company(properties), now_ms, now_ms)
        return self.companies[company_id]

    def edit_company(self, company_id: int, properties: Mapping[str, str | None]) -> Company:
        """Change properties; "" and None clear one. A contact's own text for its company stays as it is."""
        company = self.companies.get(company_id)
        if company is None:
            raise errors.not_found()
        merged = {**company.properties, **self._checked_company(properties)}
        kept = {name: value for name, value in merged.items() if value}
        self.companies[company_id] = replace(company, properties=kept, modified_at_ms=self.clock.now_ms())
        return self.companies[company_id]

    def add_owner(self, name: str) -> Owner:
        first, _, last = name.partition(" ")
        number = len(self.owners) + 1
        address = ".".join("".join(c for c in name.lower() if c.isalnum() or c == " ").split())
        owner = Owner(710010 + number * 7, 50110020 + number * 11, first, last, f"{address}@{self.hub_domain}")
        self.owners[owner.id] = owner
        return owner

    def live(self) -> Iterator[Contact]:
        return (self.contacts[contact_id] for contact_id in self.live_ids)

    def find(self, contact_id: int, *, archived: bool = False) -> Contact | None:
        contact = self.contacts.get(contact_id)
        if contact is None or (contact.archived_at_ms is not None) != archived:
            return None
        return contact

    def find_by_email(self, email: str) -> Contact | None:
        contact_id = self._by_email.get(email.lower())
        return None if contact_id is None else self.find(contact_id)

    def ids_from(self, after: int, *, archived: bool = False) -> tuple[list[int], int]:
        """Give the ascending ids and where in them `after`, an inclusive lower bound, begins."""
        ids = self.archived_ids if archived else self.live_ids
        return ids, bisect_left(ids, after)

    def create(self, properties: Mapping[str, str | None], *, at_ms: int | None = None) -> Contact:
        values = self._checked(properties, contact_id=None)
        now_ms = self.clock.now_ms() if at_ms is None else at_ms
        last_id = max(self.live_ids[-1:] + self.archived_ids[-1:], default=0)
        contact = Contact(last_id + self._gaps.choice((1, 50, 50, 100, 1201)), {}, now_ms, now_ms)
        self.live_ids.append(contact.id)
        return self._store(replace(contact, properties=_merged({}, values)))

    def edit(self, contact_id: int, properties: Mapping[str, str | None], *, at_ms: int | None = None) -> Contact:
        """Change properties; "" and None clear one. `at_ms` is the moment of the change, now by default."""
        contact = self._live(contact_id)
        values = self._checked(properties, contact_id)
        modified_at_ms = self.clock.now_ms() if at_ms is None else at_ms
        merged = _merged(contact.properties, values)
        return self._store(replace(contact, properties=merged, modified_at_ms=modified_at_ms))

    def archive(self, contact_id: int) -> Contact:
        contact = self._live(contact_id)
        ids, position = self.ids_from(contact_id)
        del ids[position]
        insort(self.archived_ids, contact_id)
        return self._store(replace(contact, archived_at_ms=self.clock.now_ms()))

    def _live(self, contact_id: int) -> Contact:
        contact = self.find(contact_id)
        if contact is None:
            raise errors.not_found()
        return contact

    def _store(self, contact: Contact) -> Contact:
        before = self.contacts.get(contact.id)
        if before is not None and self._by_email.get(before.properties.get("email", "").lower()) == contact.id:
            del self._by_email[before.properties["email"].lower()]
        email = contact.properties.get("email", "").lower()
        if email and contact.archived_at_ms is None:
            self._by_email.setdefault(email, contact.id)
        self.contacts[contact.id] = contact
        for watcher in self.watchers:
            watcher(contact)
        return contact

    def _checked(self, properties: Mapping[str, str | None], contact_id: int | None) -> dict[str, str]:
        values = {name: value or "" for name, value in properties.items()}
        self._refuse_unfit(values, CONTACT_PROPERTIES)
        holder = self._by_email.get(values.get("email", "").lower())
        if holder is not None and holder != contact_id:
            raise errors.conflict(holder)
        return values

    def _checked_company(self, properties: Mapping[str, str | None]) -> dict[str, str]:
        values = {name: value or "" for name, value in properties.items()}
        self._refuse_unfit(values, COMPANY_PROPERTIES)
        return values

    def _refuse_unfit(self, values: Mapping[str, str], properties: Mapping[str, Property]) -> None:
        problems = [
            problem for name, value in values.items() if (problem := _problem(properties.get(name), name, value))
        ]
        if problems:
            raise errors.properties_invalid(problems, self.id)


def _problem(known: Property | None, name: str, value: str) -> dict[str, str] | None:
    if known is None:
        return {"name": name, "error": "PROPERTY_DOESNT_EXIST", "message": f'Property "{name}" does not exist'}
    if known.read_only:
        return {"name": name, "error": "READ_ONLY_VALUE", "message": f'"{name}" is a read only property'}
    if name == "email" and value and not _looks_like_email(value):
        return {"name": name, "error": "INVALID_EMAIL", "message": f"Email address {value} is invalid"}
    return None


def _looks_like_email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(local and at and "." in domain.strip(".")) and not any(c.isspace() for c in value)


def _merged(before: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    stale = {name for changed in changes for name in CALCULATED_FROM.get(changed, ())}
    kept = {name: value for name, value in before.items() if name not in stale}
    return {name: value for name, value in (kept | dict(changes)).items() if value}
