"""`python -m hubspot_sandbox` as a person or a script runs it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubspot_sandbox.options import choices
from tests.sandbox.client import TOKEN, Api, landed, read

COMMAND = [sys.executable, "-m", "hubspot_sandbox"]
LISTENING = "hubspot sandbox listening on "
DEADLINE_S = 30


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command on a free port; gives the process and the URL it announced."""
    with subprocess.Popen([*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            assert line.startswith(LISTENING)
            yield process, line.removeprefix(LISTENING)
        finally:
            process.terminate()


def refused(*options: str) -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_serves_by_the_time_it_says_so_and_honours_its_options() -> None:
    options = ("--contacts", "12", "--portal-id", "4711", "--client-id", "me", "--client-secret", "mine")
    with started(*options, "--redirect-uri", "https://app.example/back") as (process, url):
        assert process.stdout is not None
        assert process.stdout.readline() == "12 contacts\n"
        api = Api(url)
        query = {"client_id": "me", "redirect_uri": "https://app.example/back", "scope": "crm.objects.contacts.read"}
        code = landed(api.post_form("/oauth/authorize", **query, person="rep", decision="allow"))["code"]
        form = {"client_id": "me", "client_secret": "mine", "grant_type": "authorization_code", "code": code}
        tokens = read(api.post_form(TOKEN, **form, redirect_uri="https://app.example/back"))
        assert tokens["hub_id"] == 4711
        holder = Api(url, tokens["access_token"])
        assert len(holder.list(limit=100)["results"]) == 12
        api.close()
        holder.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_goes_when_told_to(how: signal.Signals) -> None:
    with started("--contacts", "1") as (process, _url):
        process.send_signal(how)
        assert process.wait(DEADLINE_S) in (0, -how)


def test_it_names_the_rows_it_skipped(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Record ID,First Name\n7,Ada\n,Bo\n7,Cy\n")
    with started("--csv", str(path)) as (process, _url):
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(3)]
    assert lines == [
        "1 contact",
        "skipped row 3: it has no Record ID",
        "skipped row 4: Record ID 7 is already taken by an earlier row",
    ]


def test_a_file_that_is_no_export_ends_it_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    status, words = refused("--port", "0", "--csv", str(tmp_path / "none.csv"))
    assert status == 2
    assert words == f"{tmp_path / 'none.csv'} was not found.\n"


def test_a_taken_port_ends_it_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, words = refused("--port", port, "--contacts", "1")
    assert status == 1
    assert words == f"Port {port} cannot be used: address already in use.\n"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ((), "--port"),
        (("--port", "0", "--contacts", "-1"), "--contacts: must not be negative"),
        (("--port", "0", "--latency-ms", "-1"), "--latency-ms: Input should be greater than or equal to 0"),
        (("--port", "0", "--latency-ms", "soon"), "--latency-ms: invalid float value: 'soon'"),
        (("--port", "0", "--list-order", "none"), "--list-order: invalid choice: 'none'"),
        (("--port", "0", "--ring-secret", "whsec_?"), "--ring-secret: "),
        (("--port", "0", "--portal", "5"), "unrecognized arguments: --portal 5"),
    ],
)
def test_bad_options_end_it_with_status_2_and_are_named(bad: tuple[str, ...], words: str) -> None:
    status, said = refused(*bad)
    assert status == 2
    assert words in said


def options_of(*given: str) -> dict[str, object]:
    with started("--contacts", "0", *given) as (_process, url):
        api = Api(url)
        body = read(api.get("/__sandbox/options"))
        api.close()
    return body


def test_from_a_shell_its_defaults_are_hubspots_own() -> None:
    body = options_of()
    assert (body["general_limit"], body["search_limit"], body["index_lag_s"]) == (110, 5, 3)
    assert body == {each.name: _as_json(each.shell_default) for each in choices()}


def test_limits_are_switched_off_by_one_option_but_those_that_are_named() -> None:
    body = options_of("--no-limits", "--search-limit", "7")
    assert [name for name, value in body.items() if name.endswith("_limit") and value] == ["search_limit"]


def test_every_option_is_read_as_what_it_is() -> None:
    words = ("--no-gdpr-deleted-are-listed-as-archived", "--rotate-refresh-tokens", "--index-lag-s", "0.5")
    body = options_of(*words, "--redirect-uri", "http://a.example/", "--redirect-uri", "http://b.example/")
    assert body["gdpr_deleted_are_listed_as_archived"] is False
    assert body["rotate_refresh_tokens"] is True
    assert body["index_lag_s"] == 0.5
    assert body["redirect_uris"] == ["http://a.example/", "http://b.example/"]


def test_help_names_every_option() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    assert [each.flag for each in choices() if each.flag not in done.stdout] == []


def _as_json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
