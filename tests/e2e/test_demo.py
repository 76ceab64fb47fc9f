"""The demo as a person runs it: the main job from first click to Unauthorize with a picture of every step, a failure in
one sentence, and a CSV file that is read or refused before anything starts.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import main_job
from tests.e2e.chromium import extension_browser
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.protocol import DriverTimeout
from tests.e2e.stack import Service, Stack, free_port

ROOT = Path(__file__).resolve().parents[2]
MAIN_JOB_WITHIN_S = 240
ANSWER_WITHIN_S = 60
STEP_LINE = re.compile(r"^ *\d+\.\d s  (\S.*)$", re.MULTILINE)
PNG = b"\x89PNG\r\n\x1a\n"
SMALLEST_PICTURE_BYTES = 5_000  # a blank one is smaller
HEADER = "Record ID,First Name,Last Name,Phone Number\n"


def _demo(chromium: Path, *options: str, within_s: float = ANSWER_WITHIN_S) -> subprocess.CompletedProcess[str]:
    """What `./scripts/demo` runs once everything is set up, on a machine without a display."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment = {**kept, "PYTHONPATH": str(ROOT), "CALLBOOK_CHROMIUM": str(chromium)}
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), *options]
    return subprocess.run(
        command, env=environment, cwd=ROOT, check=False, capture_output=True, text=True, timeout=within_s
    )


@pytest.mark.usefixtures("built_extension")
def test_the_main_job_is_done_and_pictured(chromium: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    ended = _demo(chromium, "--headless", "--contacts", "150", "--out", str(out), within_s=MAIN_JOB_WITHIN_S)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("demo ok: 150 contacts")
    steps = STEP_LINE.findall(ended.stdout)
    assert len(steps) == len(main_job.STEPS)
    pictures = sorted(out.iterdir())
    assert [int(each.name[:2]) for each in pictures] == list(range(1, len(pictures) + 1))
    assert len(pictures) >= len(steps)
    assert all(each.read_bytes().startswith(PNG) for each in pictures)
    assert min(each.stat().st_size for each in pictures) > SMALLEST_PICTURE_BYTES


def test_a_step_that_fails_is_named_and_pictured(
    built_extension: Path,
    chromium: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def never(_walk: main_job.Walk) -> str:
        raise DriverTimeout("waited 15 s for a miracle\nIt shows:\nnothing")

    monkeypatch.setattr(main_job, "STEPS", (main_job.STEPS[0], ("A miracle", never), main_job.STEPS[0]))
    nowhere = f"http://127.0.0.1:{free_port()}"
    with neutral_pages() as page_url, extension_browser(built_extension, chromium) as browser:
        setting = main_job.Setting(
            Stack(nowhere, nowhere, tmp_path, {}, (), Service(nowhere, {}, tmp_path)), browser, page_url, 0, ""
        )
        assert main_job.do_main_job(setting, tmp_path / "out") == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1].startswith("demo failed at “A miracle”: waited 15 s for a miracle (see ")
    assert len(STEP_LINE.findall("\n".join(said))) == 1
    assert (tmp_path / "out" / "failure.png").read_bytes().startswith(PNG)


def test_a_browser_that_cannot_start_ends_the_demo_with_a_sentence(tmp_path: Path) -> None:
    ended = _demo(tmp_path / "no-chromium", "--headless", "--contacts", "1", "--out", str(tmp_path / "out"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("demo failed: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(None, "was not found", id="not found"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(PNG + bytes(range(256)), "is not a CSV file", id="binary"),
        pytest.param(b"Colour,Taste\nred,sweet\n", "no header of a HubSpot contact export", id="no known header"),
        pytest.param(HEADER.encode(), "holds no contacts", id="nothing below the header"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_in_one_sentence(
    chromium: Path, tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "export.csv"
    if content is not None:
        path.write_bytes(content)
    ended = _demo(chromium, "--headless", "--csv", str(path))
    assert ended.returncode == 2
    assert why in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == "", "nothing was started"


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a display")
@pytest.mark.parametrize(
    ("encoding", "rows", "found"),
    [
        pytest.param(
            "utf-8-sig", "1,Zoë,Müller,+49 30 123456\n2,李,小龍,\n", "2 contacts, 0 rows", id="UTF-8 with a BOM"
        ),
        pytest.param("cp1252", "1,Zoë,Müller,+49 30 123456\n2,José,Ñandú,\n", "2 contacts, 0 rows", id="Windows-1252"),
        pytest.param("utf-8", "7,Ann,One,\n7,Bob,Two,\n8,Cid,Three,\n", "2 contacts, 1 rows", id="duplicate Record ID"),
    ],
)
def test_a_csv_as_programs_write_it_is_read(
    chromium: Path, tmp_path: Path, encoding: str, rows: str, found: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes((HEADER + rows).encode(encoding))
    ended = _demo(chromium, "--csv", str(path))
    assert ended.stdout.splitlines() == [
        f"{path}: {found} skipped",
        "There is no display here. This form does the main job by itself: ./scripts/demo --headless",
    ]
