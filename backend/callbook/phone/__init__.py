"""Phone numbers: the one place that reads them, strips a "+" or adds a country code.

A number is kept as E.164 with its extension apart; whatever cannot be read is answered with a reason, never raised.
"""

from callbook.phone.lines import display_line, line
from callbook.phone.numbers import Number, Unreadable, display, national_digits, parse, parse_all
from callbook.phone.places import is_region, region_of_country, region_of_time_zone
from callbook.phone.searching import search_forms

__all__ = [
    "Number",
    "Unreadable",
    "display",
    "display_line",
    "is_region",
    "line",
    "national_digits",
    "parse",
    "parse_all",
    "region_of_country",
    "region_of_time_zone",
    "search_forms",
]
