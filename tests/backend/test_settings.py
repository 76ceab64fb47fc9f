"""Settings: read once, refused all at once, and no secret in what is said about them."""

import base64
from dataclasses import fields
from pathlib import Path

import pytest

from callbook.settings import PINNED_EXTENSION_ID, SETTINGS, BadSettings, SecretKey, Settings, is_loopback

KEY = base64.b64encode(b"k" * 32).decode()
ENOUGH = {
    "CALLBOOK_SECRET_KEYS": f"k1:{KEY}",
    "HUBSPOT_CLIENT_ID": "client",
    "HUBSPOT_CLIENT_SECRET": "a-client-secret",
}


def problems_of(environ: dict[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env(environ)
    return refused.value.problems


def test_what_is_not_set_has_its_default() -> None:
    settings = Settings.from_env(ENOUGH)
    assert settings.database_url == "sqlite:///callbook.db"
    assert settings.secret_keys == (SecretKey("k1", b"k" * 32),)
    assert settings.extension_ids == (PINNED_EXTENSION_ID,)
    assert (settings.public_url, settings.listen) == ("http://127.0.0.1:8000", "127.0.0.1:8000")
    assert (settings.hubspot_api_url, settings.hubspot_app_url) == (
        "https://api.hubapi.com",
        "https://app.hubspot.com",
    )
    assert (settings.session_days, settings.lease_s, settings.ring_s) == (90, 30, 45)
    assert settings.full_sync_days == 7
    assert settings.call_hook_secrets == ()


def test_every_setting_is_a_field_and_every_field_a_setting() -> None:
    assert [setting.field for setting in SETTINGS] == [field.name for field in fields(Settings)]


def test_all_problems_are_told_at_once() -> None:
    problems = problems_of(
        {
            "CALLBOOK_DATABASE_URL": "mysql://somewhere",
            "CALLBOOK_SECRET_KEYS": "k1:short",
            "CALLBOOK_PUBLIC_URL": "http://callbook.example",
            "CALLBOOK_EXTENSION_IDS": "not-an-id",
            "CALLBOOK_LISTEN": "8000",
            "CALLBOOK_WEB_THREADS": "many",
            "CALLBOOK_LEASE_S": "0",
            "HUBSPOT_API_URL": "https://api.hubapi.com/crm",
        }
    )
    assert [problem.partition(" ")[0] for problem in problems] == [
        "CALLBOOK_DATABASE_URL",
        "CALLBOOK_SECRET_KEYS",
        "CALLBOOK_PUBLIC_URL",
        "CALLBOOK_EXTENSION_IDS",
        "CALLBOOK_LISTEN",
        "CALLBOOK_WEB_THREADS",
        "CALLBOOK_LEASE_S",
        "HUBSPOT_CLIENT_ID",
        "HUBSPOT_CLIENT_SECRET",
        "HUBSPOT_API_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLBOOK_SECRET_KEYS", f"k1:{base64.b64encode(b'only16bytes....!').decode()}"),
        ("CALLBOOK_SECRET_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("CALLBOOK_SECRET_KEYS", f"a key:{KEY}"),
        ("CALLBOOK_SECRET_KEYS", "k1:ключ"),
        ("CALLBOOK_SECRET_KEYS", KEY),
        ("CALLBOOK_PUBLIC_URL", "callbook.example"),
        ("CALLBOOK_PUBLIC_URL", "https://callbook.example/path"),
        ("CALLBOOK_PUBLIC_URL", "https://callbook.example?a=b"),
        ("CALLBOOK_PUBLIC_URL", "http://[::1"),
        ("CALLBOOK_PUBLIC_URL", "ftp://127.0.0.1"),
        ("CALLBOOK_EXTENSION_IDS", ","),
        ("CALLBOOK_EXTENSION_IDS", PINNED_EXTENSION_ID.replace("i", "z")),
        ("CALLBOOK_LISTEN", "127.0.0.1:65536"),
        ("CALLBOOK_LISTEN", ":8000"),
        ("CALLBOOK_WORKER_THREADS", "²"),
        ("CALLBOOK_WORKER_THREADS", "-1"),
        ("CALLBOOK_WORKER_THREADS", "2.5"),
        ("CALLBOOK_RING_S", "601"),
        ("CALLBOOK_CALL_HOOK_SECRETS", KEY),
        ("CALLBOOK_CALL_HOOK_SECRETS", "whsec_"),
        ("CALLBOOK_CALL_HOOK_SECRETS", "whsec_not base64"),
        ("CALLBOOK_CALL_HOOK_SECRETS", f"whsec_{base64.b64encode(b'k' * 23).decode()}"),
        ("CALLBOOK_CALL_HOOK_SECRETS", f"whsec_{base64.b64encode(b'k' * 65).decode()}"),
        ("CALLBOOK_CALL_HOOK_SECRETS", f"whsec_{KEY},{KEY}"),
        ("CALLBOOK_CALL_HOOK_SECRETS", f"whsec_{KEY},whsec_{KEY},whsec_{KEY}"),
        ("CALLBOOK_DATABASE_URL", "sqlite:///"),
    ],
)
def test_a_value_that_cannot_be_read_is_one_problem(name: str, value: str) -> None:
    (problem,) = problems_of({**ENOUGH, name: value})
    assert problem.startswith(f"{name} ")
    assert KEY not in problem


def test_loopback_may_speak_plain_http_and_a_trailing_slash_does_not_matter() -> None:
    settings = Settings.from_env({**ENOUGH, "HUBSPOT_API_URL": "http://[::1]:9/", "CALLBOOK_LISTEN": "[::]:80"})
    assert (settings.hubspot_api_url, settings.listen) == ("http://[::1]:9", "[::]:80")
    assert [is_loopback(host) for host in ("localhost", "127.9.9.9", "::1", "10.0.0.1", "local", None)] == [
        *(True, True, True),
        *(False, False, False),
    ]


def test_several_keys_and_several_extensions_may_be_named() -> None:
    other_id = "abcdefghijklmnopabcdefghijklmnop"
    settings = Settings.from_env(
        {
            **ENOUGH,
            "CALLBOOK_SECRET_KEYS": f"new:{KEY}, old:{KEY}",
            "CALLBOOK_EXTENSION_IDS": f"{PINNED_EXTENSION_ID}, {other_id}",
        }
    )
    assert [key.id for key in settings.secret_keys] == ["new", "old"]
    assert settings.extension_ids == (PINNED_EXTENSION_ID, other_id)


def test_one_secret_or_two_for_phone_systems_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "call-secrets"
    other = base64.b64encode(b"o" * 24).decode()
    for text, keys in ((f"whsec_{KEY}\n", (b"k" * 32,)), (f"whsec_{other}, whsec_{KEY}", (b"o" * 24, b"k" * 32))):
        file.write_text(text, encoding="utf-8")
        settings = Settings.from_env({**ENOUGH, "CALLBOOK_CALL_HOOK_SECRETS_FILE": str(file)})
        assert settings.call_hook_secrets == keys


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "client-secret"
    file.write_text("from-a-file\n", encoding="utf-8")
    without = {name: value for name, value in ENOUGH.items() if name != "HUBSPOT_CLIENT_SECRET"}
    assert (
        Settings.from_env({**without, "HUBSPOT_CLIENT_SECRET_FILE": str(file)}).hubspot_client_secret == "from-a-file"
    )


def test_a_secret_set_both_ways_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "client-secret"
    file.write_text("from-a-file", encoding="utf-8")
    (problem,) = problems_of({**ENOUGH, "HUBSPOT_CLIENT_SECRET_FILE": str(file)})
    assert problem == "HUBSPOT_CLIENT_SECRET and HUBSPOT_CLIENT_SECRET_FILE are both set; keep one"


def test_a_secrets_file_that_cannot_be_read_or_is_empty_is_a_problem(tmp_path: Path) -> None:
    without = {name: value for name, value in ENOUGH.items() if name != "HUBSPOT_CLIENT_SECRET"}
    (tmp_path / "empty").write_text(" \n", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "empty", "bytes"):
        (problem,) = problems_of({**without, "HUBSPOT_CLIENT_SECRET_FILE": str(tmp_path / name)})
        assert problem.startswith("HUBSPOT_CLIENT_SECRET ")


def test_what_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "id"
    file.write_text("client", encoding="utf-8")
    without = {name: value for name, value in ENOUGH.items() if name != "HUBSPOT_CLIENT_ID"}
    (problem,) = problems_of({**without, "HUBSPOT_CLIENT_ID_FILE": str(file)})
    assert problem.startswith("HUBSPOT_CLIENT_ID is not set")


def test_no_problem_tells_a_secret() -> None:
    problems = problems_of(
        {"CALLBOOK_SECRET_KEYS": "k1:half-a-secret", "HUBSPOT_CLIENT_SECRET": "a-client-secret", "HUBSPOT_API_URL": "x"}
    )
    assert len(problems) == 3
    assert "secret" not in "\n".join(problems).replace("CALLBOOK_SECRET_KEYS", "").replace("callbook secret-key", "")


@pytest.mark.parametrize(
    ("url", "demo"),
    [
        ("", False),
        ("https://api.hubapi.com", False),
        ("https://hubapi.com", False),
        ("http://127.0.0.1:9000", True),
        ("https://nothubapi.com", True),
        ("https://hubapi.com.example", True),
    ],
)
def test_a_hubspot_elsewhere_is_a_demo(url: str, *, demo: bool) -> None:
    assert Settings.from_env({**ENOUGH, "HUBSPOT_API_URL": url}).demo == demo
