"""Phone numbers as people and phone systems write them: the labelled list, the hard forms, what must never happen."""

import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from callbook import phone
from callbook.phone import Number, Unreadable

TRUTH = Path(__file__).parent.parent / "data" / "phone-truth.csv"
EXAMPLES = 300
LONDON, NEW_JERSEY = "+442079460018", "+12015550132"


def listed(forms: str) -> list[str]:
    """The forms in a text, one per bar or line."""
    return [form.strip() for line in forms.strip().splitlines() for form in line.split(" ¦ ")]


def each(region: str | None, forms: str) -> list[tuple[str, str | None]]:
    return [(form, region) for form in listed(forms)]


EXTENSION_SPELLINGS = [
    *(" " + spelling for spelling in listed("""
        ext {} ¦ ext. {} ¦ Ext.: {} ¦ EXT:{} ¦ extn {} ¦ extension {} ¦ (ext {}) ¦ (ext.{}) ¦ x{} ¦ x {} ¦ X.{}
        #{} ¦ # {}
        ; ext {} ¦ ext no. {} ¦ extension number {} ¦ ({}) ¦ [{}] ¦ - ext {} ¦ , {} ¦ option {} ¦ then press {}
        then dial {}
        and press option {} ¦ poste {} ¦ Durchwahl {} ¦ (Durchwahl -{}) ¦ DW {} ¦ NSt. {} ¦ доб. {} ¦ (доб. {})
        внутр. {}
        内线 {} ¦ 내선 {} ¦ 轉 {} ¦ ramal {} ¦ anexo {} ¦ int. {} ¦ interno {} ¦ wew. {} ¦ toestel {} ¦ dahili {}
        שלוחה {} ¦ ต่อ {}
    """)),
    *listed("""
        ext{} ¦ , ext. {} ¦ x{} ¦ #{} ¦ ;ext={} ¦ *{} ¦ ,{} ¦ ,,{} ¦ ,,,{}# ¦ ;{} ¦ p{} ¦ w{} ¦ 内線{}
        分机{} ¦ 转{} ¦ ～内線{}
    """),
    "\u00a0ext\u00a0{}",
]  # fmt: skip
DESKS = "101 ¦ 911 ¦ 112 ¦ 2140 ¦ x22 ¦ ext 214 ¦ 12345 ¦ *101"
BASES = [
    ("020 7946 0018", "GB", LONDON),
    ("+1 (201) 555-0132", "DE", NEW_JERSEY),
    ("+49 30 123456", None, "+4930123456"),
]


def e164(raw: str, region: str | None = None) -> str | None:
    number = phone.parse(raw, region)
    return number.e164 if isinstance(number, Number) else None


def read(raw: str, region: str | None = None) -> tuple[str, str | None] | None:
    number = phone.parse(raw, region)
    return (number.e164, number.extension) if isinstance(number, Number) else None


def test_every_labelled_number_is_read_as_labelled() -> None:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        expected = (row["e164"], row["extension"] or None) if row["e164"] else None
        got = read(row["raw"], row["default_region"] or None)
        if got != expected:
            wrong.append(f"{row['raw']!r} in {row['default_region']}: {got}, should be {expected}")
    assert len(rows) > 2900
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("spelling", EXTENSION_SPELLINGS)
@pytest.mark.parametrize(("base", "region", "expected"), BASES)
def test_an_extension_stays_out_of_the_number(base: str, region: str | None, expected: str, spelling: str) -> None:
    assert read(base + spelling.format("214"), region) == (expected, "214")


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        *((LONDON, region) for region in (None, "GB", "US", "DE", "XX", "gb", "")),
        *each("GB", """
            020 7946 0018 ¦ (020) 7946 0018 ¦ 020-7946-0018 ¦ 020.7946.0018 ¦ 020/7946/0018 ¦ 02079460018
            020 79 46 00 18
            2079460018 ¦ (0)20 7946 0018 ¦ +020 7946 0018 ¦ ☎020 7946 0018 ¦ 020 7946 0018 (mobile)
            mobile 020 7946 0018
            Office: 020 7946 0018 after 5pm ¦ call Ann on 020 7946 0018! ¦ Line 2: 020 7946 0018 ¦ Line 2 020 7946 0018
            #1: 020 7946 0018 ¦ work 020 7946 0018 room 1234 ¦ 1) 020 7946 0018 ¦ 020 7946 0018 24/7 ¦ 020 7946 0018 9-5
            *67 020 7946 0018 ¦ #31#02079460018 ¦ O20 7946 0018 ¦ 020 7946 OO18 ¦ 020 7946 0018/19 ¦ 442079460018.0
        """),
        *each("US", """
            442079460018 ¦ 44 20 7946 0018 ¦ 44-20-7946-0018 ¦ 44 (0)20 7946 0018 ¦ 4420 7946 0018 ¦ 011442079460018
            011 44 20 7946 0018 ¦ 00442079460018 ¦ +0044 20 7946 0018 ¦ ++44 20 7946 0018 ¦ 44 20 7946 0018 (mobile)
            tel:+442079460018 ¦ tel:+44-20-7946-0018 ¦ TEL: +44 20 7946 0018 ¦ callto:+442079460018
            UK +44 20 7946 0018
        """),
        *each("DE", """
            0044 20 7946 0018 ¦ 0044 (0) 20 7946 0018 ¦ 00 44 20 7946 0018 ¦ 011 44 20 79460018 ¦ 020 +44 20 7946 0018
        """),
        *each(None, """
            442079460018 ¦ 44 20 7946 0018 ¦ +44 (0)20 7946 0018 ¦ +44(0)2079460018 ¦ 00442079460018 ¦ +44 020 7946 0018
            (+44) 20 7946 0018 ¦ +(44) 20 7946 0018 ¦ + 44 20 7946 0018 ¦ [+44] 20 7946 0018 ¦ +44_20_7946_0018
            +44‑20‑7946‑0018 ¦ +44–20–7946–0018 ¦ +44 20·7946·0018 ¦ ＋４４ ２０ ７９４６ ００１８
            +٤٤٢٠٧٩٤٦٠٠١٨ ¦ +४४ २० ७९४६ ००१८ ¦ +๔๔๒๐๗๙๔๖๐๐๑๘ ¦ ➕4️⃣4️⃣ 20 7946 0018
            tel:2079460018;phone-context=+44 ¦ tel:%2B442079460018 ¦ whatsapp:+442079460018
            sips:442079460018@sip.example.com
            sip:+442079460018@10.0.0.17:5060;user=phone ¦ "Ann 2" <sip:+442079460018@pbx1.example>;tag=12345678
            +442079460018@pbx22.example
        """),
        ("+44\u00a020\u00a07946\u00a00018", None),
        ("\u202a+44\u200920\u20097946\u200b0018\u202c", None),
        ("\t +442079460018 \r\n", None),
    ],
)  # fmt: skip
def test_one_number_in_many_forms(raw: str, region: str | None) -> None:
    assert read(raw, region) == (LONDON, None)


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("14155550132", "GB", "+14155550132"),
        ("1 (415) 555-0132", None, "+14155550132"),
        ("12 015550927", "US", "+12015550927"),
        ("12 015550927", None, "+12015550927"),
        ("4930123456", "DE", "+4930123456"),
        ("49 30 123456", "FR", "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("030 / 123 456", "DE", "+4930123456"),
        ("030 123456-22", "DE", "+493012345622"),  # a German direct line is part of the number
        ("+39 06 6982 1234", None, "+390669821234"),
        ("+39 (06) 6982 1234", None, "+390669821234"),
        ("+7 (8) 495 123-45-67", None, "+74951234567"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("+65 (0) 6123 4567", None, "+6561234567"),
        ("+1 (0) 201 555 0132", None, NEW_JERSEY),
        ("(201) 555-0132", "US", NEW_JERSEY),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("1-800-flowers", "US", "+18003569377"),
        ("1 800 GO-FEDEX", "US", "+18004633339"),
        ("(800) MY-APPLE", "CA", "+18006927753"),
        ("+1-800-FLOWERS", None, "+18003569377"),
        ("1-800-CONTACTS", "US", "+18002668228"),
        ("+800 1234 5678", None, "+80012345678"),
        ("+91 22 2345 6789 / 90", None, "+912223456789"),
        ("044 668'18'00", "CH", "+41446681800"),
        ("13 CATS", "AU", "+61132287"),
        ("1300 FLOWERS", "AU", "+611300356937"),
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("+1 555 123 4567", None, "+15551234567"),
        ("(555) 123-4567", "US", "+15551234567"),
    ],
)
def test_forms_that_need_a_second_look(raw: str, region: str | None, expected: str) -> None:
    assert read(raw, region) == (expected, None)


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        *[row for home in ("US", "DE", "GB", None) for row in each(home, DESKS)],
        *each("US", """
            555-0132 ¦ 290-2158 ¦ n/a ¦ see notes ¦ + ¦ ++1 ¦ - ¦ 0 ¦ (555) ¦ ask Ana ¦ 0000000000 ¦ 123-456-7890
            111-111-1111
            999999999999999999999 ¦ +999 123 4567 ¦ ½ ¦ 12/31/2024 ¦ call 201 555 mobile ¦ 201-555-WORK ¦ +1 555 123
            sip:reception@10.20.30.40 ¦ ann@example2015550132.com ¦ anonymous 123
        """),
        *each("GB", "+44 20 7946 ¦ +440000000000 ¦ +10000000000 ¦ 10.20.30.40 ¦ https://example.com/ ¦ \ud800 ¦ \x00"),
        *each(None, "020 7946 0018 ¦ (201) 555-0132 ¦ 201-555-0132 ¦ 201-555-0132 x22 ¦ FLOWERS ¦ ;ext="),
    ],
)  # fmt: skip
def test_what_cannot_be_a_number_is_unreadable(raw: str, region: str | None) -> None:
    assert phone.parse(raw, region) is Unreadable.UNREADABLE


HIDDEN = """
    anonymous ¦ Anonymous ¦ PRIVATE ¦ Private number ¦ restricted ¦ Unknown ¦ unknown caller ¦ unavailable ¦ Blocked
    withheld ¦ blocked number ¦ Number withheld ¦ No Caller ID ¦ Caller ID blocked
    sip:anonymous@anonymous.invalid ¦ Unbekannt
    "Anonymous" <sip:anonymous@anonymous.invalid> ¦ +266696687 ¦ 266696687 ¦ numéro inconnu ¦ Número oculto ¦ 非通知
"""


@pytest.mark.parametrize("raw", ["", "  ", "\n", *listed(HIDDEN)])
def test_a_hidden_caller_is_withheld(raw: str) -> None:
    assert phone.parse(raw, "US") is Unreadable.WITHHELD
    assert phone.parse_all(raw, "US") == []


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        *((f"+44 20 7946 0018{gap}+1 201 555 0132", None) for gap in (" / ", "/", ", ", "; ", "\n", " ", " | ", "")),
        *((f"+442079460018{gap}12015550132", "US") for gap in (" / ", ", ", ";", "\r\n", " or ", " und ", " x ", " ")),
        *each("GB", """
            020 7946 0018 / +1-201-555-0132 ¦ 020 7946 0018/+12015550132 ¦ h: 020 7946 0018 (w) +1 201 555 0132
            tel: 020 7946 0018, mobile: 001 201 555 0132 ¦ office 020 7946 0018 - 001 201 555 0132 home
            +442079460018,+12015550132,+442079460018 ¦ 020 7946 0018 001 201 555 0132
        """),
    ],
)  # fmt: skip
def test_two_numbers_in_one_field(raw: str, region: str | None) -> None:
    assert [number.e164 for number in phone.parse_all(raw, region)] == [LONDON, NEW_JERSEY]


def test_two_numbers_keep_their_extensions_apart() -> None:
    numbers = phone.parse_all("020 7946 0018 x 12 / 020 7946 0019 ext 34", "GB")
    assert numbers == [Number(LONDON, "12", "GB"), Number("+442079460019", "34", "GB")]


def test_a_second_number_without_a_country_is_read_in_the_first_ones() -> None:
    assert [number.e164 for number in phone.parse_all("+44 20 7946 0018 / 020 7946 0019", None)] == [
        LONDON,
        "+442079460019",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+12015550132*101", (NEW_JERSEY, "101")),
        ("18442085446*101", ("+18442085446", "101")),
        ("sip:+12015550132;ext=22@pbx.example", (NEW_JERSEY, "22")),
        ("tel:+1-201-555-0132;ext=22", (NEW_JERSEY, "22")),
        ("ext. 22, (201) 555-0132", (NEW_JERSEY, "22")),
        ("201-555-0132 22", (NEW_JERSEY, "22")),
        ("201.555.0132 ext 2140 (Ann)", (NEW_JERSEY, "2140")),
        ("1.800.FLOWERS ext 22", ("+18003569377", "22")),
        ("2015550132,,123456789#", (NEW_JERSEY, "123456789")),
    ],
)
def test_extensions_as_phone_systems_send_them(raw: str, expected: tuple[str, str]) -> None:
    assert read(raw, "US") == expected


SAMPLES = [
    (phonenumbers.format_number(number, form), region)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number(region)) is not None
    for form in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
]
EXTENSIONS = st.from_regex(r"[1-9][0-9]{2,5}", fullmatch=True)


@settings(derandomize=True, deadline=None, max_examples=EXAMPLES)
@given(st.sampled_from(SAMPLES), st.sampled_from(EXTENSION_SPELLINGS), EXTENSIONS)
def test_no_e164_ever_holds_a_digit_of_an_extension(sample: tuple[str, str], spelling: str, extension: str) -> None:
    number, region = sample
    assert read(number + spelling.format(extension), region) == (e164(number, region), extension)


@settings(derandomize=True, deadline=None, max_examples=EXAMPLES)
@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="0123456789+()-./ ,;#x*@ext:", max_size=60)),
    st.sampled_from(["US", "DE", "IT", "NU", None]),
)
def test_no_text_raises_and_every_answer_is_well_formed(raw: str, region: str | None) -> None:
    for number in phone.parse_all(raw, region):
        assert number.e164[0] == "+"
        assert number.e164[1:].isdigit()
        assert len(number.e164) <= 18
        assert number.extension is None or number.extension.isdigit()
        assert e164(number.e164) == number.e164
        assert phone.display(number.e164, region)
    assert isinstance(phone.search_forms(raw, region), list)


@pytest.mark.parametrize(
    "noise", ["1", "+1 ", "1-", "x", "(", "ext ", "; ", "/1 ", "+", "1,", ",", " ", "and ", "٣ ", "ﷺ"]
)
def test_long_text_is_cut_and_no_number_is_read_out_of_half_of_it(noise: str) -> None:
    phone.parse_all(noise * 4000, "DE")
    note = "x" * 490 + " +49 30 123456789"
    assert phone.parse_all(note, None) == []


@pytest.mark.parametrize(
    ("query", "region"),
    [
        *each(
            "GB", "020 7946 0018 ¦ +44 20 7946 0018 ¦ 00442079460018 ¦ 442079460018 ¦ 2079460018 ¦ 020 7946 0018 x22"
        ),
        *each(
            "US", "+44 20 7946 ¦ 44 20 7946 ¦ 020 79 ¦ 2079 ¦ 0018 ¦ +44 20 ¦ 0044 20 ¦ 011 44 20 ¦ 46 001 ¦ 46.00-18"
        ),
        *each(None, "020 7946 0018 ¦ (020) 7946 ¦ +44 (0)20 79 ¦ 7946-0018 ¦ tel:+442079460018 ¦ tel:020794 ¦ ٠١٨"),
    ],
)
def test_what_is_typed_finds_the_number_it_is_part_of(query: str, region: str | None) -> None:
    forms = phone.search_forms(query, region)
    assert any(form in LONDON for form in forms), forms


@pytest.mark.parametrize(
    ("query", "forms"),
    [
        ("(201) 555-0132", ["12015550132"]),
        ("201-555-0132 ext 22", ["12015550132"]),
        ("(415) 555", ["415555"]),
        ("0132", ["0132"]),
        ("020 79", ["02079", "2079"]),
        ("+44 20", ["4420"]),
        *(
            (query, [])
            for query in ("", "12", "+4", "Ann", "Studio 54", "3M", "(", "ann@x1234.com", "A1234", "flowers")
        ),
    ],
)
def test_the_forms_of_a_query(query: str, forms: list[str]) -> None:
    assert phone.search_forms(query, "US") == forms


@pytest.mark.parametrize(
    ("number", "home", "shown"),
    [
        (LONDON, "GB", "020 7946 0018"),
        (LONDON, "US", "+44 20 7946 0018"),
        (NEW_JERSEY, "US", "(201) 555-0132"),
        (NEW_JERSEY, "us", "(201) 555-0132"),
        (NEW_JERSEY, None, "+1 201-555-0132"),
        ("+80012345678", "US", "+800 1234 5678"),
        ("not a number", "US", "not a number"),
    ],
)
def test_display(number: str, home: str | None, shown: str) -> None:
    assert phone.display(number, home) == shown


COUNTRIES = {
    "US": """
        US ¦ us ¦ USA ¦ U.S. ¦ U.S.A. ¦ United States ¦ united states of america ¦ United States (US)
        the United States
        Vereinigte Staaten ¦ États-Unis ¦ Estados Unidos ¦ アメリカ合衆国 ¦ 美国
    """,
    "GB": "UK ¦ U.K. ¦ GB ¦ GBR ¦ England ¦ Scotland ¦ Great Britain ¦ United Kingdom ¦ Royaume-Uni ¦ Storbritannien",
    "DE": "Germany ¦ Deutschland ¦ DEU ¦ Allemagne ¦ Niemcy ¦ ドイツ ¦ germany ¦ Германия ¦ Saksa ¦ Tyskland",
    "BR": "Brasil ¦ Brazil ¦ BRA",
    "NL": "The Netherlands ¦ Netherlands ¦ Holland ¦ Nederland",
    "CI": "Côte d'Ivoire ¦ Côte d’Ivoire ¦ Cote d'Ivoire ¦ Ivory Coast",
    "TR": "Turkey ¦ Türkiye ¦ TURKIYE",
    "CZ": "Czech Republic ¦ Czechia ¦ Česko",
    "HK": "Hong Kong ¦ Hong Kong SAR China",
    "KR": "South Korea ¦ Korea, Republic of ¦ 대한민국",
    None: "¦ Atlantis ¦ XX ¦ ZZ ¦ Europe ¦ 001 ¦ 840",
}


@pytest.mark.parametrize(
    ("text", "region"), [row for region, names in COUNTRIES.items() for row in each(region, names)]
)
def test_region_of_country(text: str, region: str | None) -> None:
    assert phone.region_of_country(text) == region
    assert phone.region_of_country(f"  {text} " + " " * 5000) == region


@pytest.mark.parametrize(
    ("time_zone", "region"),
    [
        *each("US", "US/Eastern ¦ America/New_York ¦ America/Los_Angeles ¦ US/Pacific ¦ US/Central ¦ US/Hawaii"),
        *each(None, "UTC ¦ Etc/UTC ¦ Nowhere/Land ¦ GMT"),
        *(
            ("Europe/London", "GB"),
            ("GB", "GB"),
            ("Asia/Calcutta", "IN"),
            ("Asia/Kolkata", "IN"),
            ("Europe/Kiev", "UA"),
        ),
        ("", None),
    ],
)
def test_region_of_time_zone(time_zone: str, region: str | None) -> None:
    assert phone.region_of_time_zone(time_zone) == region


def test_is_region() -> None:
    assert [code for code in ("US", "GB", "us", "UK", "USA", "ZZ", "001", "") if phone.is_region(code)] == ["US", "GB"]
