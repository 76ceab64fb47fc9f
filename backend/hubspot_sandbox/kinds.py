"""The kinds of object the portal has, each described once: the names it answers to, what comes back of it unasked, and
the scopes that open it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hubspot_sandbox import errors
from hubspot_sandbox.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES, SEARCHED_BY_QUERY, Property
from hubspot_sandbox.records import Company, Contact, Record

CONTACTS_READ = "crm.objects.contacts.read"
CONTACTS_WRITE = "crm.objects.contacts.write"
CONTACTS_SCHEMA = "crm.schemas.contacts.read"
COMPANIES_READ = "crm.objects.companies.read"
COMPANIES_WRITE = "crm.objects.companies.write"
COMPANIES_SCHEMA = "crm.schemas.companies.read"


@dataclass(frozen=True)
class Kind:
    id: str
    singular: str
    plural: str
    record: type[Record]
    properties: Mapping[str, Property]  # of a new portal
    always: tuple[str, ...]  # properties that come back even if not asked for
    defaults: tuple[str, ...]  # properties that come back if none are asked for
    searched_by_query: tuple[str, ...]
    read_scope: str
    write_scope: str
    schema_scope: str
    first_id: int

    @property
    def names(self) -> tuple[str, ...]:
        return self.plural, self.singular, self.id


CONTACT = Kind(
    id="0-1",
    singular="contact",
    plural="contacts",
    record=Contact,
    properties=CONTACT_PROPERTIES,
    always=("createdate", "hs_object_id", "lastmodifieddate"),
    defaults=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    searched_by_query=SEARCHED_BY_QUERY,
    read_scope=CONTACTS_READ,
    write_scope=CONTACTS_WRITE,
    schema_scope=CONTACTS_SCHEMA,
    first_id=0,
)
COMPANY = Kind(
    id="0-2",
    singular="company",
    plural="companies",
    record=Company,
    properties=COMPANY_PROPERTIES,
    always=("createdate", "hs_lastmodifieddate", "hs_object_id"),
    defaults=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    searched_by_query=("website", "phone", "name", "domain"),
    read_scope=COMPANIES_READ,
    write_scope=COMPANIES_WRITE,
    schema_scope=COMPANIES_SCHEMA,
    first_id=9_000_000_001,  # companies are numbered apart from contacts
)
KINDS = (CONTACT, COMPANY)
_NAMED = {name: kind for kind in KINDS for name in kind.names}


def kind_named(name: str) -> Kind:
    """Find a kind by its name, singular or plural, or by its id. Raises `Refused`."""
    kind = _NAMED.get(name.lower())
    if kind is None:
        raise errors.validation(f"Unable to infer object type from: {name}")
    return kind
