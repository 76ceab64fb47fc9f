"""The stored pictures of all screens. A picture is as its baseline if at most `TOLERATED` of its pixels differ by more
than `NOTICEABLE` in a colour: less is the smoothing of letters. Both have 128 colours, so that the stored are small:
those of surfaces as they are, and for the rest such as are far apart, because an icon or a dot has one of its own.
"""

import io
import json
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from PIL import Image, ImageChops

FOLDER = Path(__file__).with_name("baselines")
MADE_WITH = FOLDER / "made-with.json"
COLOURS = 128
OF_SURFACES = 32  # of them
NOTICEABLE = 40  # of 255
TOLERATED = 0.0005  # of all pixels; an icon of 16 px is 0.0011 of a popup


@dataclass(frozen=True)
class Difference:
    """`words` is empty where there is none worth telling."""

    words: str
    picture: Image.Image | None = None


def compare(name: str, png: bytes) -> Difference:
    path = _path(name)
    if not path.exists():
        return Difference(f"there is no baseline {path.name}; ./scripts/screens --rewrite makes it")
    now, then = _few_colours(png).convert("RGB"), Image.open(path).convert("RGB")
    if now.size != then.size:
        return Difference(f"{name} is {now.size} px, and was {then.size}", now)
    off = _off(now, then)
    count = off.histogram()[255]
    if count <= TOLERATED * now.width * now.height:
        return Difference("")
    return Difference(f"{name}: {count} px differ, within {off.getbbox()}", now)


def store(name: str, png: bytes) -> None:
    FOLDER.mkdir(exist_ok=True)
    _few_colours(png).save(_path(name), optimize=True)


def keep_only(names: set[str], chromium: str) -> None:
    """Drops the pictures of states that are no more, and says which Chromium made the rest."""
    for path in FOLDER.glob("*.png"):
        if path.stem not in names:
            path.unlink()
    MADE_WITH.write_text(json.dumps({"chromium": chromium}) + "\n", "utf-8")


def major(version: str) -> str:
    return version.partition(".")[0]


def made_with() -> str:
    """The version of Chromium that drew them; empty before the first."""
    if not MADE_WITH.exists():
        return ""
    version: str = json.loads(MADE_WITH.read_text("utf-8"))["chromium"]
    return version


def _few_colours(png: bytes) -> Image.Image:
    """As it is stored; what is compared with it is made the same first."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    by_area = sorted(picture.getcolors(picture.width * picture.height) or (), key=itemgetter(0), reverse=True)
    exact = [channel for _, colour in by_area[:OF_SURFACES] if isinstance(colour, tuple) for channel in colour]
    spread = picture.quantize(COLOURS - OF_SURFACES, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*exact, *spread][: 3 * COLOURS])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _path(name: str) -> Path:
    return FOLDER / f"{name}.png"


def _off(now: Image.Image, then: Image.Image) -> Image.Image:
    """White where a colour differs noticeably, black elsewhere."""
    bands = ImageChops.difference(now, then).split()
    strongest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return strongest.point(lambda value: 255 if value > NOTICEABLE else 0)
