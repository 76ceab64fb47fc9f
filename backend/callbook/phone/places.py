"""Where people are: the region (ISO 3166 alpha-2) that a country's name or a time zone stands for."""

import pickle
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import phonenumbers
from babel.core import get_global
from babel.localedata import resolve_locale_filename

# The languages HubSpot's interface speaks, English first: where two tongues share a word, the earlier wins.
_LANGUAGES = [
    *(
        "en",
        "de",
        "es",
        "fr",
        "it",
        "nl",
        "pt",
        "ja",
        "zh",
        "zh_Hant",
        "ko",
        "pl",
        "sv",
        "da",
        "no",
        "fi",
    ),
    *("cs", "hu", "ro", "ru", "uk", "tr", "th", "vi", "id", "he", "ar", "bg", "hr", "sk", "sl", "el"),
]
_OTHER_NAMES = {
    "AE": "uae|emirates",
    "BO": "bolivia, plurinational state of",
    "CD": "drc|dr congo|democratic republic of the congo",
    "CI": "ivory coast|cote divoire",
    "CN": "prc|peoples republic of china|mainland china",
    "CV": "cape verde",
    "CZ": "czech republic",
    "FM": "micronesia, federated states of",
    "GB": "england|scotland|wales|northern ireland|britain|great britain|united kingdom of great britain",
    "HK": "hong kong",
    "IE": "republic of ireland|eire",
    "IR": "iran, islamic republic of",
    "KP": "dprk",
    "KR": "korea|republic of korea|korea, republic of",
    "LA": "lao peoples democratic republic",
    "MD": "republic of moldova|moldova, republic of",
    "MK": "macedonia",
    "MM": "burma|myanmar",
    "MO": "macau|macao",
    "NL": "holland",
    "PS": "palestine|palestinian territory",
    "RU": "russian federation",
    "SY": "syrian arab republic",
    "SZ": "swaziland",
    "TL": "east timor",
    "TR": "turkey",
    "TW": "taiwan, province of china|republic of china|roc",
    "TZ": "tanzania, united republic of",
    "US": "united states of america|america|the states",
    "VA": "vatican|holy see",
    "VE": "venezuela, bolivarian republic of",
    "VN": "viet nam",
    "ZA": "rsa",
}
_MAX_CHARACTERS = 100


def is_region(code: str) -> bool:
    """Whether it is an ISO 3166 alpha-2 code, in capitals, of a region that has phone numbers."""
    return code in phonenumbers.SUPPORTED_REGIONS


def region_of_country(text: str) -> str | None:
    """An ISO code of two or three letters, or a country's name in one of the languages HubSpot speaks."""
    return _region_named(text[:_MAX_CHARACTERS])


@lru_cache(maxsize=4096)
def _region_named(text: str) -> str | None:
    key = _folded(text)
    names = _names()
    for form in (key, re.sub(r"\s*\(.*", "", key), key.partition(" - ")[0], key.removeprefix("the ")):
        region = names.get(form.strip())
        if region is not None:
            return region
    return None


def region_of_time_zone(time_zone: str) -> str | None:
    zone = time_zone.strip()
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone))
    return territory if territory in phonenumbers.SUPPORTED_REGIONS else None


@cache
def _names() -> dict[str, str]:
    regions = phonenumbers.SUPPORTED_REGIONS
    names = {region.casefold(): region for region in regions}
    for alias, meant in get_global("territory_aliases").items():
        if len(meant) == 1 and meant[0] in regions and not alias.isdigit():
            names.setdefault(alias.casefold(), meant[0])
    for region, others in _OTHER_NAMES.items():
        names.update(dict.fromkeys(map(_folded, others.split("|")), region))
    for language in _LANGUAGES:
        for region, name in _territories(language).items():
            if region in regions:
                names.setdefault(_folded(name), region)
    return names


def _territories(language: str) -> dict[str, str]:
    """By a reading of our own: Babel keeps every language that it has loaded, 36 MB for all of these."""
    data = pickle.loads(Path(resolve_locale_filename(language)).read_bytes())  # noqa: S301 - the package's own file
    return dict(data["territories"])


def _folded(text: str) -> str:
    """Without case, accents, dots and apostrophes, as people leave them out."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter) and letter not in ".'\u2019`")
    return " ".join(unicodedata.normalize("NFC", kept).replace("&", "and").split())
