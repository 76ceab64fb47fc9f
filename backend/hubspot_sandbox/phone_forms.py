"""Phone numbers as people type them into a CRM: every country's own habits, extensions, notes, and slips.

The numbers come from ranges that are well formed for their country; the US ones from exchanges around 555.
"""

import random
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Country:
    code: str  # ISO 3166
    locale: str  # Faker's
    names: tuple[str, ...]  # what people write in the country field
    dial: str
    trunk: str
    fixed: tuple[str, ...]  # "#" is any digit, a space a natural break
    mobile: tuple[str, ...]


COUNTRIES = (
    Country(
        "US",
        "en_US",
        ("US", "United States", "USA"),
        "1",
        "",
        ("201 55# ####", "212 55# ####", "312 55# ####", "415 55# ####", "617 55# ####"),
        ("305 55# ####", "646 55# ####"),
    ),
    Country(
        "GB", "en_GB", ("GB", "United Kingdom", "UK"), "44", "0", ("20 79## ####", "121 2## ####"), ("7400 ######",)
    ),
    Country(
        "DE", "de_DE", ("DE", "Germany", "Deutschland"), "49", "0", ("30 3#######", "89 4#######"), ("1512 #######",)
    ),
    Country("FR", "fr_FR", ("FR", "France"), "33", "0", ("1 42 ## ## ##", "4 91 ## ## ##"), ("6 12 ## ## ##",)),
    Country("ES", "es_ES", ("ES", "Spain", "España"), "34", "", ("91 4## ## ##", "93 2## ## ##"), ("612 ### ###",)),
    Country("IT", "it_IT", ("IT", "Italy", "Italia"), "39", "", ("02 12## ####", "06 698 #####"), ("312 34# ####",)),
    Country("PL", "pl_PL", ("PL", "Poland", "Polska"), "48", "", ("22 6## ## ##",), ("512 ### ###",)),
    Country("BR", "pt_BR", ("BR", "Brazil", "Brasil"), "55", "0", ("11 23## ####",), ("11 96### ####",)),
    Country("NL", "nl_NL", ("NL", "Netherlands"), "31", "0", ("20 62# ####", "10 41# ####"), ("6 12######",)),
    Country("SE", "sv_SE", ("SE", "Sweden", "Sverige"), "46", "0", ("8 50# ### ##",), ("70 12# ## ##",)),
    Country("JP", "ja_JP", ("JP", "Japan", "日本"), "81", "0", ("3 35## ####", "6 62## ####"), ("90 12## ####",)),
    Country("CN", "zh_CN", ("CN", "China", "中国"), "86", "0", ("10 65## ####", "21 62## ####"), ("131 23## ####",)),
    Country("IN", "hi_IN", ("IN", "India", "भारत"), "91", "0", ("22 2### ####",), ("81234 #####",)),
    Country("IL", "he_IL", ("IL", "Israel", "ישראל"), "972", "0", ("3 62# ####",), ("50 23# ####",)),
    Country("TR", "tr_TR", ("TR", "Türkiye"), "90", "0", ("212 34# ## ##",), ("501 23# ## ##",)),
    Country("CZ", "cs_CZ", ("CZ", "Czechia"), "420", "", ("222 ### ###",), ("601 ### ###",)),
)
COUNTRY_WEIGHTS = tuple(accumulate((34, 10, 8, 7, 5, 5, 4, 5, 4, 3, 4, 3, 4, 2, 2, 2)))

DIALS_OUT_OTHERWISE = ("US", "BR", "JP")  # "00" is not how one calls abroad from there

EXTENSIONS = ("{} x{}", "{} ext {}", "{} ext. {}", "{} extension {}", "{};ext={}", "{}#{}")
NOTES = ("tel:{}", "phone {}", "{} (mobile)", "{} - work", "  {} ", "{}, ask for reception")
NORTH_AMERICAN = (
    "({}) {}-{}",
    "({}){}-{}",
    "{}-{}-{}",
    "{}.{}.{}",
    "{} {} {}",
    "{}{}{}",
    "1-{}-{}-{}",
    "1 ({}) {}-{}",
)
NOT_NUMBERS = ("-", "n/a", "see company record", "unknown", "0", "+")
FULL_WIDTH = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")  # as Japanese keyboards write them


@dataclass(frozen=True)
class Typed:
    text: str
    e164: str | None  # what HubSpot works out; None where it could not


def any_country(rng: random.Random) -> Country:
    return rng.choices(COUNTRIES, cum_weights=COUNTRY_WEIGHTS)[0]


def happens(rng: random.Random, share: float) -> bool:
    return rng.random() < share


def _digit(rng: random.Random) -> str:
    """Draw what `rng.choice("0123456789")` draws, in half the time: they are most of what is drawn."""
    bits = rng.getrandbits
    drawn = bits(4)
    while drawn > 9:  # noqa: PLR2004 - the last digit
        drawn = bits(4)
    return "0123456789"[drawn]


def typed_number(rng: random.Random, country: Country, *, mobile: bool) -> Typed:
    if happens(rng, 0.012):
        return Typed(rng.choice(NOT_NUMBERS), None)
    pattern = rng.choice(country.mobile if mobile else country.fixed)
    national = "".join([_digit(rng) if char == "#" else char for char in pattern])
    if happens(rng, 0.55):
        text, e164 = _international(rng, country, national), f"+{country.dial}{national.replace(' ', '')}"
    else:
        text, e164 = _national(rng, country, national), None
    if happens(rng, 0.03):  # a number with a remark is beyond HubSpot's parser
        return Typed(rng.choice(NOTES).format(text), None)
    return Typed(_dressed(rng, country, text), e164)


def _international(rng: random.Random, country: Country, national: str) -> str:
    spaced = national.replace(" ", rng.choice((" ", " ", "-", ".")))
    compact = national.replace(" ", "")
    forms = [f"+{country.dial}{compact}", f"+{country.dial}{compact}", f"+{country.dial} {spaced}"]
    forms += [f"+{country.dial}-{spaced}", f"+{country.dial} {compact}"]
    if country.trunk:
        forms.append(f"+{country.dial} (0){spaced}")
    if country.code not in DIALS_OUT_OTHERWISE:
        forms += [f"00{country.dial} {spaced}", f"00{country.dial}{compact}"]
    return rng.choice(forms)


def _national(rng: random.Random, country: Country, national: str) -> str:
    if country.code == "US":
        return rng.choice(NORTH_AMERICAN).format(*national.split())
    area, _, rest = national.partition(" ")
    joined = national.replace(" ", rng.choice((" ", " ", "-", ".", "/", "")))
    return rng.choice((f"{country.trunk}{joined}", f"{country.trunk}{joined}", f"({country.trunk}{area}) {rest}"))


def _dressed(rng: random.Random, country: Country, text: str) -> str:
    if happens(rng, 0.06):
        return rng.choice(EXTENSIONS).format(text, rng.randrange(10, 9999))
    return text.translate(FULL_WIDTH) if country.code == "JP" and happens(rng, 0.1) else text
