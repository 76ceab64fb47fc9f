"""The brake: a pass that would remove an implausible share stops and asks."""

import pytest

from tests.backend.people import keep_personal
from tests.backend.syncing import Engine, Json, Meddler


@pytest.mark.parametrize(("gone", "held_back"), [(46, False), (47, True), (229, True)])
def test_the_brake_holds_what_is_more_than_a_fifth(engine: Engine, *, gone: int, held_back: bool) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:gone]:
        engine.hubspot.archive(id_)
    run = engine.run("full")
    if held_back:
        assert (run.state, run.problem, run.removal_held, run.removed) == ("incomplete", "removal_held", gone, 0)
        assert len(engine.held()) == 230
    else:
        assert (run.state, run.removal_held, run.removed) == ("finished", 0, gone)


@pytest.mark.parametrize("hubspot", [100], indirect=True)
@pytest.mark.parametrize(("gone", "held_back"), [(25, False), (26, True)])
def test_the_brake_lets_few_go(engine: Engine, *, gone: int, held_back: bool) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:gone]:
        engine.hubspot.archive(id_)
    run = engine.run("full")
    assert (run.removal_held > 0) is held_back
    assert len(engine.held()) == (100 if held_back else 100 - gone)


@pytest.mark.parametrize("kind", ["full", "recent"])
def test_removals_that_were_held_are_made_when_accepted(engine: Engine, kind: str) -> None:
    mine = keep_personal(engine.owner, firstname="Mum")
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:100]:
        engine.hubspot.archive(id_)
    assert engine.run("recent").problem == "removal_held"
    assert engine.run(kind).problem == "removal_held"  # asking again is not accepting
    run = engine.run(kind, accept=True)
    assert (run.state, run.problem, run.removed, run.removal_held) == ("finished", None, 100, 0)
    assert [row.id for row in engine.rows() if row.source == "personal" and row.deleted_at is None] == [mine]
    engine.assert_equal()


def test_the_brake_holds_though_a_merge_has_just_removed_one(engine: Engine, meddler: Meddler) -> None:
    engine.synced()
    swallowed = engine.hubspot.portal.live_ids[0]
    for id_ in engine.hubspot.portal.live_ids[:100]:
        engine.hubspot.archive(id_)
    survivor = engine.hubspot.create(firstname="Survivor").id

    def merged(body: Json) -> Json:
        for each in body["results"]:
            if int(each["id"]) == survivor:
                each["properties"]["hs_merged_object_ids"] = str(swallowed)
        return body

    meddler.every("search", merged)
    run = engine.run("recent")
    assert (run.state, run.problem, run.removed, run.removal_held) == ("incomplete", "removal_held", 1, 99)
    assert len(engine.held()) == 230


def test_more_rows_go_than_one_transaction_takes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbook.hubspot.BATCH_LIMIT", 30)
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[20:220]:
        engine.hubspot.archive(id_)
    run = engine.run("full", accept=True)
    assert (run.state, run.removed) == ("finished", 200)
    engine.assert_equal()
