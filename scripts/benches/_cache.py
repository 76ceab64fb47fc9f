"""A user's cache filled without HubSpot: the sandbox's contacts and companies, written as a run writes them."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from bench import say
from callbook import contacts
from callbook.hubspot import PROPERTIES, RemoteCompany, RemoteContact
from callbook.models import EPOCH, Owner, User, connected, now, transaction
from hubspot_sandbox.generate import generate, generate_companies
from hubspot_sandbox.records import Contact

PAGE = 500
SEED = 7
HUBSPOT_OWNERS = ("101", "102", "103")
REGION = "US"


def new_user() -> Owner:
    """A user of the connected database; nobody has authorized."""
    number = User.select().count() + 1
    who = {"portal_id": 1, "hubspot_user_id": number, "portal_name": "One", "ui_domain": "app.hubspot.com"}
    user: User = User.create(**who, portal_region=REGION, last_seen_at=now(), created_at=now())
    return user.owner


def fill(owner: Owner, count: int) -> None:
    with connected():
        companies = list(generate_companies(count, SEED))
        found = generate(count, SEED, HUBSPOT_OWNERS, companies)
        for done in range(0, count, PAGE):
            with transaction():
                contacts.apply(owner, [_remote(each) for each in islice(found, PAGE)], REGION)
            say(f"{done:,} of {count:,} contacts written")
        names = [RemoteCompany(each.id, *map(each.properties.get, ("name", "phone", "country"))) for each in companies]
        for start in range(0, len(names), PAGE):
            page = names[start : start + PAGE]
            with transaction():
                contacts.keep_companies(owner, [each.id for each in page], page, REGION)


def _remote(contact: Contact) -> RemoteContact:
    read = {name: value for name, value in contact.properties.items() if name in PROPERTIES}
    modified_at = EPOCH + timedelta(milliseconds=contact.modified_at_ms)
    return RemoteContact(contact.id, read, modified_at, datetime.now(UTC), primary=True)
