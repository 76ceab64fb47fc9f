"""Which contacts belong to which companies.

A contact's primary company is its property `associatedcompanyid` and nothing else, so that the two cannot disagree;
only further companies are kept here. Who works for a company is worked out when it is first asked, and kept up from
then on.
"""

from bisect import insort
from collections import defaultdict

from hubspot_sandbox.changes import Action, Change
from hubspot_sandbox.kinds import CONTACT
from hubspot_sandbox.records import Company, Contact, Record
from hubspot_sandbox.tables import Table

PRIMARY = "associatedcompanyid"
MAX_DIGITS = 19


class Links:
    def __init__(self, contacts: Table[Contact], companies: Table[Company]) -> None:
        self._contacts = contacts
        self._companies = companies
        self._further: dict[int, list[int]] = {}  # of a contact, companies that are not its primary one
        self._staff: dict[int, set[int]] | None = None  # of a company, the contacts it is the primary one of
        self._further_staff: defaultdict[int, set[int]] = defaultdict(set)

    def primary_of(self, contact: Record) -> int | None:
        """Give the primary company, where the property names one that exists."""
        text = contact.properties.get(PRIMARY, "")
        if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
            return None
        return int(text) if self._companies.find(int(text)) is not None else None

    def companies_of(self, contact: Record) -> list[int]:
        """Give a contact's companies, the primary one first."""
        primary = self.primary_of(contact)
        further = [each for each in self._further.get(contact.id, ()) if self._companies.find(each) is not None]
        return further if primary is None else [primary, *further]

    def contacts_of(self, company_id: int) -> list[int]:
        """Give the ids of a company's live contacts, ascending."""
        further = (each for each in self._further_staff[company_id] if self._contacts.find(each) is not None)
        return sorted({*self.first_named_by(company_id), *further})

    def first_named_by(self, company_id: int) -> list[int]:
        """Give the live contacts whose primary company it is."""
        if self._staff is None:
            self._staff = self._counted()
        return [each for each in self._staff.get(company_id, ()) if self._contacts.find(each) is not None]

    def add(self, contact_id: int, company_id: int) -> None:
        """Note a company beside the primary one."""
        further = self._further.setdefault(contact_id, [])
        if company_id not in further:
            insort(further, company_id)
            self._further_staff[company_id].add(contact_id)

    def drop(self, contact_id: int, company_id: int) -> None:
        further = self._further.get(contact_id, [])
        if company_id in further:
            further.remove(company_id)
            self._further_staff[company_id].discard(contact_id)

    def forget(self, contact: Record) -> None:
        """Drop a contact that is gone, merged away or deleted for good."""
        for company_id in self._further.pop(contact.id, ()):
            self._further_staff[company_id].discard(contact.id)
        self._follow(contact.id, self.primary_of(contact), None)

    def take(self, change: Change) -> None:
        """Follow a contact's property: the company it named before stays as a further one when another is named."""
        if change.kind != CONTACT.id or change.after is None:
            return
        if change.action is Action.MERGE:
            self._follow(change.id, None, self.primary_of(change.after))
        elif PRIMARY in change.properties:
            before = None if change.before is None else self.primary_of(change.before)
            self._follow(change.id, before, self.primary_of(change.after))

    def _follow(self, contact_id: int, before: int | None, after: int | None) -> None:
        if after is not None:
            self.drop(contact_id, after)
            if before is not None and before != after:
                self.add(contact_id, before)
        if self._staff is not None:
            if before is not None:
                self._staff.get(before, set()).discard(contact_id)
            if after is not None:
                self._staff.setdefault(after, set()).add(contact_id)

    def _counted(self) -> dict[int, set[int]]:
        staff: defaultdict[int, set[int]] = defaultdict(set)
        for contact in self._contacts.records.values():
            company_id = self.primary_of(contact)
            if company_id is not None:
                staff[company_id].add(contact.id)
        return staff
