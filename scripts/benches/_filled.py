"""Users with a cache, and no HubSpot behind it: rows of the shape that runs write, made once and copied for each user
within the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callbook import accounts, models
from callbook.models import Company, Contact, Owner, Phone, Table, User, connected, database, now, transaction
from callbook.models.connections import embedded
from callbook.settings import Settings

CHUNK = 2_000
SHARED_EVERY, SHARING = 100, 3  # of each hundred contacts three have one number besides their own
STAFF = 50  # contacts of a company that has a main line
NAMES = ("Bianca", "Omar", "Grace", "Žofia", "Ken", "Ines", "Lars", "Mina", "Tariq", "Ada")


@dataclass(frozen=True)
class Filled:
    """A user and their session."""

    owner: Owner
    token: str


def own_number(contact: int) -> str:
    return f"+1201{2_000_000 + contact}"


def shared_number(group: int) -> str:
    return f"+1212{2_000_000 + group}"


def company_line(company: int) -> str:
    return f"+1312{2_000_000 + company}"


def fill(settings: Settings, users: int, contacts: int) -> list[Filled]:
    """The database is there, and empty."""
    with connected():
        first, *others = [_user(number).owner for number in range(users)]
        for start in range(0, contacts, CHUNK):
            with transaction():
                _write(first, range(start, min(start + CHUNK, contacts)))
        with transaction():
            companies = range(contacts // STAFF)
            Company.of(first).add([_company(each) for each in companies])
        for shift, other in enumerate(others, 1):
            with transaction():
                _copy(first, other, shift)
        models.refresh_statistics()
        if not embedded():  # PostgreSQL would tidy up in the middle of what is measured
            database.execute_sql("VACUUM contacts, phones, companies")
        return [Filled(owner, accounts.open_session(settings, owner)) for owner in (first, *others)]


def _user(number: int) -> User:
    account = {"portal_id": 1, "hubspot_user_id": number, "portal_name": "One", "ui_domain": "app.hubspot.com"}
    return User.create(
        **account, email=f"rep{number}@one.example", portal_region="US", last_seen_at=now(), created_at=now()
    )


def _write(owner: Owner, which: Sequence[int]) -> None:
    ids = {hubspot: id_ for id_, hubspot in Contact.of(owner).add([_contact(n) for n in which], "id", "hubspot_id")}
    Phone.of(owner).add([phone for n in which for phone in _phones(n, ids[n])])


def _contact(n: int) -> dict[str, object]:
    first, last = NAMES[n % len(NAMES)], f"Contact{n:07}"
    name, company = f"{first} {last}", f"Company {n // STAFF}"
    properties = {"firstname": first, "lastname": last, "company": company, "mobilephone": own_number(n)}
    return {
        "source": "hubspot",
        "hubspot_id": n,
        "name": name,
        "company": company,
        "job_title": "Buyer",
        "email": f"c{n}@example.com",
        "properties": properties,
        "region": "US",
        "company_id": n // STAFF,
        "hubspot_owner_id": n % 20,
        "sort_key": f"1{last.lower()}\x01{first.lower()}",
        "letter": "C",
        "search_text": f"{name}\n{company}\n{own_number(n)[1:]}".lower(),
        "has_number": True,
        "modified_at": now(),
        "read_at": now(),
        "primary": True,
        "absent_run": None,
        "seq": n + 1,
        "deleted_at": None,
    }


def _phones(n: int, contact_id: int) -> Iterator[dict[str, object]]:
    numbers = {"mobilephone": own_number(n)}
    if n % SHARED_EVERY < SHARING:
        numbers["phone"] = shared_number(n // SHARED_EVERY)
    for position, (name, number) in enumerate(numbers.items()):
        yield {
            "contact_id": contact_id,
            "position": position,
            "property": name,
            "written": number,
            "e164": number,
            "extension": None,
        }


def _company(n: int) -> dict[str, object]:
    line = company_line(n)
    named = {"company_id": n, "name": f"Company {n}", "search_text": f"company {n}"}
    return {**named, "phone": line, "e164": line, "extension": None, "region": "US"}


def _copy(first: Owner, other: Owner, shift: int) -> None:
    """Ids rise by as much as there are of them, so that phones go on naming their contact."""
    step = Contact.select().where(Contact.user_id == first.id).order_by(Contact.id.desc()).get().id * shift
    for table in (Contact, Phone, Company):
        changed = {"id": None, "user_id": str(other.id), "epoch": str(other.epoch)}
        if table is not Contact:
            changed["contact_id"] = f"contact_id + {step}"
        else:
            changed["id"] = f"id + {step}"
        _insert_changed(table, first, changed)


def _insert_changed(table: type[Table], first: Owner, changed: dict[str, str | None]) -> None:
    names = [field.column_name for field in table._meta.sorted_fields]  # noqa: SLF001 - peewee's documented way to a table's fields
    values = {name: changed.get(name, f'"{name}"') for name in names}
    kept = {f'"{name}"': value for name, value in values.items() if value is not None}
    query = f'INSERT INTO "{table._meta.table_name}" ({", ".join(kept)}) SELECT {", ".join(kept.values())}'  # noqa: SLF001 - our own names
    database.execute_sql(f'{query} FROM "{table._meta.table_name}" WHERE user_id = {first.id} ORDER BY id')  # noqa: SLF001 - the same
