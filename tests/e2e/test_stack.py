"""The whole stack comes up, answers on its own ports, and is gone afterwards."""

from pathlib import Path

import pytest
import requests

from tests.e2e.processes import ProgramFailed, group_lives
from tests.e2e.stack import pinned_extension_id, running_sandbox, running_stack

ASK_WITHIN_S = 10


def test_everything_answers_and_then_is_gone(tmp_path: Path) -> None:
    with running_stack(tmp_path, sandbox=["--contacts", "3"]) as stack:
        health = requests.get(f"{stack.callbook_url}/health", timeout=ASK_WITHIN_S)
        assert health.json()["service"] == "callbook"
        allowed = {"challenge": "c" * 43, "extension": pinned_extension_id()}
        start = requests.get(
            f"{stack.callbook_url}/auth/start", params=allowed, timeout=ASK_WITHIN_S, allow_redirects=False
        )
        assert start.status_code == 302
        assert start.headers["Location"].startswith(f"{stack.sandbox_url}/oauth/")
        assert stack.callbook("migrate").returncode == 0
        assert (tmp_path / "callbook.db").exists()
        groups = [program.process.pid for program in stack.programs]
        assert all(group_lives(group) for group in groups)
    assert not any(group_lives(group) for group in groups)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{stack.callbook_url}/health", timeout=ASK_WITHIN_S)


def test_a_service_that_cannot_start_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(ProgramFailed, match=r"(?s)callbook ended with status 2 .*CALLBOOK_PUBLIC_URL"),
        running_stack(tmp_path, settings={"CALLBOOK_PUBLIC_URL": "nowhere"}),
    ):
        pass


def test_a_sandbox_with_unknown_options_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="hubspot sandbox ended"), running_sandbox(tmp_path, "--no-such-option"):
        pass
