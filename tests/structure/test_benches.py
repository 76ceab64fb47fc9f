"""The measurements: each is whole, and runs on something small."""

import argparse
import json
import re
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import bench
from bench import BENCHES, Row
from benches import calls, crash, sandbox, sync
from benches._timed import timed

NAMES = sorted(path.stem for path in BENCHES.glob("*.py") if not path.stem.startswith("_"))


@pytest.mark.parametrize("name", NAMES)
def test_a_measurement_says_what_it_measures_and_has_options(name: str) -> None:
    module = import_module(f"benches.{name}")
    assert module.__doc__
    module.add_options(argparse.ArgumentParser())
    assert callable(module.measure)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["sync", "--contacts", "0"], "'0' is not a number of one or more"),
        (["sync", "--contacts", "many"], "'many' is not a number of one or more"),
        (["calls", "--postgres"], "CALLBOOK_TEST_POSTGRES_URL names no server."),
        (["sync", "--again", "nowhere.json"], "nowhere.json holds no figures of this command's"),
        (["sync", "--again", __file__], "holds no figures of this command's"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLBOOK_TEST_POSTGRES_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        bench.main(arguments)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err.splitlines()[-1]


def test_the_sandbox_is_measured_under_each_load(capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(contacts=[250], million=False, seconds=0.01)
    rows = {str(row["load"]): row for row in sandbox.measure(options)}
    assert list(rows) == [load.name for load in sandbox.LOADS]
    for name, row in rows.items():
        assert (float(row["list_per_s"]) > 0) == ("search" not in name), name
        assert (float(row["search_per_s"]) > 0) == ("list" not in name), name
        assert float(row["start_s"]) > 0
        assert int(row["peak_mib"]) > 10
    assert "250 contacts: list" in capsys.readouterr().err


def test_a_full_and_a_recent_sync_are_measured_and_the_official_client_beside_them() -> None:
    options = argparse.ArgumentParser()
    sync.add_options(options)
    small = ["--contacts", "450", "--latency-ms", "0", "--index-lag-s", "0"]
    rows = sync.measure(options.parse_args(small))
    assert [(row["run"], row["list"]) for row in rows] == [
        ("full, first", "page by page"),
        ("full, unchanged", "page by page"),
        ("full, first", "sought"),
        ("full, unchanged", "sought"),
        ("recent, nothing changed", "sought"),
        ("recent, 5 changes", "sought"),
        ("recent, 57 edited in one ms", "sought"),
        ("official client, get_all", "from the start"),
    ]
    *ours, official = rows
    assert {row["ended"] for row in ours} == {"finished"}
    assert [row["seen"] for row in ours[-2:]] == ["2/1/1/1", "57"]
    assert 0 < float(ours[5]["arrived_s"]) <= float(ours[5]["seconds"])
    assert all(int(row["requests"]) >= int(row["by_list"]) + int(row["by_search"]) > 0 for row in ours)
    assert all(int(row["around_requests"]) > 0 for row in ours[:4])
    assert official["requests"] == 5
    assert set(official) <= set(ours[0])


def test_callers_are_timed_for_one_number_and_for_a_hundred() -> None:
    options = argparse.ArgumentParser()
    calls.add_options(options)
    small = ["--part", "callers", "--users", "2", "--contacts", "150", "--seconds", "0.4"]
    rows = calls.measure(options.parse_args(small))
    told = [(row["part"], row["what"], row["times"], row["goal_ms"]) for row in rows]
    assert told == [("callers", "1 number, 50 a second", 20, 20.0), ("callers", "100 numbers, 5 a second", 2, 20.0)]
    for row in rows:
        assert 0 < float(row["p50_ms"]) <= float(row["p99_ms"]) <= float(row["p99.9_ms"])


def test_what_was_timed_is_told_by_its_percentiles_and_its_goal() -> None:
    thousand = [float(n) for n in range(1000, 0, -1)]
    told = timed("part", "what", thousand, 990.5)
    figures = {"p50_ms": 500.0, "p99_ms": 990.0, "p99.9_ms": 999.0}
    assert told == {"part": "part", "what": "what", "times": 1000, **figures, "goal_ms": 990.5, "goal": "kept"}
    assert timed("part", "what", thousand, 990.0)["goal"] == "missed"


FIGURES: list[Row] = [
    {"contacts": 10_000, "run": "full, first", "list": "sought", "seconds": 5.0},
    {"contacts": 100_000, "run": "full, first", "list": "page by page", "seconds": 78.4},
    {"contacts": 100_000, "run": "full, first", "list": "sought", "seconds": 52.6},
    {"contacts": 100_000, "run": "full, unchanged", "list": "sought", "seconds": 52.0},
    {"contacts": 100_000, "run": "official client, get_all", "list": "from the start", "seconds": 281.2},
]


def test_figures_that_were_kept_are_shown_and_drawn_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, drawn = tmp_path / "figures.json", tmp_path / "figures.svg"
    circumstances = {"machine": "A & B, 2 cores", "versions": {"Python": "3"}, "measured_at": "2026-11-21T10:00:00Z"}
    kept.write_text(json.dumps({"bench": "sync", **circumstances, "rows": FIGURES}), "utf-8")
    assert bench.main(["sync", "--again", str(kept), "--plot", str(drawn)], {"sync": sync}) == 0
    assert "A & B, 2 cores, 2026-11-21T10:00:00Z" in capsys.readouterr().out
    picture = drawn.read_text("utf-8")
    ET.fromstring(picture)  # noqa: S314 - our own
    assert re.findall(r"\d+ s<", picture) == [
        "53 s<",
        "78 s<",
        "281 s<",
        "270 s<",
        "279 s<",
        "335 s<",
        "864 s<",
    ]
    assert picture.count("measured elsewhere") == 4


def test_a_worker_is_killed_and_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(contacts=600, kills=1, stops=1, seed=1, postgres=False)
    killed, stopped = crash.measure(options)
    for row in (killed, stopped):
        assert int(row["deaths"]) == 1
        assert row["missed"] in {"nothing", "given_back_s"}, row  # how fast it ends is the machine's
    assert "SIGKILL 1" in capsys.readouterr().err
