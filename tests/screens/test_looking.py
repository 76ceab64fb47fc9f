"""What looks at the screens sees what it is there to see."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.screens import baselines, measures
from tests.screens.looking import laid_out, longer, moving, violations
from tests.screens.stage import Situation, Stage
from tests.screens.states import syncing

WIDE = "document.querySelector('.ftr').style.width = '500px'"
CUT = "Object.assign(document.querySelector('.tabs button').style, { width: '30px', overflow: 'hidden' })"
TIGHT = """() => {
  const tab = document.querySelector('.tabs button');
  Object.assign(tab.style, { width: `${tab.offsetWidth}px`, overflow: 'hidden' });
}"""
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


def test_words_that_have_no_room_to_be_longer_are_found(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        page.get_by_text("Ben Carver").wait_for()
        page.evaluate(TIGHT)
        assert laid_out(page) == []
        assert [words for words in longer(page) if "cut off sideways" in words]


def test_what_moves_is_found(stage: Stage) -> None:
    with stage.opened(Situation(syncing())) as page:
        page.get_by_text("You can close this").wait_for()
        page.emulate_media(reduced_motion="no-preference")
        assert '<span class="spin">' in moving(page)


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


def test_a_small_thing_keeps_its_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "FOLDER", tmp_path)
    picture = Image.linear_gradient("L").resize((380, 600)).convert("RGB")
    ImageDraw.Draw(picture).ellipse((20, 580, 26, 586), fill="#1a7648")
    baselines.store("screen", _png(picture))
    kept = Image.open(tmp_path / "screen.png").convert("RGB").getpixel((23, 583))
    assert kept == (0x1A, 0x76, 0x48)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
