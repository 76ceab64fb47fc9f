"""Invented contacts and their companies, the same for the same seed: names of many languages, numbers as people type
them.

Faker fills a small pool per language once; a contact is then drawn from the pools, so a hundred thousand take seconds.
"""

import gc
import random
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from faker import Faker

from hubspot_sandbox.kinds import COMPANY
from hubspot_sandbox.moments import iso, to_ms
from hubspot_sandbox.phone_forms import Country, any_country, happens, typed_number
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.records import Company, Contact, pack

OWNERS = ("Priya Raman", "Marcus Feld", "Aiko Tanaka", "Luca Moretti", "Grace Okafor", "Tomasz Zielinski")
FIRST_AT_MS = to_ms(datetime(2019, 3, 1, tzinfo=UTC))
LAST_AT_MS = to_ms(datetime(2026, 9, 30, tzinfo=UTC))  # fixed, so that the same seed gives the same contacts
PROVIDERS = ["faker.providers.person", "faker.providers.company", "faker.providers.job"]
STAGES = ("subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer")
STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED")


CONTACTS_A_COMPANY = 6  # so many of the portal's contacts to one of its companies


@dataclass(frozen=True)
class Pool:
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    companies: tuple[str, ...]
    jobs: tuple[str, ...]


@cache
def pool(locale: str) -> Pool:
    fake = Faker(locale, providers=PROVIDERS)
    fake.seed_instance(locale)
    return Pool(
        tuple(fake.first_name() for _ in range(200)),
        tuple(fake.last_name() for _ in range(300)),
        tuple(fake.company() for _ in range(80)),
        tuple(fake.job() for _ in range(60)),
    )


def fill(portal: Portal, count: int, seed: int) -> None:
    for name in OWNERS:
        portal.add_owner(name)
    with _no_garbage():
        companies = list(generate_companies(count, seed))
        portal.load_companies(companies)
        portal.load(generate(count, seed, [str(owner_id) for owner_id in portal.owners], companies))


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Do not look for garbage among a million records that all stay: it takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def generate_companies(contacts: int, seed: int) -> Iterator[Company]:
    """Give the companies of a portal of so many contacts: most with a main line, few with one that is easy to read."""
    rng = random.Random(f"companies of {seed}")
    company_id = COMPANY.first_id
    for _ in range(-(-contacts // CONTACTS_A_COMPANY)):
        company_id += rng.choice((1, 50, 100, 1201, rng.randint(2_000, 90_000)))
        country = any_country(rng)
        name = rng.choice(pool(country.locale).companies)
        chosen = {
            "name": name if happens(rng, 0.98) else "",
            "domain": f"{_ascii(name)[:24] or 'company'}.example",
            "country": country.names[0],
            "phone": typed_number(rng, country, mobile=False).text if happens(rng, 0.75) else "",
        }
        created_at_ms, modified_at_ms = _moments(rng, rng.random())
        yield Company(company_id, pack(chosen), created_at_ms, modified_at_ms)


def generate(count: int, seed: int, owner_ids: Sequence[str], companies: Sequence[Company] = ()) -> Iterator[Contact]:
    """Who works where, and when they were last spoken to, is drawn apart from the rest, and changes nothing of it."""
    rng, apart = random.Random(seed), random.Random(f"employments of {seed}")
    employers = _by_country(companies)
    contact_id = 0
    for number in range(count):
        contact_id += _gap(rng, number, count)
        country = any_country(rng)
        created_at_ms, modified_at_ms = _moments(rng, number / count)
        employer = _employer(apart, employers.get(country.names[0], ()))
        properties = _properties(rng, country, number, owner_ids, employer)
        if happens(apart, 0.4):
            properties["notes_last_contacted"] = iso(apart.randint(created_at_ms, LAST_AT_MS))
        yield Contact(contact_id, pack(properties), created_at_ms, modified_at_ms)


def _by_country(companies: Sequence[Company]) -> Mapping[str, list[Company]]:
    found: dict[str, list[Company]] = {}
    for company in companies:
        found.setdefault(company.properties["country"], []).append(company)
    return found


def _employer(rng: random.Random, companies: Sequence[Company]) -> Company | None:
    return rng.choice(companies) if companies and happens(rng, 0.55) else None


def _gap(rng: random.Random, number: int, count: int) -> int:
    """Ids grow unevenly: 1, 51, ... at first, then leaps, and new numbering altogether in the account's later life."""
    if number == 0:
        return 1
    if number == count * 2 // 3:
        return 10**10
    if happens(rng, 0.01):
        return rng.randint(100_000, 5_000_000)
    return rng.choice((1, 1, 50, 50, 100, rng.randint(200, 5_000)))


def _moments(rng: random.Random, share: float) -> tuple[int, int]:
    span_ms = LAST_AT_MS - FIRST_AT_MS
    created_at_ms = FIRST_AT_MS + int(span_ms * min(1.0, share + rng.random() * 0.01))
    untouched = happens(rng, 0.3)
    return created_at_ms, created_at_ms if untouched else rng.randint(created_at_ms, LAST_AT_MS)


def _properties(
    rng: random.Random, country: Country, number: int, owner_ids: Sequence[str], employer: Company | None
) -> dict[str, str]:
    names = pool(country.locale)
    first, last = rng.choice(names.first_names), rng.choice(names.last_names)
    company = rng.choice(names.companies)
    if employer is not None:
        company = employer.properties.get("name", company)
    anonymous = happens(rng, 0.02)
    chosen = {
        "firstname": "" if anonymous or happens(rng, 0.03) else first,
        "lastname": "" if anonymous or happens(rng, 0.03) else last,
        "email": _email(first, last, company, number) if happens(rng, 0.9) else "",
        "company": company if happens(rng, 0.85) else "",
        "associatedcompanyid": "" if employer is None else str(employer.id),
        "jobtitle": rng.choice(names.jobs) if happens(rng, 0.65) else "",
        "country": rng.choice(country.names) if happens(rng, 0.7) else "",
        "hubspot_owner_id": rng.choice(owner_ids) if happens(rng, 0.85) else "",
        "lifecyclestage": rng.choice(STAGES) if happens(rng, 0.8) else "",
        "hs_lead_status": rng.choice(STATUSES) if happens(rng, 0.5) else "",
    }
    return chosen | _phones(rng, country)


def _phones(rng: random.Random, country: Country) -> dict[str, str]:
    """Give none to three numbers, with what HubSpot would have worked out of them."""
    found: dict[str, str] = {}
    if happens(rng, 0.72):
        phone = typed_number(rng, country, mobile=happens(rng, 0.3))
        found["phone"] = phone.text
        if phone.e164 is not None:
            found["hs_calculated_phone_number"] = phone.e164
            found["hs_calculated_phone_number_country_code"] = country.code
    if happens(rng, 0.38):
        mobile = typed_number(rng, country, mobile=True)
        found["mobilephone"] = mobile.text
        found["hs_calculated_mobile_number"] = mobile.e164 or ""
    if happens(rng, 0.07):
        found["hs_whatsapp_phone_number"] = typed_number(rng, country, mobile=True).text
    return found


def _email(first: str, last: str, company: str, number: int) -> str:
    local = ".".join(filter(None, (_ascii(first), _ascii(last)))) or "contact"
    return f"{local}{number}@{_ascii(company)[:24] or 'company'}.example"


@cache
def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if char.isascii() and char.isalnum())
