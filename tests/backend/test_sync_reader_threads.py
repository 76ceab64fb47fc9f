"""Reading over the real sandbox with real concurrency: as many requests at once as outside of tests."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from callbook import hubspot as hubspot_
from callbook.hubspot import Page
from callbook.models import connected
from callbook.sync.reader import LIST_HEADS, SEARCH_HEADS
from tests.backend.pretended import ids_in, read
from tests.backend.syncing import Engine, until


@pytest.fixture
def concurrent(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr("callbook.sync.reader.LIST_HEADS", LIST_HEADS)
    monkeypatch.setattr("callbook.sync.reader.SEARCH_HEADS", SEARCH_HEADS)
    yield engine
    engine.hubspot.clear_faults()


@pytest.mark.parametrize("hubspot", [470], indirect=True)
@pytest.mark.parametrize("seeks", ["sought", "refused", "ignored"])
@pytest.mark.usefixtures("small_pages")
def test_a_full_run_with_many_requests_at_once_equals_hubspot(concurrent: Engine, seeks: str) -> None:
    concurrent.hubspot.change_options(unknown_after=seeks)
    run = concurrent.synced()
    assert (run.read, run.added) == (470, 470)
    concurrent.assert_equal()


@pytest.mark.parametrize("hubspot", [470], indirect=True)
@pytest.mark.parametrize("order", ["created", "newest_first", "shuffled"])
@pytest.mark.usefixtures("small_pages")
def test_whatever_the_order_of_the_list(concurrent: Engine, order: str) -> None:
    concurrent.hubspot.change_options(list_order=order)
    concurrent.synced()
    concurrent.assert_equal()
    concurrent.hubspot.archive(concurrent.hubspot.portal.live_ids[77])
    concurrent.synced()
    concurrent.assert_equal()


@pytest.mark.parametrize("hubspot", [470], indirect=True)
@pytest.mark.usefixtures("small_pages")
def test_search_a_little_out_of_order_loses_nothing(concurrent: Engine) -> None:
    concurrent.hubspot.change_options(search_slack_ms=500, unknown_after="refused")
    concurrent.synced()
    concurrent.assert_equal()


@pytest.mark.parametrize("hubspot", [470], indirect=True)
@pytest.mark.parametrize("seeks", ["sought", "refused"])
@pytest.mark.usefixtures("small_pages")
def test_with_changes_between_pages_everywhere(concurrent: Engine, seeks: str) -> None:
    ids = concurrent.hubspot.portal.live_ids
    concurrent.hubspot.change_options(unknown_after=seeks)
    for skip, operations in enumerate(
        [
            [{"action": "edit", "ids": ids[10:200:9], "properties": {"firstname": "Changed"}}],
            [{"action": "archive", "ids": ids[5:400:50]}, {"action": "create", "properties": {"firstname": "New"}}],
            [{"action": "merge", "ids": [ids[301], ids[21]]}, {"action": "gdpr_delete", "ids": [ids[44]]}],
            [{"action": "create", "properties": {"firstname": "Newer"}}, {"action": "restore", "ids": [ids[5]]}],
        ]
    ):
        concurrent.hubspot.fault("list", skip=3 * skip + 1, operations=operations)
        concurrent.hubspot.fault("search", skip=2 * skip + 2, operations=[{"action": "create"}])
    concurrent.synced()
    concurrent.synced()
    concurrent.assert_equal()


@pytest.mark.parametrize("hubspot", [470], indirect=True)
@pytest.mark.parametrize("kind", ["repeated_page", "empty_page", "unordered", "after_ignored", "truncated", "cut"])
@pytest.mark.usefixtures("small_pages")
def test_with_pages_that_lie_or_break_off(concurrent: Engine, kind: str) -> None:
    concurrent.hubspot.fault("list", kind=kind, skip=4, times=1)
    concurrent.synced()
    concurrent.assert_equal()


@pytest.mark.parametrize("hubspot", [940], indirect=True)
@pytest.mark.usefixtures("small_pages")
def test_while_pages_are_stored_the_next_are_read_and_all_are_given_out(concurrent: Engine) -> None:
    concurrent.hubspot.latency(150)
    stride = concurrent.take()
    concurrent.until(stride, "list")
    with connected():
        reader = stride.reading(concurrent.row(stride.claim.run_id))
        first = reader.pages()
        left = reader.course.kept()
        in_hand = concurrent.served() + LIST_HEADS + SEARCH_HEADS
        until(lambda: concurrent.served() > in_hand + 5, "more was read")
        assert reader.course.kept() == left, "and a checkpoint does not speak of it"
        assert ids_in([*first, *read(reader)]) == concurrent.hubspot.portal.live_ids
        assert reader.course.tiling.done


@pytest.mark.parametrize("hubspot", [940], indirect=True)
@pytest.mark.usefixtures("small_pages")
def test_what_no_request_may_raise_comes_through_from_a_thread(
    concurrent: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    concurrent.hubspot.latency(150)
    stride = concurrent.take()
    concurrent.until(stride, "list")
    with connected():
        reader = stride.reading(concurrent.row(stride.claim.run_id))
        reader.pages()
        monkeypatch.setattr(hubspot_, "list_page", _broken)
        with pytest.raises(ZeroDivisionError):
            read(reader)


def _broken(*_: Any, **__: Any) -> Page:
    raise ZeroDivisionError


def test_the_first_page_does_not_wait_for_what_says_where_the_rest_lies(
    concurrent: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = hubspot_.sample

    def late(client: hubspot_.Client) -> tuple[int, list[int]]:
        until(lambda: concurrent.served() > 0, "a page was asked for")
        return sample(client)

    monkeypatch.setattr(hubspot_, "sample", late)
    concurrent.synced()
    concurrent.assert_equal()


def test_no_thread_is_left_when_all_is_read(concurrent: Engine) -> None:
    concurrent.synced()
    assert not [each for each in threading.enumerate() if each.name == "hubspot-reader"]
