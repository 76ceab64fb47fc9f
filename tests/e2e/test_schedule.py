"""The automatic sync in the real browser, without a click: the moment of the next run comes in the server's own
timetable, whatever slept, stopped or was closed meanwhile, and one run comes of it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from callbook import models
from tests.e2e.chromium import TICK, ExtensionBrowser
from tests.e2e.rep import SYNC_WITHIN_S, Rep, rep_at_work, second_browser

CONTACTS = 30
SOON_MS = 1_500
NIGHT = timedelta(hours=9)
HOLIDAY = timedelta(days=8)
SECONDS = timedelta(seconds=1)


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync."""
    folder = tmp_path_factory.mktemp("schedule")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture(autouse=True)
def runs_before(rep: Rep) -> int:
    """How many runs there were, all of them over."""
    rep.wait_synced()
    return len(rep.runs())


def test_an_automatic_run_happens_without_a_click(rep: Rep, runs_before: int) -> None:
    newcomer = rep.portal.create(firstname="Otto", lastname="Matic")
    rep.make_sync_due()
    _wait_for_run(rep, runs_before + 1)
    _assert_automatic(rep, runs_before, added=1)
    _wait_until_heard(rep.browser, rep.runs()[-1].id)
    rep.wait_swept()
    assert len(rep.runs()) == runs_before + 1
    assert newcomer in {hubspot_id for hubspot_id, _ in rep.cached_properties().values()}


def test_a_sleeping_worker_is_woken_by_its_alarm_and_asks(rep: Rep, runs_before: int) -> None:
    """For a rep whom no browser has asked for in a week only a browser's question makes the run."""
    _fall_asleep(rep)
    rep.make_sync_due(late=NIGHT, unseen_for=HOLIDAY)
    rep.browser.wait_until(rep.browser.worker_runs, "the alarm to wake the worker")
    _wait_for_run(rep, runs_before + 1)
    _assert_automatic(rep, runs_before)
    rep.wait_swept()
    assert len(rep.runs()) == runs_before + 1


def test_while_the_server_was_stopped_nothing_ran_and_one_run_makes_up_for_it(rep: Rep, runs_before: int) -> None:
    with rep.stack.stopped():
        rep.make_sync_due(late=NIGHT)
        rep.portal.create(firstname="Nocturna", lastname="Night")
    _wait_for_run(rep, runs_before + 1)
    _assert_automatic(rep, runs_before, added=1)
    rep.wait_swept()
    assert len(rep.runs()) == runs_before + 1


def test_a_closed_browser_comes_back_signed_in_and_asks_once(rep: Rep, runs_before: int) -> None:
    with rep.browser.closed():
        rep.make_sync_due(late=HOLIDAY, unseen_for=HOLIDAY)
        rep.portal.create(firstname="Holly", lastname="Day")
        rep.wait_swept()
        assert len(rep.runs()) == runs_before, "nobody had asked"
    _wait_for_run(rep, runs_before + 1)
    _assert_automatic(rep, runs_before, added=1)
    popup = rep.browser.click_toolbar_icon(rep.browser.open(rep.page_url))
    popup.wait_for_text(re.compile(r"Synced just now\s*·\s*next in (20|19) min"))
    popup.type("searchbox", "Search contacts", "holly")
    popup.wait_for_text("Holly Day")
    rep.wait_swept()
    assert len(rep.runs()) == runs_before + 1


def test_a_day_with_the_browser_closed_goes_on_without_it(rep: Rep, runs_before: int) -> None:
    with rep.browser.closed():
        rep.make_sync_due(unseen_for=timedelta(hours=20))
        _wait_for_run(rep, runs_before + 1)
    _wait_until_heard(rep.browser, rep.runs()[-1].id)
    assert len(rep.runs()) == runs_before + 1


def test_five_minutes_by_choice(rep: Rep, runs_before: int) -> None:
    popup = rep.browser.click_toolbar_icon(rep.browser.open(rep.page_url))
    popup.click("button", "Sync HubSpot contacts")
    popup.click("radio", "Every 5 minutes")
    rep.browser.wait_until(lambda: rep.get("/api/settings")["interval_minutes"] == 5, "the server to know")
    popup.close()
    rep.make_sync_due()
    _wait_for_run(rep, runs_before + 1)
    _assert_automatic(rep, runs_before, minutes=5)
    _wait_until_heard(rep.browser, rep.runs()[-1].id)
    again = rep.browser.click_toolbar_icon(rep.browser.open(rep.page_url))
    again.wait_for_text(re.compile(r"next in [45] min"))


def test_two_browsers_of_one_rep_cause_one_run(rep: Rep, built_extension: Path, chromium: Path) -> None:
    with second_browser(rep, built_extension, chromium) as there:
        there.authorize(there.browser.open(rep.page_url))
        before = len(rep.runs())
        _fall_asleep(rep)
        _fall_asleep(there)
        rep.make_sync_due(late=NIGHT, unseen_for=HOLIDAY)
        for each in (rep, there):
            each.browser.wait_until(each.browser.worker_runs, "the alarm to wake the worker")
        _wait_for_run(rep, before + 1)
        newest = rep.runs()[-1].id
        for each in (rep, there):
            _wait_until_heard(each.browser, newest)
        rep.wait_swept()
        assert len(rep.runs()) == before + 1
        _assert_automatic(rep, before, minutes=rep.user().interval_minutes)


def test_signed_out_nothing_runs(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    _unauthorize(rep, page)
    rep.browser.wait_until(lambda: rep.rows_from_hubspot() == 0, "the contacts to be deleted")
    asked = rep.portal.asked("search"), rep.portal.asked("list")
    rep.make_sync_due(late=NIGHT)
    _fall_asleep(rep)
    rep.browser.wait_until(rep.browser.worker_runs, "the alarm to wake the worker")
    rep.wait_swept()
    assert rep.runs() == []
    assert (rep.portal.asked("search"), rep.portal.asked("list")) == asked
    rep.authorize(page)
    (first,) = rep.runs()
    assert (first.kind, first.trigger, first.state) == ("full", "first", "finished")
    assert rep.user().next_sync_at is not None


def _unauthorize(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text("Synced")
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    popup.click("button", "Unauthorize")
    popup.wait_for("button", "Authorize")


def _fall_asleep(rep: Rep) -> None:
    """The worker is dead, as Chromium leaves it when nothing happens; its alarm rings soon."""
    rep.browser.worker().evaluate(TICK % f"when: Date.now() + {SOON_MS}")
    rep.browser.kill_worker()


def _wait_for_run(rep: Rep, count: int) -> None:
    """Until there are so many runs, and the last one is over."""

    def over() -> bool:
        runs = rep.runs()
        return len(runs) >= count and runs[-1].finished_at is not None

    rep.stack.service.program.wait_until(over, "an automatic run", SYNC_WITHIN_S)


def _assert_automatic(rep: Rep, before: int, *, added: int = 0, minutes: int = 20) -> None:
    """Exactly one run came of it, and the next is planned from its end."""
    (run,) = rep.runs()[before:]
    assert (run.kind, run.trigger, run.state, run.problem) == ("recent", "automatic", "finished", None)
    assert run.added == added
    planned = rep.user().next_sync_at
    assert planned is not None
    assert run.finished_at is not None
    assert abs(planned - run.finished_at - timedelta(minutes=minutes)) < SECONDS
    assert planned > models.now()


def _wait_until_heard(browser: ExtensionBrowser, run_id: int) -> None:
    browser.wait_until(lambda: _known_run(browser) == run_id, "the browser to hear of the run")


def _known_run(browser: ExtensionBrowser) -> int | None:
    """The last run that the extension knows to have ended."""
    sync = browser.worker().evaluate("chrome.storage.session.get('sync').then((all) => all.sync ?? null)")
    return None if sync is None or sync["last_run"] is None else int(sync["last_run"]["id"])
