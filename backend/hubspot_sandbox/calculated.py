"""What HubSpot works out of the phone numbers that people type: E.164, the country, and the digits its search looks at.

It reads a number at home in the record's country, else in the account's, and leaves out what it cannot read.
"""

from collections.abc import Iterator, Mapping

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from hubspot_sandbox.phone_forms import COUNTRIES

HOME = "US"
REGIONS = {name.lower(): country.code for country in COUNTRIES for name in country.names}
PHONE, MOBILE = "phone", "mobilephone"
CALCULATED = {
    PHONE: (
        "hs_calculated_phone_number",
        "hs_calculated_phone_number_country_code",
        "hs_searchable_calculated_international_phone_number",
        "hs_searchable_calculated_phone_number",
    ),
    MOBILE: (
        "hs_calculated_mobile_number",
        "hs_searchable_calculated_international_mobile_number",
        "hs_searchable_calculated_mobile_number",
    ),
}


def recalculated(values: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """Give the values with everything that follows from the changed ones worked out anew, "" for what is not known."""
    fresh = dict(values)
    for typed in (each for each in CALCULATED if each in changed):
        fresh.update(dict.fromkeys(CALCULATED[typed], ""))
        fresh.update(_worked_out(typed, changed[typed], values.get("country", "")))
    return fresh


def _worked_out(typed: str, text: str, country: str) -> Iterator[tuple[str, str]]:
    try:
        number = phonenumbers.parse(text, REGIONS.get(country.lower(), HOME))
    except NumberParseException:
        return
    if not phonenumbers.is_valid_number(number):
        return
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    kind = "phone" if typed == PHONE else "mobile"
    yield f"hs_calculated_{kind}_number", e164
    yield f"hs_searchable_calculated_international_{kind}_number", e164[1:]
    yield f"hs_searchable_calculated_{kind}_number", phonenumbers.national_significant_number(number)
    if typed == PHONE:
        yield "hs_calculated_phone_number_country_code", phonenumbers.region_code_for_number(number) or ""
