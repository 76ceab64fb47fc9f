"""Section 4.2: three budgets for an account, what the headers tell of them, and how a refusal is worded."""

from tests.sandbox.client import CONTACTS, Json, read
from tests.sandbox.contract.account import COMPANIES, PAIRS, Account, settle, with_options

SEARCH = f"{CONTACTS}/search"
HEADER = "X-HubSpot-RateLimit"
ONE_ASSOCIATION: Json = {"inputs": [{"id": "7"}]}


def lists(account: Account, count: int) -> list[int]:
    return [account.api.get(CONTACTS, limit=1).status_code for _ in range(count)]


def searches(account: Account, count: int) -> list[int]:
    return [account.api.post(SEARCH, {"limit": 1}).status_code for _ in range(count)]


@with_options(general_limit=110)
def test_4_2_a_marketplace_app_has_110_requests_in_any_ten_seconds(steered: Account) -> None:
    statuses = lists(steered, 111)
    assert statuses[:110] == [200] * 110
    assert statuses[110] == 429


@with_options(general_limit=2, refused_requests_count=False)
def test_4_2_the_window_of_ten_seconds_rolls(steered: Account) -> None:
    assert lists(steered, 1) == [200]
    steered.sandbox.advance(6)
    assert lists(steered, 2) == [200, 429]
    steered.sandbox.advance(4.1)
    assert lists(steered, 1) == [200]


@with_options(general_limit=2)
def test_4_2_the_budget_is_the_accounts_and_not_the_tokens(steered: Account) -> None:
    other = steered.client(steered.sandbox.grant("rep").token)
    assert lists(steered, 2) == [200, 200]
    assert other.get(CONTACTS).status_code == 429


@with_options(general_limit=1)
def test_4_2_the_refusal_of_the_ten_secondly_limit(steered: Account) -> None:
    lists(steered, 1)
    response = steered.api.get(CONTACTS)
    body = read(response, 429)
    assert body.pop("correlationId")
    assert body.pop("groupName").startswith("publicapi:")
    assert body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
    }


@with_options(search_limit=1)
def test_4_2_the_refusal_of_the_secondly_limit_of_search(steered: Account) -> None:
    searches(steered, 1)
    body = read(steered.api.post(SEARCH, {"limit": 1}), 429)
    assert body["message"] == "You have reached your secondly limit."
    assert body["policyName"] == "SECONDLY"
    assert body["errorType"] == "RATE_LIMIT"


@with_options(daily_limit=1)
def test_4_2_the_refusal_of_the_daily_limit(steered: Account) -> None:
    lists(steered, 1)
    body = read(steered.api.get(CONTACTS), 429)
    assert body["policyName"] == "DAILY"
    assert body["requestId"]


@with_options(general_limit=1, search_limit=5)
def test_3_5_search_has_five_requests_in_a_second_of_its_own(steered: Account) -> None:
    lists(steered, 1)
    statuses = searches(steered, 6)
    assert statuses[:5] == [200] * 5
    assert statuses[5] == 429
    steered.sandbox.advance(1)
    assert searches(steered, 1) == [200]


@with_options(search_limit=1)
def test_3_5_the_search_budget_is_shared_by_all_object_types(steered: Account) -> None:
    searches(steered, 1)
    assert steered.api.post(f"{COMPANIES}/search", {"limit": 1}).status_code == 429


def test_3_5_search_replies_carry_no_rate_limit_headers(account: Account) -> None:
    response = account.api.post(SEARCH, {"limit": 1})
    assert [name for name in response.headers if name.lower().startswith(HEADER.lower())] == []


@with_options(general_limit=1, associations_limit=1)
def test_4_2_associations_have_a_budget_of_their_own(steered: Account) -> None:
    lists(steered, 1)
    assert steered.api.post(f"{PAIRS}/batch/read", ONE_ASSOCIATION).status_code == 207
    assert steered.api.post(f"{PAIRS}/batch/read", ONE_ASSOCIATION).status_code == 429


def test_4_2_how_many_requests_associations_have(steered: Account) -> None:
    def observe(one: Account) -> int:
        statuses = [one.api.post(f"{PAIRS}/batch/read", ONE_ASSOCIATION).status_code for _ in range(4)]
        return statuses.count(207)

    settle(steered, "associations_limit", {1: 1, 3: 3, 0: 4}, observe)


@with_options(general_limit=20)
def test_4_2_ordinary_replies_tell_the_budget(steered: Account) -> None:
    first, second = steered.api.get(CONTACTS).headers, steered.api.get(CONTACTS).headers
    assert first[f"{HEADER}-Max"] == "20"
    assert first[f"{HEADER}-Interval-Milliseconds"] == "10000"
    assert int(first[f"{HEADER}-Remaining"]) - int(second[f"{HEADER}-Remaining"]) == 1
    assert all(name in first for name in (f"{HEADER}-Secondly", f"{HEADER}-Secondly-Remaining"))


def test_4_2_an_oauth_app_is_told_nothing_of_a_daily_budget(account: Account) -> None:
    names = {name.lower() for name in account.api.get(CONTACTS).headers}
    assert not {f"{HEADER}-Daily".lower(), f"{HEADER}-Daily-Remaining".lower()} & names


@with_options(general_limit=4)
def test_4_2_batch_reads_properties_and_owners_are_not_exempt(steered: Account) -> None:
    for response in (
        steered.batch_read("7"),
        steered.api.get("/crm/properties/2026-09/contacts"),
        steered.api.get("/crm/owners/2026-09"),
        steered.api.get(COMPANIES),
    ):
        assert response.status_code in (200, 207)
    assert lists(steered, 1) == [429]


def test_4_2_whether_a_refused_request_counts(steered: Account) -> None:
    def observe(one: Account) -> list[int]:
        one.sandbox.change_options(general_limit=1)
        statuses = lists(one, 1)
        one.sandbox.advance(9)
        statuses += lists(one, 1)
        one.sandbox.advance(1.5)
        return statuses + lists(one, 1)

    settle(steered, "refused_requests_count", {True: [200, 429, 429], False: [200, 429, 200]}, observe)


def test_4_2_whether_a_refusal_says_when_to_come_back(steered: Account) -> None:
    def observe(one: Account) -> str | None:
        one.sandbox.change_options(general_limit=1)
        lists(one, 1)
        response = one.api.get(CONTACTS)
        assert response.status_code == 429
        return response.headers.get("Retry-After")

    settle(steered, "retry_after_on_429", {True: "10", False: None}, observe)
