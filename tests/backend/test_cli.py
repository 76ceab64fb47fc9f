"""The command line: a key, a refusal that names every setting, a database brought up to date, a phone that rings, and
how many call events were for nobody.
"""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine

from callbook import cli, models
from callbook.models import Unrouted, connected
from callbook.settings import SETTINGS, Settings
from hubspot_sandbox import RunningSandbox
from tests.backend import databases
from tests.backend.databases import embedded_only
from tests.backend.people import cache, connect, new_user, remote
from tests.backend.phoning import NOON
from tests.backend.serving import Browser, Live, environ_of

SECRET = "a-secret-nobody-may-read"
APP = {"HUBSPOT_CLIENT_ID": "x", "HUBSPOT_CLIENT_SECRET": "x", "CALLBOOK_SECRET_KEYS": f"k:{'A' * 43}="}
Output = pytest.CaptureFixture[str]


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The environment has these settings and no others."""

    def refused(*command: object) -> None:
        raise AssertionError(f"these tests would have become {command}")

    monkeypatch.setattr("os.execv", refused)

    def set_up(**environ: str) -> None:
        for setting in SETTINGS:
            for name in (setting.name, f"{setting.name}_FILE"):
                monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)

    return set_up


def test_a_new_key_is_one_the_settings_take(capsys: Output) -> None:
    keys = []
    for _ in range(2):
        assert cli.main(["secret-key"]) == 0
        keys.append(capsys.readouterr().out.strip())
    environ = {"HUBSPOT_CLIENT_ID": "x", "HUBSPOT_CLIENT_SECRET": "x", "CALLBOOK_SECRET_KEYS": keys[0]}
    (key,) = Settings.from_env(environ).secret_keys
    assert (len(key.key), keys[0] != keys[1]) == (32, True)
    assert base64.b64decode(keys[0].partition(":")[2]) == key.key


def test_two_new_secrets_for_phone_systems_are_ones_the_settings_take(capsys: Output) -> None:
    for _ in range(2):
        assert cli.main(["call-secret"]) == 0
    first, second = capsys.readouterr().out.split()
    keys = Settings.from_env({**APP, "CALLBOOK_CALL_HOOK_SECRETS": f"{first},{second}"}).call_hook_secrets
    assert ([len(key) for key in keys], keys[0] != keys[1]) == ([32, 32], True)


@pytest.mark.parametrize(
    "command", [["serve"], ["web"], ["worker"], ["migrate"], ["unrouted"], ["ring", "--user", "x", "--from", "1"]]
)
def test_bad_settings_end_it_with_a_sentence_for_each_and_no_secret(
    command: list[str], set_up: Callable[..., None], capsys: Output
) -> None:
    set_up(CALLBOOK_SECRET_KEYS=f"k1:{SECRET}", CALLBOOK_LISTEN="here", CALLBOOK_DATABASE_URL=f"oracle://{SECRET}")
    assert cli.main(command) == 2
    told = capsys.readouterr()
    names = ["DATABASE_URL", "SECRET_KEYS", "LISTEN", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"]
    lines = told.err.strip().splitlines()
    assert lines[0] == "Callbook cannot start; these settings need mending:"
    assert [name for name, line in zip(names, lines[1:], strict=True) if name in line] == names
    assert SECRET not in told.err + told.out


def test_the_process_itself_ends_with_status_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "callbook.cli", "worker"]
    environ = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert len([line for line in ended.stderr.splitlines() if " is not set. " in line]) == 3


@embedded_only
def test_migrating_makes_the_tables_and_then_has_nothing_to_do(
    set_up: Callable[..., None], shared_hubspot: RunningSandbox, tmp_path: Path, capsys: Output
) -> None:
    set_up(**environ_of(shared_hubspot, tmp_path / "new" / "folder"))
    assert cli.main(["migrate"]) == 0
    assert "0001_initial" in capsys.readouterr().out
    assert cli.main(["migrate"]) == 0
    assert capsys.readouterr().out == "nothing to do\n"
    assert (tmp_path / "new" / "folder" / "callbook.db").exists()


@pytest.mark.parametrize("command", ["serve", "web", "worker", "migrate", "unrouted"])
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/callbook.db",
        "sqlite:////tmp",
        "postgresql://ann:a-secret-nobody-may-read@127.0.0.1:1/x",
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_sentence(
    set_up: Callable[..., None], capsys: Output, url: str, command: str
) -> None:
    set_up(**APP, CALLBOOK_DATABASE_URL=url)
    assert cli.main([command]) == 1
    told = capsys.readouterr().err
    assert told.startswith("CALLBOOK_DATABASE_URL cannot be used: ")
    assert len(told.splitlines()) == 1
    assert SECRET not in told


@pytest.mark.parametrize("command", ["web", "worker", "unrouted"])
def test_a_database_of_another_version_is_migrated_first(
    tmp_path: Path, set_up: Callable[..., None], capsys: Output, command: str
) -> None:
    set_up(**APP, CALLBOOK_DATABASE_URL=databases.database_url(tmp_path, apart=True))
    assert cli.main([command]) == 1
    assert capsys.readouterr().err == "The database is not at this version's tables: run `callbook migrate` first.\n"


def test_an_unknown_command_is_refused(capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2
    assert "dance" in capsys.readouterr().err


@pytest.fixture
def counted(set_up: Callable[..., None], shared_hubspot: RunningSandbox, tmp_path: Path) -> Callable[[str, int], None]:
    """So many events were for nobody on a day."""
    environ = environ_of(shared_hubspot, tmp_path)
    set_up(**environ)
    models.connect(environ["CALLBOOK_DATABASE_URL"])
    models.migrate()

    def counted(day: str, count: int) -> None:
        with connected():
            Unrouted.insert(day=day, count=count).execute()

    return counted


@time_machine.travel(NOON, tick=False)
def test_the_events_that_were_for_nobody_are_counted_by_day(
    counted: Callable[[str, int], None], capsys: Output
) -> None:
    for day, count in [("2026-02-01", 7), ("2026-03-02", 12_345_678), ("2026-01-31", 99), ("2026-02-28", 3)]:
        counted(day, count)
    assert cli.main(["unrouted"]) == 0
    told = ["day (UTC)     events", "2026-02-01         7", "2026-02-28         3", "2026-03-02  12345678"]
    assert capsys.readouterr().out.splitlines() == told


@time_machine.travel(NOON, tick=False)
def test_where_none_was_for_nobody_one_sentence_says_so(counted: Callable[[str, int], None], capsys: Output) -> None:
    counted("2026-01-31", 99)
    assert cli.main(["unrouted"]) == 0
    assert capsys.readouterr().out == "In the last 30 days no call event was for nobody.\n"


def sign_in(live: Live, email: str) -> Browser:
    """Somebody with a connection."""
    browser = live.sign_in(email)
    with connected():
        connect(browser.owner)
    return browser


def test_a_ring_reaches_the_user_with_the_callers_name(live: Live, set_up: Callable[..., None], capsys: Output) -> None:
    browser = sign_in(live, "rung@cli.example")
    cache(browser.owner, remote(1, lastname="Abel", phone="201 555 0132"))
    set_up(**live.environ)
    command = ["ring", "--user", browser.email, "--from", "(201) 555-0132", "--call-id", "desk-7"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out == "call desk-7: ringing\n"
    assert cli.main([*command, "--state", "answered"]) == 0
    assert capsys.readouterr().out == "call desk-7: answered\n"
    (call,) = browser.calls()["calls"]
    assert (call["direction"], call["state"], call["number"]) == ("inbound", "answered", "(201) 555-0132")
    assert call["caller"]["candidates"][0]["name"] == "Abel"
    told = [event["kind"] for event in browser.read("/api/events", after=0)["events"]]
    assert told == ["call", "call"]


def test_each_ring_is_a_call_of_its_own(live: Live, set_up: Callable[..., None], capsys: Output) -> None:
    browser = sign_in(live, "twice@cli.example")
    set_up(**live.environ)
    for _ in range(2):
        assert cli.main(["ring", "--user", browser.email, "--from", "anonymous"]) == 0
    assert capsys.readouterr().out.count(": ringing") == 2
    assert browser.calls()["total"] == 2


def test_a_ring_finds_a_user_by_a_line_of_theirs(live: Live, set_up: Callable[..., None], capsys: Output) -> None:
    browser = sign_in(live, "desk@cli.example")
    assert browser.send("PUT", "/api/lines", {"lines": ["4711"]}).status_code == 200
    set_up(**live.environ)
    assert cli.main(["ring", "--user", "4711", "--from", ""]) == 0
    (call,) = browser.calls()["calls"]
    assert (call["state"], call["caller"]["reason"]) == ("ringing", "withheld")
    assert cli.main(["ring", "--user", "4712", "--from", "", "--portal", "1"]) == 1
    assert "No connected user in portal 1 has the line 4712, as the server reads it." in capsys.readouterr().err


def test_nobody_rings_an_unknown_user(live: Live, set_up: Callable[..., None], capsys: Output) -> None:
    set_up(**live.environ)
    assert cli.main(["ring", "--user", "nobody@cli.example", "--from", "1"]) == 1
    assert "No user of this server has the e-mail address" in capsys.readouterr().err


def test_without_a_server_a_ring_says_so(live: Live, set_up: Callable[..., None], capsys: Output) -> None:
    browser = sign_in(live, "down@cli.example")
    set_up(**{**live.environ, "CALLBOOK_LISTEN": "127.0.0.1:9"})
    assert cli.main(["ring", "--user", browser.email, "--from", "1"]) == 1
    told = capsys.readouterr().err
    assert "The server at 127.0.0.1:9 did not take the call" in told
    assert "Traceback" not in told


def test_without_a_secret_a_ring_names_the_setting_and_how_to_make_one(
    live: Live, set_up: Callable[..., None], capsys: Output
) -> None:
    set_up(**{name: value for name, value in live.environ.items() if name != "CALLBOOK_CALL_HOOK_SECRETS"})
    assert cli.main(["ring", "--user", "x@cli.example", "--from", "1"]) == 1
    told = capsys.readouterr().err
    assert "CALLBOOK_CALL_HOOK_SECRETS is not set" in told
    assert "callbook call-secret" in told


def test_a_ring_with_another_secret_than_the_servers_says_so(
    live: Live, set_up: Callable[..., None], capsys: Output
) -> None:
    browser = sign_in(live, "foreign@cli.example")
    assert cli.main(["call-secret"]) == 0
    set_up(**{**live.environ, "CALLBOOK_CALL_HOOK_SECRETS": capsys.readouterr().out.strip()})
    assert cli.main(["ring", "--user", browser.email, "--from", "1"]) == 1
    assert "refused the call: none of the signatures was made with a secret of this server" in capsys.readouterr().err
    assert browser.calls()["total"] == 0


def test_of_one_address_in_several_portals_the_portal_says_who_is_rung(
    live: Live, set_up: Callable[..., None], capsys: Output
) -> None:
    browser = sign_in(live, "both@cli.example")
    with connected():
        connect(new_user(browser.email, portal_id=2, portal_name="Two").owner)
        new_user(browser.email, portal_id=3, portal_name="Three")
    set_up(**live.environ)
    command = ["ring", "--user", browser.email, "--from", "anonymous"]
    assert cli.main(command) == 1
    told = capsys.readouterr().err
    assert "both@cli.example is in several portals: 1 (One), 2 (Two). Say which, with --portal." in told
    assert browser.calls()["total"] == 0
    assert cli.main([*command, "--portal", "1"]) == 0
    assert browser.calls()["total"] == 1


@pytest.mark.parametrize(("portal", "where"), [([], ""), (["--portal", "1"], " in portal 1")])
def test_who_has_no_connection_cannot_be_rung(
    live: Live, set_up: Callable[..., None], capsys: Output, portal: list[str], where: str
) -> None:
    browser = live.sign_in("left@cli.example")
    set_up(**live.environ)
    assert cli.main(["ring", "--user", browser.email, "--from", "1", *portal]) == 1
    assert (
        f"left@cli.example has no connection to HubSpot{where}; they have to authorize first."
        in capsys.readouterr().err
    )
    assert browser.calls()["total"] == 0
