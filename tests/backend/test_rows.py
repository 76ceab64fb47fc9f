"""The layer through which rows are reached: many are added by one statement and asked for by one parameter, on both
databases alike; and the statements of every page find their index.
"""

from collections.abc import Callable
from typing import Any

import pytest

from callbook import calls, contacts
from callbook.contacts import store
from callbook.models import (
    Contact,
    Owner,
    Phone,
    PreparedQuery,
    among,
    database,
    from_ms,
    transaction,
    tuples,
)
from callbook.models.rows import LOTS
from tests.backend import databases
from tests.backend.people import new_user, remote

MANY = 2 * LOTS[0] + 1
BIG = 2**62
RUN = 7

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ann(database: None) -> Owner:  # noqa: ARG001 - the tables
    return new_user().owner


def row(hubspot_id: int, **changed: object) -> dict[str, object]:
    empty = {"source": "hubspot", "name": "", "sort_key": "9", "letter": "#", "search_text": "", "seq": hubspot_id}
    moments = {"read_at": from_ms(1), "modified_at": None}
    return {
        "hubspot_id": hubspot_id,
        **empty,
        **moments,
        "properties": {},
        "has_number": False,
        "primary": True,
        **changed,
    }


def test_more_rows_than_a_statement_takes_are_added_and_each_is_told(ann: Owner) -> None:
    told = Contact.of(ann).add([row(id_) for id_ in range(1, MANY + 1)], "id", "hubspot_id")
    assert sorted(hubspot_id for _, hubspot_id in told) == list(range(1, MANY + 1))
    assert sorted(told) == sorted(tuples(Contact.of(ann).select(Contact.id, Contact.hubspot_id)))


def test_any_number_of_rows_is_added_by_few_kinds_of_statements(ann: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: set[str] = set()
    kind = type(database.obj)
    execute = kind.execute_sql

    def noted(self: Any, statement: str, *args: Any, **options: Any) -> Any:
        kinds.update([statement] if statement.startswith("INSERT") else [])
        return execute(self, statement, *args, **options)

    monkeypatch.setattr(kind, "execute_sql", noted)
    counts = [1, 3, 20, 77, 101, 333]
    for start, count in enumerate(counts):
        assert len(Contact.of(ann).add([row(id_) for id_ in range(start * 1000, start * 1000 + count)], "id")) == count
    assert Contact.of(ann).select().count() == sum(counts)
    assert 1 <= len(kinds) <= len(LOTS)


def test_what_is_added_reads_back_as_it_was(ann: Owner) -> None:
    properties = {"firstname": 'Žofia "Zo" \\ %s ?', "note": "a\nb\t\u2028 😀"}
    given = row(BIG, properties=properties, modified_at=from_ms(1_767_225_600_123), name="O'Neil", has_number=True)
    Contact.of(ann).add([given])
    held = Contact.of(ann).select().get()
    assert {name: getattr(held, name) for name in given} == given
    assert (held.user_id, held.epoch, held.company, held.absent_run) == (ann.id, ann.epoch, None, None)


def test_nothing_is_added_of_nothing(ann: Owner) -> None:
    assert Phone.of(ann).add([], "id") == []
    assert not Phone.of(ann).select().exists()


def test_many_rows_are_changed_at_once_each_as_it_is_told_and_no_other(ann: Owner) -> None:
    ben = new_user("ben@one.example").owner
    for owner in (ann, ben):
        Contact.of(owner).add([row(id_, company="Before") for id_ in range(1, MANY + 1)])
    mine = dict(tuples(Contact.of(ann).select(Contact.hubspot_id, Contact.id)))
    bens = dict(tuples(Contact.of(ben).select(Contact.hubspot_id, Contact.id)))
    changed = {id_: f'%s ? "{id_}" \\ Žofia' for id_ in range(2, MANY)}
    news = {mine[id_]: {"company": name, "properties": {"company": name}} for id_, name in changed.items()}
    Contact.of(ann).change({**news, bens[1]: {"company": "not hers", "properties": {}}})
    held = {each.hubspot_id: each for each in Contact.of(ann).select()}
    assert {id_: each.company for id_, each in held.items()} == {1: "Before", MANY: "Before", **changed}
    assert all(held[id_].properties == {"company": name} for id_, name in changed.items())
    assert {company for (company,) in tuples(Contact.of(ben).select(Contact.company))} == {"Before"}


def test_nothing_is_changed_of_nothing(ann: Owner) -> None:
    Contact.of(ann).change({})
    assert not Contact.of(ann).select().exists()


def test_a_query_whose_text_is_made_once_asks_for_whom_and_for_what_it_is_given(ann: Owner) -> None:
    ben, made = new_user().owner, list[Owner]()

    def named(owner: Owner, ids: list[int], names: list[str]) -> Any:
        made.append(owner)
        listed = among(Contact.hubspot_id, ids) & (among(Contact.name, names) | (Contact.letter == "?"))
        return Contact.of(owner).select(Contact.hubspot_id).where(listed)

    prepared = PreparedQuery(named)
    for owner, shift in ((ann, 0), (ben, 10)):
        Contact.of(owner).add([row(shift + n, name=f"N{n}", letter="?" if n == 3 else "N") for n in range(1, 6)])
    older = Owner(ann.id, ann.epoch - 1)
    asked = [1, 2, 3, 11, 12, 13]
    found = [sorted(prepared.rows(owner, asked, ["N1", "N5", "'--"])) for owner in (ann, ben, older)]
    assert found == [[(1,), (3,)], [(11,), (13,)], []]
    assert prepared.rows(ann, [], ["N1"]) == []
    assert sorted(prepared.rows(ann, [4, 5], ["N4", "N5"])) == [(4,), (5,)]
    assert len(made) == 1


@pytest.mark.parametrize("asked", [[], [1], [1, 3, 4], [BIG, 1], range(10_000)])
def test_any_number_of_ids_may_be_asked_for(ann: Owner, asked: list[int]) -> None:
    Contact.of(ann).add([row(id_) for id_ in (1, 2, 3, BIG)])
    mine = Contact.of(ann).select(Contact.hubspot_id)
    assert {id_ for (id_,) in tuples(mine.where(among(Contact.hubspot_id, asked)))} == {1, 2, 3, BIG} & set(asked)
    assert {id_ for (id_,) in tuples(mine.where(~among(Contact.hubspot_id, asked)))} == {1, 2, 3, BIG} - set(asked)


@databases.embedded_only
@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (lambda ann: contacts.absent_count(ann, RUN), "contacts_absent"),
        (contacts.alive_count, "contacts_tally"),
        (lambda ann: contacts.mark_absent(ann, 5, 9, [6], RUN), "contacts_remote"),
        (lambda ann: contacts.mark_absent(ann, 5, None, [6], RUN), "contacts_remote"),
        (lambda ann: contacts.tombstones(ann, [1, 2]), "contacts_remote"),
        (lambda ann: calls.newest_with(ann, ["+12015550132"]), "calls_number"),
    ],
)
def test_what_is_asked_often_is_answered_from_its_index(
    ann: Owner, statement: Callable[[Owner], object], index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, object]] = []
    execute = database.obj.execute_sql

    def overheard(sql: str, params: Any = None) -> Any:
        asked.append((sql, params))
        return execute(sql, params)

    monkeypatch.setattr(database.obj, "execute_sql", overheard)
    statement(ann)
    ((sql, params),) = [each for each in asked if each[0].startswith(("SELECT", "UPDATE"))]
    plan = execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
    assert any(f"INDEX {index} " in step[-1] for step in plan)


@pytest.mark.skipif(databases.KIND == "sqlite", reason="SQLite plans without counting")
def test_postgresql_counts_the_contacts_while_they_come(ann: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COUNTED_AT", (6,))
    for first in (1, 6):
        with transaction():
            contacts.apply(ann, [remote(BIG + id_) for id_ in range(first, first + 5)], "US")
    counted = "SELECT histogram_bounds::text FROM pg_stats WHERE schemaname = current_schema()"
    ((bounds,),) = database.execute_sql(f"{counted} AND tablename = 'contacts' AND attname = 'hubspot_id'").fetchall()
    assert bounds == f"{{{','.join(str(BIG + id_) for id_ in range(1, 11))}}}"
