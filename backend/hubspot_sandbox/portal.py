"""One HubSpot account in memory: its people, its owners, its companies, its contacts and who works for whom.

`Portal` is the only writer. Every change is told to whoever watches, once and when it is done, so a reader that keeps
an old record (the search index) has the old values until it takes the new one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hubspot_sandbox import errors
from hubspot_sandbox.changes import Action, Association, Change
from hubspot_sandbox.kinds import COMPANY, CONTACT, Kind
from hubspot_sandbox.links import PRIMARY, Links
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.records import Company, Contact
from hubspot_sandbox.tables import BY_HAND, Table

HUB_NAME = "Brightmoor Supply"
HUB_DOMAIN = "brightmoor-supply.example"


@dataclass(frozen=True)
class Team:
    id: int
    name: str


@dataclass(frozen=True)
class Owner:
    id: int
    user_id: int | None  # a queue has none
    first_name: str
    last_name: str
    email: str
    type: str = "PERSON"  # or QUEUE
    teams: tuple[Team, ...] = ()  # the first is the primary one
    archived: bool = False

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


SALES = Team(8801, "Sales")


def person_named(key: str) -> Person | None:
    return next((person for person in PEOPLE if person.key == key), None)


def owner_of(person: Person) -> Owner | None:
    if person.owner_id is None:
        return None
    first, last = person.name.split(" ", 1)
    return Owner(person.owner_id, person.user_id, first, last, person.email, teams=(SALES,))


class Portal:
    """Its contacts go by their own names (`create`, `live_ids`); methods for companies say so."""

    def __init__(self, portal_id: int, clock: Clock, name: str = HUB_NAME, hub_domain: str = HUB_DOMAIN) -> None:
        self.id = portal_id
        self.clock = clock
        self.name = name
        self.hub_domain = hub_domain
        self.options: Callable[[], Options] = Options
        self.owners = {owner.id: owner for owner in map(owner_of, PEOPLE) if owner is not None}
        self.watchers: list[Callable[[Change], None]] = []
        self._contacts = Table(CONTACT, Contact, clock, portal_id, self._tell)
        self._companies = Table(COMPANY, Company, clock, portal_id, self._tell)
        self.links = Links(self._contacts, self._companies)

        self.load = self._contacts.load
        self.live = self._contacts.live
        self.find = self._contacts.find
        self.ids_from = self._contacts.ids_from
        self.create = self._contacts.create
        self.edit = self._contacts.edit
        self.archive = self._contacts.archive
        self.restore = self._contacts.restore
        self.find_by_email = partial(self._contacts.find_by, "email")
        self.load_companies = self._companies.load
        self.create_company = self._companies.create
        self.edit_company = self._companies.edit
        self.restore_company = self._companies.restore

    @property
    def contacts(self) -> Mapping[int, Contact]:
        """Archived ones too."""
        return self._contacts.records

    @property
    def live_ids(self) -> list[int]:
        return self._contacts.live_ids

    @property
    def archived_ids(self) -> list[int]:
        return self._contacts.archived_ids

    @property
    def companies(self) -> Mapping[int, Company]:
        """Archived ones too."""
        return self._companies.records

    @property
    def aliases(self) -> Mapping[int, int]:
        """The contacts' merged-away ids."""
        return self._contacts.aliases

    def table(self, kind: Kind) -> Table[Any]:
        return self._contacts if kind is CONTACT else self._companies

    def merge(self, primary_id: int, other_id: int, *, at_ms: int | None = None, source: str = BY_HAND) -> Contact:
        """Merge contacts. The new one works for the companies of both, first of all for the primary's."""
        both = [found for each in (primary_id, other_id) if (found := self.find(each)) is not None]
        companies = [company_id for contact in both for company_id in self.links.companies_of(contact)]
        name_merged_ids = not self.options().merged_object_ids_are_null_on_contacts
        merged = self._contacts.merge(primary_id, other_id, at_ms=at_ms, source=source, name_merged_ids=name_merged_ids)
        for gone in both:
            self.links.forget(gone)
        for company_id in companies:
            if company_id != self.links.primary_of(merged):
                self.links.add(merged.id, company_id)
        return merged

    def merge_companies(
        self, primary_id: int, other_id: int, *, at_ms: int | None = None, source: str = BY_HAND
    ) -> Company:
        """Merge companies. Each contact of the two is then edited: it works for the new one."""
        staff = {each: self.links.contacts_of(each) for each in (primary_id, other_id)}
        first_named = {each for company_id in staff for each in self.links.first_named_by(company_id)}
        merged = self._companies.merge(primary_id, other_id, at_ms=at_ms, source=source)
        for company_id, contact_ids in staff.items():
            for contact_id in contact_ids:
                self.links.drop(contact_id, company_id)
                if contact_id not in first_named:
                    self.links.add(contact_id, merged.id)
        for contact_id in sorted(first_named):
            self.edit(contact_id, {PRIMARY: str(merged.id)}, at_ms=at_ms, source=source)
        return merged

    def archive_company(self, company_id: int, *, at_ms: int | None = None, source: str = BY_HAND) -> Company:
        """Archive a company, which nobody works for any more. Restoring it brings nobody back."""
        if self._companies.find(company_id) is not None:
            for contact_id in self.links.contacts_of(company_id):
                self.dissociate(contact_id, company_id, at_ms=at_ms, source=source)
        return self._companies.archive(company_id, at_ms=at_ms, source=source)

    def gdpr_delete(self, contact_id: int, *, at_ms: int | None = None, source: str = BY_HAND) -> None:
        contact = self.contacts.get(contact_id)
        stays_listed = self.options().gdpr_deleted_are_listed_as_archived
        self._contacts.gdpr_delete(contact_id, at_ms=at_ms, source=source, stays_listed=stays_listed)
        if contact is not None:
            self.links.forget(contact)

    def associate(
        self,
        contact_id: int,
        company_id: int,
        *,
        primary: bool = True,
        at_ms: int | None = None,
        source: str = BY_HAND,
    ) -> None:
        """Join the two. A contact's first company becomes its primary one unasked."""
        contact = self._both(contact_id, company_id)
        has_primary = self.links.primary_of(contact)
        if primary or has_primary is None:
            found = Association(contact_id, company_id, primary=True)
            changes = {PRIMARY: str(company_id)}
            self.edit(contact_id, changes, at_ms=at_ms, source=source, action=Action.ASSOCIATE, association=found)
        elif company_id not in self.links.companies_of(contact):
            self.links.add(contact_id, company_id)
            self._tell_of(Action.ASSOCIATE, contact, company_id, at_ms, source)

    def dissociate(self, contact_id: int, company_id: int, *, at_ms: int | None = None, source: str = BY_HAND) -> None:
        """Part the two; nothing happens if they are apart. No other company takes the primary one's place."""
        contact = self._both(contact_id, company_id)
        if company_id == self.links.primary_of(contact):
            found = Association(contact_id, company_id, primary=True)
            changes = {PRIMARY: ""}
            self.edit(contact_id, changes, at_ms=at_ms, source=source, action=Action.DISSOCIATE, association=found)
        elif company_id in self.links.companies_of(contact):
            self.links.drop(contact_id, company_id)
            self._tell_of(Action.DISSOCIATE, contact, company_id, at_ms, source)

    def add_owner(self, name: str, *, queue: bool = False) -> Owner:
        first, _, last = name.partition(" ")
        number = len(self.owners) + 1
        address = ".".join("".join(c for c in name.lower() if c.isalnum() or c == " ").split())
        owner = Owner(710010 + number * 7, 50110020 + number * 11, first, last, f"{address}@{self.hub_domain}")
        self.owners[owner.id] = replace(owner, type="QUEUE", user_id=None, email="") if queue else owner
        return self.owners[owner.id]

    def archive_owner(self, owner_id: int) -> Owner:
        """Take an owner's seat away; contacts go on naming it."""
        self.owners[owner_id] = replace(self.owners[owner_id], archived=True)
        return self.owners[owner_id]

    def _both(self, contact_id: int, company_id: int) -> Contact:
        contact = self.find(contact_id)
        if contact is None or self._companies.find(company_id) is None:
            raise errors.not_found()
        return contact

    def _tell_of(self, action: Action, contact: Contact, company_id: int, at_ms: int | None, source: str) -> None:
        """Tell of a company that is not the primary one: the contact stays as it is, and so does its last change."""
        found = Association(contact.id, company_id, primary=False)
        now_ms = self.clock.now_ms() if at_ms is None else at_ms
        self._tell(Change(action, now_ms, CONTACT.id, contact.id, contact, contact, association=found, source=source))

    def _tell(self, change: Change) -> None:
        self.links.take(change)
        for watcher in self.watchers:
            watcher(change)
