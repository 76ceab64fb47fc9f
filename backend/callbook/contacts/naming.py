"""What a contact is called, and where that puts it: the name shown, the letter, the sort key, the folded text searched.

A sort key orders by last name, then first, accents after their base letter, no name last; it is compared as bytes, so
both databases agree. Fields are separated by U+0001, which sorts before everything a name can hold.
"""

import unicodedata

NO_NAME = "9"
LATIN, OTHER_ALPHABET, REST = "1", "2", "3"
KEY_LENGTH = 120
# Letters that Unicode does not decompose into a base letter and a mark.
BASES = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
    }
)
# Alphabets short enough to give each letter a heading of its own.
ALPHABETS = (
    "GREEK",
    "CYRILLIC",
    "ARMENIAN",
    "HEBREW",
    "ARABIC",
    "GEORGIAN",
    "THAI",
    "DEVANAGARI",
    "HIRAGANA",
    "KATAKANA",
)


def fold(text: str) -> str:
    """Caseless and without accents: "Žofia" and "ZOFIA" fold alike. Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    caseless = unicodedata.normalize("NFKD", text).casefold()  # decomposed first: fancy capitals have no lower case
    decomposed = unicodedata.normalize("NFKD", caseless).translate(BASES)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def full_name(first: str | None, last: str | None) -> str:
    return " ".join(" ".join(part.split()) for part in (first, last) if part and part.strip())


def sort_key(first: str | None, last: str | None) -> str:
    """Of a contact's names; of whichever there is when the other is missing."""
    folded = [fold(" ".join(part.split())) for part in (last, first) if part]
    parts = [part for part in folded if part]  # an accent alone is no name
    if not parts:
        return NO_NAME
    accents = full_name(last, first).casefold()
    return "\x01".join([_class_of(parts[0]) + parts[0], *parts[1:], accents])[:KEY_LENGTH]


def letter(key: str) -> str:
    """The heading a sort key stands under: A to Z, a letter of another alphabet, or "#"."""
    if key[0] in (LATIN, OTHER_ALPHABET):
        return key[1].upper()[:1]
    return "#"


def letter_order(heading: str) -> tuple[str, str]:
    """Sorts headings as the sort keys below them are sorted."""
    return (REST, "") if heading == "#" else (_class_of(heading.lower()), heading.lower())


def _class_of(folded: str) -> str:
    first = folded[0]
    if "a" <= first <= "z":
        return LATIN
    return OTHER_ALPHABET if unicodedata.name(first, "").startswith(ALPHABETS) else REST
