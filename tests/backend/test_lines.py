"""The numbers and extensions that are a user's own: entered in any form, kept in one, and nobody else's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import TestResponse

from callbook import accounts, phone
from callbook.models import Line, connected
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, json_of, owner_of


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


def enter(rep: Rep, *lines: str) -> TestResponse:
    return rep.put("/api/lines", {"lines": list(lines)})


def kept(rep: Rep) -> list[str]:
    return [each["line"] for each in rep.read("/api/lines")["lines"]]


def refusal(answer: TestResponse) -> tuple[int, str, list[str]]:
    error = json_of(answer)["error"]
    return answer.status_code, error["kind"], [field["where"] for field in error["fields"]]


@pytest.mark.parametrize(
    ("written", "line", "shown"),
    [
        ("(201) 555-0132", "+12015550132", "(201) 555-0132"),
        ("+44 20 7946 0018", "+442079460018", "+44 20 7946 0018"),
        ("201 555 0132 ext. 7", "+12015550132x7", "(201) 555-0132 x7"),
        ("101", "101", "101"),
        (" x101 ", "101", "101"),
        ("Ext. 0101", "0101", "0101"),
        ("*12", "12", "12"),
        ("#999999", "999999", "999999"),
        ("١٠١", "101", "101"),
    ],
)
def test_a_line_is_kept_in_one_form_and_shown_as_at_home(ann: Rep, written: str, line: str, shown: str) -> None:
    answer = enter(ann, written)
    assert (answer.status_code, json_of(answer)) == (200, {"lines": [{"line": line, "display": shown}]})
    assert kept(ann) == [line]


@pytest.mark.parametrize("written", ["", "Dana", "555-0132", "anonymous", "1" * 30, "x", "+", "1234567"])
def test_what_is_neither_a_number_nor_an_extension_is_refused_and_changes_nothing(ann: Rep, written: str) -> None:
    enter(ann, "101")
    assert refusal(enter(ann, "102", written)) == (422, "invalid", ["lines.1"])
    assert kept(ann) == ["101"]


@pytest.mark.parametrize("lines", [["1"] * 21, ["1" * 201], [101], "101", None])
def test_lines_of_another_shape_are_refused(ann: Rep, lines: Any) -> None:
    assert ann.put("/api/lines", {"lines": lines}).status_code == 422


def test_the_lines_are_what_was_entered_last(ann: Rep) -> None:
    enter(ann, "101", "(201) 555-0132")
    assert kept(ann) == ["+12015550132", "101"]
    enter(ann, "102", "101", "101")
    assert kept(ann) == ["101", "102"]
    enter(ann)
    assert kept(ann) == []


def test_a_line_that_somebody_has_is_refused_in_whatever_form_and_stays_theirs(ann: Rep, ben: Rep) -> None:
    enter(ann, "+1 201 555 0132", "101")
    enter(ben, "102")
    assert refusal(enter(ben, "103", "201-555-0132", "x101")) == (409, "line_taken", ["lines.1", "lines.2"])
    assert (kept(ann), kept(ben)) == (["+12015550132", "101"], ["102"])


def test_one_who_gives_a_line_up_leaves_it_to_the_next(ann: Rep, ben: Rep) -> None:
    enter(ann, "101", "102")
    enter(ann, "102")
    assert enter(ben, "101").status_code == 200
    assert (kept(ann), kept(ben)) == (["102"], ["101"])


def test_who_has_left_holds_no_line_against_another_and_finds_the_rest_again(ann: Rep, ben: Rep) -> None:
    enter(ann, "101", "102")
    owner = owner_of(ann)
    with connected():
        accounts.unauthorize(owner)
    assert enter(ben, "101").status_code == 200
    assert kept(ben) == ["101"]
    with connected():
        assert [row.line for row in Line.of(owner).select()] == ["102"]


def test_lines_of_another_portal_are_taken_too(ann: Rep, somebody: Callable[..., Rep]) -> None:
    enter(ann, "101")
    assert refusal(enter(somebody("cat@two.example", portal_id=2), "101")) == (409, "line_taken", ["lines.0"])


def test_of_all_who_want_a_line_at_once_one_gets_it(somebody: Callable[..., Rep]) -> None:
    people = [somebody(f"rep{number}@one.example") for number in range(4)]
    barrier = Barrier(len(people))

    def claim(rep: Rep, line: str) -> int:
        barrier.wait(30)
        return enter(rep, "201 555 0100", line).status_code

    with ThreadPoolExecutor(len(people)) as threads:
        for line in ("101", "102", "103"):
            claims = [threads.submit(claim, rep, line) for rep in people]
            assert sorted(each.result() for each in claims) == [200, 409, 409, 409]
            assert sorted(len(kept(rep)) for rep in people) == [0, 0, 0, 2]


def test_nobody_sees_anothers_lines(ann: Rep, ben: Rep) -> None:
    enter(ann, "101")
    assert kept(ben) == []


@pytest.mark.parametrize("region", [None, "US", "GB"])
def test_no_text_upsets_the_reading_of_lines(region: str | None) -> None:
    for text in ("\x00", "+" * 300, "x" * 300, "☎", "(", "1" * 500, "😀101", "tel:", "@", "\ud800"):
        assert phone.line(text, region) is None
