"""What looks at the screens sees what it is there to see."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.screens import baselines, measures
from tests.screens.looking import laid_out, violations
from tests.screens.stage import Situation, Stage

WIDE = "document.querySelector('.ftr').style.width = '500px'"
CUT = "Object.assign(document.querySelector('.tabs button').style, { width: '30px', overflow: 'hidden' })"
LOW = "document.querySelector('.hdr').style.height = '48px'"
NAMELESS = "for (const name of ['aria-label', 'title']) document.querySelector('.icon-btn').removeAttribute(name)"
PALE = "document.querySelector('.chip').style.color = '#b0b8f0'"


def test_what_sticks_out_and_what_is_cut_off_is_found(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        page.get_by_text("Ben Carver").wait_for()
        assert laid_out(page) == []
        page.evaluate(CUT)
        assert [words for words in laid_out(page) if "cut off sideways" in words]
        page.evaluate(WIDE)
        page.evaluate("document.querySelector('.popup').style.overflow = document.body.style.overflow = 'visible'")
        assert [words for words in laid_out(page) if "the page is" in words]


def test_a_wrong_measure_is_found(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        page.get_by_text("Ben Carver").wait_for()
        page.evaluate(LOW)
        assert measures.taken(page)[1] == [".hdr: height is 48, not 52"]


@pytest.mark.parametrize(("harm", "rule"), [(NAMELESS, "button-name"), (PALE, "color-contrast")])
def test_what_keeps_people_out_is_found(stage: Stage, harm: str, rule: str) -> None:
    with stage.opened(Situation()) as page:
        page.get_by_text("Ben Carver").wait_for()
        page.evaluate(harm)
        assert {words.split(" ")[0] for words in violations(page)} == {rule}


def test_an_icon_more_is_another_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "FOLDER", tmp_path)
    picture = Image.new("RGB", (380, 600), "#ffffff")
    baselines.store("screen", _png(picture))
    assert baselines.compare("screen", _png(picture)).words == ""
    ImageDraw.Draw(picture).rectangle((10, 10, 25, 25), fill="#4350c8")
    assert baselines.compare("screen", _png(picture)).words == "screen: 256 px differ, within (10, 10, 26, 26)"
    assert "there is no baseline" in baselines.compare("other", _png(picture)).words


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
