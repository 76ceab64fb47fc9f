"""HubSpot's tokens: refreshed once whoever asks, kept however HubSpot stumbles, given up only on HubSpot's own word."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from callbook import accounts
from callbook.accounts import Tokens, tokens
from callbook.errors import Misconfigured, NeedsReconnect, Transient
from callbook.hubspot import Grant, OAuth
from callbook.models import Connection, Owner, Run, connected, now
from callbook.sealing import Keyring
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, json_of, owner_of, remote
from tests.backend.syncing import until

ASKERS = 8


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(alice: Rep, hubspot: RunningSandbox) -> Owner:
    hubspot.requests.clear()
    return owner_of(alice)


def tokens_of(owner: Owner, settings: Settings) -> Tokens:
    return Tokens(owner, Keyring(settings.secret_keys), accounts.hubspot_oauth(settings))


def expiring() -> time_machine.travel:
    """When the token has less than two minutes left."""
    return time_machine.travel(datetime.now(UTC) + timedelta(minutes=29))


def connection_of(owner: Owner) -> Connection:
    with connected():
        return Connection.of(owner).select().get()


def refresh_token_of(owner: Owner, settings: Settings) -> str:
    keyring = Keyring(settings.secret_keys)
    return keyring.open(connection_of(owner).refresh_token, str(owner.id), "refresh_token")


def ask(owner: Owner, settings: Settings) -> str:
    with connected():
        return tokens_of(owner, settings).access_token()


def test_a_token_with_time_left_is_used_as_it_is(owner: Owner, settings: Settings, hubspot: RunningSandbox) -> None:
    assert ask(owner, settings) == ask(owner, settings)
    assert hubspot.requests.count("token") == 0


def test_a_token_is_refreshed_before_it_expires(owner: Owner, settings: Settings, hubspot: RunningSandbox) -> None:
    before = ask(owner, settings)
    with expiring():
        after = ask(owner, settings)
        assert ask(owner, settings) == after != before
    assert hubspot.requests.count("token") == 1
    assert connection_of(owner).refresh_owner is None


@pytest.fixture
def all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh begins when all askers but the one who does it wait for it."""
    waiting: set[int] = set()
    refresh = OAuth.refresh

    def wait(wait_s: float) -> None:
        waiting.add(threading.get_ident())
        time.sleep(wait_s)

    def late(self: OAuth, refresh_token: str) -> Grant:
        until(lambda: len(waiting) == ASKERS - 1, "the others wait")
        return refresh(self, refresh_token)

    monkeypatch.setattr(tokens, "time", SimpleNamespace(monotonic=time.monotonic, sleep=wait))
    monkeypatch.setattr(OAuth, "refresh", late)


@pytest.mark.usefixtures("all_at_once")
def test_eight_askers_at_once_make_one_refresh(owner: Owner, settings: Settings, hubspot: RunningSandbox) -> None:
    with expiring(), ThreadPoolExecutor(ASKERS) as pool:
        asked = [pool.submit(ask, owner, settings) for _ in range(ASKERS)]
        answers = {each.result() for each in asked}
    assert len(answers) == 1
    assert hubspot.requests.count("token") == 1


@pytest.mark.usefixtures("all_at_once")
def test_eight_askers_at_once_fail_by_one_refresh(owner: Owner, settings: Settings, hubspot: RunningSandbox) -> None:
    hubspot.fault("token", 500, times=ASKERS)

    def ask_in_vain() -> str:
        with pytest.raises(Transient) as failed:
            ask(owner, settings)
        return failed.value.kind

    with expiring(), ThreadPoolExecutor(ASKERS) as askers:
        kinds = [asker.result() for asker in [askers.submit(ask_in_vain) for _ in range(ASKERS)]]
    hubspot.clear_faults()
    assert set(kinds) == {"hubspot_error"}
    assert hubspot.requests.count("token") == 1


def test_a_refresh_that_fails_in_the_last_moment_is_not_made_again_by_who_waited_for_it(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the row, which says that another refreshes, and claiming it."""
    hubspot.fault("token", 500, times=1)
    mine, other = tokens_of(owner, settings), tokens_of(owner, settings)
    claim = Tokens._claim  # noqa: SLF001 - the moment in question lies before it
    tries: list[bool] = []

    def claim_too_late(self: Tokens, *, waited: bool) -> bool:
        tries.append(waited)
        if waited:
            other._settle()  # noqa: SLF001 - it has failed, and gives the claim back
        return claim(self, waited=waited)

    monkeypatch.setattr(Tokens, "_claim", claim_too_late)
    with expiring(), connected():
        assert claim(other, waited=False)
        with pytest.raises(Transient):
            mine.access_token()
    assert tries == [False, True]
    assert hubspot.requests.count("token") == 0


def test_after_a_refresh_that_failed_the_next_asker_tries_again(
    owner: Owner, settings: Settings, hubspot: RunningSandbox
) -> None:
    hubspot.fault("token", 500, times=1)
    with expiring():
        with pytest.raises(Transient):
            ask(owner, settings)
        assert ask(owner, settings)


def test_a_refresh_that_another_made_in_the_last_moment_is_not_made_again(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the row and claiming it; with rotating refresh tokens a second refresh would disconnect."""
    hubspot.change_options(rotate_refresh_tokens=True)
    mine, other = tokens_of(owner, settings), tokens_of(owner, settings)
    claim = Tokens._claim  # noqa: SLF001 - the moment in question lies before it

    def claim_too_late(self: Tokens, *, waited: bool) -> bool:
        if self is mine and not others:
            others.append(other.access_token())
        return claim(self, waited=waited)

    others: list[str] = []
    monkeypatch.setattr(Tokens, "_claim", claim_too_late)
    with expiring(), connected():
        assert [mine.access_token()] == others
    assert hubspot.requests.count("token") == 1
    assert connection_of(owner).refresh_owner is None
    assert connection_of(owner).state == "connected"


def test_a_token_that_hubspot_calls_expired_is_replaced_once(
    owner: Owner, settings: Settings, hubspot: RunningSandbox
) -> None:
    stale = ask(owner, settings)
    with connected():
        fresh = tokens_of(owner, settings).replace(stale)
        assert tokens_of(owner, settings).replace(stale) == fresh
    assert hubspot.requests.count("token") == 1


def test_a_refresh_token_that_rotates_is_kept(owner: Owner, settings: Settings, hubspot: RunningSandbox) -> None:
    hubspot.change_options(rotate_refresh_tokens=True)
    seen = [refresh_token_of(owner, settings)]
    for _ in range(2):
        with connected():
            tokens_of(owner, settings).replace(tokens_of(owner, settings).access_token())
        seen.append(refresh_token_of(owner, settings))
    assert len(set(seen)) == 3
    assert hubspot.requests.count("token", 200) == 2


def test_a_bad_refresh_token_asks_for_a_reconnect_and_keeps_the_cache(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, alice: Rep
) -> None:
    cache(owner, remote(1, lastname="Kept"))
    hubspot.revoke_all()
    with expiring(), pytest.raises(NeedsReconnect):
        ask(owner, settings)
    assert alice.read("/api/sync")["connection"]["state"] == "reconnect_needed"
    assert alice.contacts()["total"] == 1
    answer = alice.post("/api/sync", {"kind": "full"})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "not_connected")


def test_once_a_reconnect_is_needed_hubspot_is_left_alone(
    owner: Owner, settings: Settings, hubspot: RunningSandbox
) -> None:
    hubspot.revoke_all()
    for _ in range(3):
        with expiring(), pytest.raises(NeedsReconnect):
            ask(owner, settings)
    assert hubspot.requests.count("token") == 1


def test_authorizing_again_mends_the_connection(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, sign_in: Callable[[str], Rep]
) -> None:
    hubspot.revoke_all()
    with expiring(), pytest.raises(NeedsReconnect):
        ask(owner, settings)
    sign_in("admin")
    assert connection_of(owner).state == "connected"
    assert ask(owner, settings)


def test_a_refresh_that_fails_after_the_person_authorized_again_disconnects_nobody(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, sign_in: Callable[[str], Rep]
) -> None:
    """The old grant's end says nothing about the new one."""
    tokens_of_old = tokens_of(owner, settings)
    oauth = accounts.hubspot_oauth(settings)

    class OvertakenOAuth:
        def refresh(self, refresh_token: str) -> object:
            hubspot.revoke_all()
            sign_in("admin")
            return oauth.refresh(refresh_token)

    tokens_of_old._oauth = OvertakenOAuth()  # type: ignore[assignment] # noqa: SLF001 - only `refresh` is asked of it
    with expiring(), pytest.raises(NeedsReconnect):
        tokens_of_old.access_token()
    assert connection_of(owner).state == "connected"


@pytest.mark.parametrize("status", [429, 500, 502, 401])
def test_a_passing_fault_of_a_refresh_leaves_the_connection_and_the_next_asker_succeeds(
    owner: Owner, settings: Settings, hubspot: RunningSandbox, status: int
) -> None:
    hubspot.fault("token", status)
    with expiring():
        with pytest.raises(Transient):
            ask(owner, settings)
        assert connection_of(owner).state == "connected"
        assert ask(owner, settings)


def test_hubspot_out_of_reach_leaves_the_connection(owner: Owner, settings: Settings) -> None:
    with expiring(), pytest.raises(Transient) as problem:
        ask(owner, replace(settings, hubspot_api_url="http://127.0.0.1:9"))
    assert problem.value.kind == "hubspot_unreachable"
    assert connection_of(owner).state == "connected"


def test_a_wrong_client_secret_never_disconnects_anybody(
    alice: Rep, bob: Rep, settings: Settings, work: Callable[[], list[Run]]
) -> None:
    wrong = replace(settings, hubspot_client_secret="wrong")
    for rep in (alice, bob):
        with expiring(), pytest.raises(Misconfigured):
            ask(owner_of(rep), wrong)
        assert rep.read("/api/sync")["connection"]["state"] == "connected"
    assert {run.state for run in work()} == {"finished"}


def test_a_refresh_whose_maker_died_is_taken_over_when_its_claim_runs_out(
    owner: Owner, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "WAIT_S", 0.0)
    with connected():
        claimed = {"refresh_owner": "dead", "refresh_until": now() + timedelta(minutes=30)}
        Connection.of(owner).update(**claimed).execute()
    with expiring(), pytest.raises(Transient):
        ask(owner, settings)
    monkeypatch.undo()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31)):
        assert ask(owner, settings)


def test_a_claim_that_was_lost_meanwhile_writes_nothing(
    owner: Owner, settings: Settings, hubspot: RunningSandbox
) -> None:
    mine = tokens_of(owner, settings)
    oauth = accounts.hubspot_oauth(settings)

    class SlowOAuth:
        def refresh(self, refresh_token: str) -> object:
            Connection.of(owner).update(refresh_owner="somebody else").execute()
            return oauth.refresh(refresh_token)

    mine._oauth = SlowOAuth()  # type: ignore[assignment] # noqa: SLF001 - only `refresh` is asked of it
    before = connection_of(owner).access_token
    with expiring(), connected():
        assert mine.access_token()
    assert connection_of(owner).access_token == before
    assert hubspot.requests.count("token") == 1


def test_without_a_connection_a_reconnect_is_needed(owner: Owner, settings: Settings) -> None:
    with connected():
        Connection.of(owner).delete().execute()
    with pytest.raises(NeedsReconnect):
        ask(owner, settings)
