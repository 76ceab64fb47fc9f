"""The account's budgets: what empties them, what fills them again, what an answer tells of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from hubspot_sandbox import Options, RunningSandbox
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.limits import Budget, Limits
from hubspot_sandbox.moments import Clock
from tests.sandbox.client import CONTACTS, TOKEN, Api, Json, client_form

HEADER = "X-HubSpot-RateLimit"
START_MS = 1_790_000_000_000


class Held(Clock):
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.at_ms = START_MS

    def now_ms(self) -> int:
        return self.at_ms


class Account:
    """Limits of their own and a clock to go with them."""

    def __init__(self, **options: Any) -> None:
        self.clock = Held()
        self.options = Options(**options)
        self.limits = Limits(62515, self.clock, lambda: self.options)

    def ask(self, budget: Budget = "general", *, after_ms: int = 0) -> bool:
        self.clock.at_ms += after_ms
        try:
            self.limits.admit(budget)
        except Refused:
            return False
        return True

    def asks(self, count: int, budget: Budget = "general") -> int:
        """How many of so many are admitted."""
        return sum(self.ask(budget) for _ in range(count))

    def remaining(self, *, after_ms: int = 0) -> int:
        self.clock.at_ms += after_ms
        return int(self.limits.admit("general")[f"{HEADER}-Remaining"])


def test_a_budget_rolls_request_by_request() -> None:
    account = Account(general_limit=3, refused_requests_count=False)
    assert [account.ask(after_ms=ms) for ms in (0, 4_000, 4_000, 1_999)] == [True, True, True, False]
    assert [account.ask(after_ms=ms) for ms in (1, 0)] == [True, False]  # the first has left
    assert [account.ask(after_ms=ms) for ms in (3_999, 1, 0)] == [False, True, False]  # and the second


def test_search_rolls_by_the_second() -> None:
    account = Account(search_limit=5, refused_requests_count=False)
    assert account.asks(7, "search") == 5
    assert not account.ask("search", after_ms=999)
    assert account.ask("search", after_ms=1)


def test_refused_requests_keep_the_budget_empty_while_they_count() -> None:
    stubborn, patient = Account(general_limit=2), Account(general_limit=2)
    assert stubborn.asks(2) == patient.asks(2) == 2
    assert [stubborn.ask(after_ms=4_000) for _ in range(6)] == [False] * 6
    assert patient.ask(after_ms=10_000)


@pytest.mark.parametrize("counts", [True, False])
def test_whether_they_count_is_an_option(counts: bool) -> None:  # noqa: FBT001 - a parameter of the test
    account = Account(general_limit=1, refused_requests_count=counts)
    assert [account.ask(after_ms=6_000) for _ in range(3)] == [True, False, not counts]


def test_the_budgets_are_three() -> None:
    account = Account(general_limit=1, search_limit=1, associations_limit=1)
    for budget in ("general", "search", "associations"):
        assert [account.ask(budget) for _ in range(2)] == [True, False]


def test_nothing_is_limited_that_is_switched_off() -> None:
    account = Account(search_limit=1)
    assert account.asks(500) == 500
    assert account.limits.admit("general") == {}
    assert account.asks(3, "search") == 1
    account.options = Options(general_limit=1)
    assert account.asks(3) == 1
    assert account.asks(3, "search") == 3


def test_other_apps_eat_from_the_same_budget() -> None:
    account = Account(general_limit=100, others_per_s=5)
    assert account.remaining() == 99
    assert account.remaining(after_ms=1_000) == 93  # its own two, and five of others
    assert account.remaining(after_ms=2_000) == 82
    account.options = Options(general_limit=100)
    assert account.remaining() == 81
    assert account.remaining(after_ms=10_000) == 99


def test_other_apps_can_eat_all_of_it() -> None:
    account = Account(general_limit=110, others_per_s=12)
    account.ask()
    assert not account.ask(after_ms=60_000)
    account.options = Options(general_limit=110)
    assert account.ask(after_ms=10_000)


def test_other_apps_leave_search_alone() -> None:
    account = Account(general_limit=10, search_limit=1, others_per_s=50)
    account.ask()
    assert not account.ask(after_ms=3_000)
    assert account.ask("search")


def test_a_day_has_its_own_number_of_requests() -> None:
    account = Account(daily_limit=2)
    assert account.asks(3) == 2
    assert account.ask(after_ms=86_400_000)


def test_a_clock_that_is_set_back_begins_anew() -> None:
    account = Account(general_limit=1)
    assert account.asks(2) == 1
    assert account.ask(after_ms=-3_600_000)


def test_headers_tell_the_budget_over_http(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=110)
    told = [api.get(CONTACTS).headers for _ in range(3)]
    assert [each[f"{HEADER}-Remaining"] for each in told] == ["109", "108", "107"]
    assert {each[f"{HEADER}-Max"] for each in told} == {"110"}
    assert {each[f"{HEADER}-Interval-Milliseconds"] for each in told} == {"10000"}
    assert {each[f"{HEADER}-Secondly"] for each in told} == {"11"}
    assert f"{HEADER}-Secondly-Remaining" in told[0]
    hubspot.advance(10)
    assert api.get(CONTACTS).headers[f"{HEADER}-Remaining"] == "109"


@pytest.mark.parametrize("path", [CONTACTS, f"{CONTACTS}/999", "/crm/owners/2026-09", "/account-info/2026-09/details"])
def test_every_ordinary_reply_has_them(hubspot: RunningSandbox, api: Api, path: str) -> None:
    hubspot.change_options(general_limit=9)
    assert api.get(path).headers[f"{HEADER}-Remaining"] == "8"


def test_no_search_reply_has_them_and_no_refusal(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1, search_limit=1)
    api.get(CONTACTS)
    for response in (api.get(CONTACTS), *(api.post(f"{CONTACTS}/search", {}) for _ in range(2))):
        assert [name for name in response.headers if name.lower().startswith(HEADER.lower())] == []


def test_nothing_is_told_of_a_limit_that_is_off(api: Api) -> None:
    assert f"{HEADER}-Max" not in api.get(CONTACTS).headers


BODIES: Json = json.loads((Path(__file__).parents[1] / "data" / "hubspot_error_bodies.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("options", "path", "name"),
    [
        ({"general_limit": 1}, CONTACTS, "ten_secondly_429"),
        ({"search_limit": 1}, f"{CONTACTS}/search", "search_secondly_429"),
        ({"daily_limit": 1}, CONTACTS, "daily_429"),
    ],
)
def test_refusals_are_worded_as_hubspots(
    hubspot: RunningSandbox, api: Api, options: Json, path: str, name: str
) -> None:
    hubspot.change_options(**options)
    method = "POST" if path.endswith("search") else "GET"
    responses = [api.send(method, path, json={}) for _ in range(2)]
    assert [each.status_code for each in responses] == [200, 429]
    expected = BODIES[name]["body"]
    body = responses[1].json()
    assert body.keys() == expected.keys()
    made_up = {"correlationId", "requestId"}
    assert {k: v for k, v in body.items() if k not in made_up} == {
        k: v for k, v in expected.items() if k not in made_up
    }
    assert "Retry-After" not in responses[1].headers


def test_retry_after_is_told_if_the_portal_is_so_inclined(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1, search_limit=1, retry_after_on_429=True)
    for path, seconds in ((CONTACTS, "10"), (f"{CONTACTS}/search", "1")):
        method = "POST" if path.endswith("search") else "GET"
        told = [api.send(method, path, json={}).headers.get("Retry-After") for _ in range(2)]
        assert told == [None, seconds]


def test_token_calls_draw_on_the_general_budget_and_the_consent_page_does_not(
    hubspot: RunningSandbox, anonymous: Api
) -> None:
    hubspot.change_options(general_limit=1)
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=hubspot.grant().grant.refresh_token)
    assert anonymous.post_form(TOKEN, **form).status_code == 200
    assert anonymous.post_form(TOKEN, **form).status_code == 429
    assert anonymous.get("/oauth/authorize").status_code != 429


def test_limits_are_the_accounts_and_not_the_tokens(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1)
    other = Api(hubspot.url, hubspot.grant("rep").token)
    assert api.get(CONTACTS).status_code == 200
    assert other.get(CONTACTS).status_code == 429
    other.close()


def test_a_refused_request_meets_no_fault(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1)
    hubspot.fault("list", 500, skip=1)
    assert [api.get(CONTACTS).status_code for _ in range(2)] == [200, 429]
    hubspot.change_options(general_limit=0)
    assert api.get(CONTACTS).status_code == 500
