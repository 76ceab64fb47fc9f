"""Text as people and phone systems write it: brought to plain characters, then cut into runs of digits.

Hides other scripts, URIs, the spellings of an extension and the ways to say that a caller hides their number.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

# ruff: noqa: RUF001  other scripts are the subject here

MAX_CHARACTERS = 500

_SIGNS = {
    **dict.fromkeys("−ー﹣~〜∼", "-"),
    **dict.fromkeys("·•・‧∙", "."),
    **dict.fromkeys("、،", ","),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("\ufe0f\u20e3", ""),  # what makes a digit an emoji
    "➕": "+",
    "؛": ";",
    "’": "'",
    "×": "x",
}
_BY_CATEGORY = {"Zs": " ", "Zl": "\n", "Zp": "\n", "Cf": "", "Pd": "-"}

# Words that make the digits after them an extension whatever their count; longer spellings first.
_SURE = (
    r"extensi[oó]n|extens[aã]o|estensione|extension|extens|exten|extn|ext|xtn|;postd|poste|anexo|ramal|interno|internal|durchwahl|dw|"
    r"nebenstelle|nst|apparat|toestel|tst|wewn[eę]trzny|wewn|wew|добавочный|доб|внутренний|внутр|вн|內線|内线|内線|分机|"
    r"分機|转|轉|내선|dahili|anknytning|ankn|lokalnummer|alanumero|alanro|klapka|mellék|εσωτερικό|εσωτ|שלוחה|"
    r"تحويلة|داخلي|داخلی|máy lẻ|nhánh|ต่อ"
)
# Words that may also mean something else: only a few digits after them are an extension.
_LIKELY = r"xt|anx|int|app|lokal|linje|local|loc|kl|opt|option|opci[oó]n|press|dial|then|and|menu|pin|code|post"
_BEFORE = r"[\s,;:.(\-/]*"
_AFTER = r"[\s.:;=#)\-]*(?:(?:number|num|no|nr|n)[\s.:#]*)?"
_EXTENSION = (
    rf"(?:{_BEFORE}(?:(?:{_LIKELY})[\s.:]+)*(?:{_SURE}){_AFTER}(?P<sure>\d+)"
    rf"|{_BEFORE}(?:(?:{_LIKELY}){_AFTER})+(?P<likely>\d{{1,6}})(?!\d)"
    rf"|{_BEFORE}[x#*х]+[\s.:#]*(?P<sign>\d{{1,9}})(?!\d)"
    r"|\s*,[\s,]*,\s*(?P<pause>\d{1,15})(?![\s().\-]*\d)"
    r"|(?:\s*[,;]\s*|[pw]+)(?P<wait>\d{1,6})(?![\s().\-/]*\d))"
)
_TRAILING_EXTENSION = re.compile(rf"(?<=\w){_EXTENSION}\W*\Z", re.IGNORECASE)
_RUN = re.compile(
    rf"(?<![^\W\d_])(?:{_SURE}){_AFTER}(?P<lead>\d{{1,6}})(?=\s*(?:[,;:|/\n+(]|-\s))"
    rf"|(?P<run>(?:[+(][+( \t]*)?\d(?:[ \t().\-/'_]*\d)*){_EXTENSION}?",
    re.IGNORECASE,
)
_SERVICE_CODE = re.compile(r"\A\s*[*#]\d{2,3}[*#]?(?!\d)")  # *67, #31#: dialled before a number
_LETTER_FOR_ZERO = re.compile(r"(?<=[\d\s.\-])[oO]{1,3}(?=\d)")
_SPREADSHEET_FLOAT = re.compile(r"\A\s*(\+?\d{5,})\.0\s*\Z")
_BRACKETS = str.maketrans("[]{}", "()()")
_BRACKETED = re.compile(r"<\s*((?:sips?|tel):[^>]*)>?", re.IGNORECASE)
_CONTEXT = re.compile(r"^\s*(?:(?:tel|sips?|callto):)?([^;+]*)(.*?);phone-context=(\+\d+)", re.IGNORECASE)
_PARAMETER = re.compile(r";(?!ext|postd)[a-z][a-z\-]*(?:=[^;>@\s]*)?", re.IGNORECASE)

_WITHHELD = re.compile(
    r"(?:(?:the|my)?(?:caller|call|phone)?(?:id|number|numero|número|nummer|numéro)?(?:is)?)?"
    r"(?:anonym(?:ous|e)?|private|restricted|unknown|unavailable|blocked|withheld|hidden|undisclosed|nocallerid|privato?|"
    r"privado|privé|prive|inconnu|masqué|masque|unbekannt|unterdrückt|an[oóô]nimo|anoniem|oculto|desconocido|desconhecido|"
    r"sconosciuto|onbekend|okänt|ukendt|ukjent|nieznany|скрыт|неизвестный|非通知|匿名|未知)"
    r"(?:caller|call|number|id|numero|número|nummer|numéro|user|name|invalid)*",
)
# ANONYMOUS, UNAVAILABLE, RESTRICTED, BLOCKED, UNKNOWN spelled on a keypad, as some carriers send them.
_WITHHELD_DIGITS = frozenset({"266696687", "86282452253", "7378742833", "2562533", "8656696"})


@dataclass(frozen=True, slots=True)
class Run:
    """Digits with what people put between them; `worded`: letters stand before it."""

    text: str
    extension: str | None
    worded: bool


def plain(raw: str) -> str:
    """ASCII digits and signs, no URI around them, at most MAX_CHARACTERS; no number is left cut in two."""
    text = raw
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS].rstrip("0123456789+().- /")
    if not text.isascii():
        text = "".join(map(_plain_character, unicodedata.normalize("NFKC", text)[:MAX_CHARACTERS]))
    if any(sign in text for sign in "@;%<"):
        text = _without_uri(text)
    text = _LETTER_FOR_ZERO.sub(lambda letters: "0" * len(letters[0]), text.translate(_BRACKETS))
    return _SPREADSHEET_FLOAT.sub(r"\1", text)


def split_extension(text: str) -> tuple[str, str | None]:
    """The text before the extension at its end, and the extension."""
    match = _TRAILING_EXTENSION.search(text)
    return (text[: match.start()], _extension(match)) if match else (text, None)


def runs(text: str) -> Iterator[Run]:
    """The runs of digits in plain text, in order, each with the extension that follows (or leads) it."""
    lead: str | None = None
    text = _SERVICE_CODE.sub("", text)
    for match in _RUN.finditer(text):
        if match["run"] is None:
            lead = match["lead"]
            continue
        worded = any(character.isalpha() or character == "#" for character in text[: match.start()])
        yield Run(match["run"], _extension(match) or lead, worded)
        lead = None


def is_withheld(text: str) -> bool:
    """Whether plain text says that the caller is hidden, or says nothing at all."""
    said = text.strip().casefold()
    if not said or said.lstrip("+") in _WITHHELD_DIGITS:
        return True
    said = said.removeprefix("sips:").removeprefix("sip:").removeprefix("tel:")
    return _WITHHELD.fullmatch(re.sub(r"[\W_]", "", said)) is not None


def _extension(match: re.Match[str]) -> str | None:
    return match["sure"] or match["likely"] or match["sign"] or match["pause"] or match["wait"]


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return _BY_CATEGORY.get(category, character) if not character.isascii() else character


def _without_uri(text: str) -> str:
    """Only the number of a tel: or sip: URI: its host's and parameters' digits are nobody's number."""
    bracketed = _BRACKETED.search(text)
    text = unquote(bracketed[1] if bracketed else text)
    text = re.sub(r"@[^\s,;>]*", "", text)
    context = _CONTEXT.match(text)
    if context:
        text = context[3] + context[1] + context[2] if context[1] else context[2]
    return _PARAMETER.sub("", text)
