"""Numbers as people type them, and what follows from them."""

import pytest

from hubspot_sandbox.calculated import CALCULATED, recalculated


@pytest.mark.parametrize(
    ("typed", "country", "e164", "national", "region"),
    [
        ("+1 (212) 555-0170", "", "+12125550170", "2125550170", "US"),
        ("(212) 555-0170 x4", "", "+12125550170", "2125550170", "US"),
        ("020 7946 0170", "United Kingdom", "+442079460170", "2079460170", "GB"),
        ("030 12345678", "de", "+493012345678", "3012345678", "DE"),
    ],
)
def test_a_number_is_read_at_home_in_its_country(
    typed: str, country: str, e164: str, national: str, region: str
) -> None:
    values = {"phone": typed, "country": country}
    assert recalculated(values, values) == values | {
        "hs_calculated_phone_number": e164,
        "hs_calculated_phone_number_country_code": region,
        "hs_searchable_calculated_international_phone_number": e164[1:],
        "hs_searchable_calculated_phone_number": national,
    }


@pytest.mark.parametrize("typed", ["", "reception", "12", "030 12345678"])
def test_what_cannot_be_read_clears_what_was_known(typed: str) -> None:
    known = recalculated({}, {"mobilephone": "+1 212 555 0171"})
    changed = {"mobilephone": typed}
    assert recalculated(known | changed, changed) == changed | dict.fromkeys(CALCULATED["mobilephone"], "")


def test_nothing_is_worked_out_for_other_changes() -> None:
    values = {"phone": "+1 212 555 0172", "firstname": "Ada"}
    assert recalculated(values, {"firstname": "Ada"}) == values
