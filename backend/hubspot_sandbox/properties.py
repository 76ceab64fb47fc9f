"""The properties the portal knows of contacts and companies, with what HubSpot says of each: its type and who may
write it.
"""

from dataclasses import dataclass

ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")  # come back even if not asked for
DEFAULTS = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
COMPANY_ALWAYS = ("createdate", "hs_lastmodifieddate", "hs_object_id")
COMPANY_DEFAULTS = ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name")
SEARCHED_BY_QUERY = (
    "firstname",
    "lastname",
    "email",
    "phone",
    "hs_additional_emails",
    "fax",
    "mobilephone",
    "company",
    "hs_marketable_until_renewal",
)


@dataclass(frozen=True)
class Property:
    name: str
    type: str  # string, phone_number, enumeration, bool, number or datetime
    read_only: bool = False


_TEXTS = (
    "address city company country email fax firstname hs_additional_emails hs_language jobtitle lastname "
    "salutation state website zip"
)
_PHONES = "phone mobilephone hs_whatsapp_phone_number"
_CHOICES = "hs_lead_status hs_marketable_until_renewal hubspot_owner_id lifecyclestage"
_CALCULATED_TEXTS = (
    "hs_calculated_merged_vids hs_calculated_mobile_number hs_calculated_phone_number "
    "hs_calculated_phone_number_country_code hs_merged_object_ids hs_searchable_calculated_international_mobile_number "
    "hs_searchable_calculated_international_phone_number hs_searchable_calculated_mobile_number "
    "hs_searchable_calculated_phone_number"
)
# hs_lastmodifieddate is known on contacts, and always empty there: lastmodifieddate is the one that moves.
_CALCULATED_DATES = "createdate hs_lastmodifieddate lastmodifieddate notes_last_contacted"

CONTACT_PROPERTIES = {
    name: Property(name, kind, read_only)
    for names, kind, read_only in (
        (_TEXTS, "string", False),
        (_PHONES, "phone_number", False),
        (_CHOICES, "enumeration", False),
        ("associatedcompanyid", "number", False),
        ("hs_email_optout", "bool", True),
        ("hs_object_id", "number", True),
        (_CALCULATED_TEXTS, "string", True),
        (_CALCULATED_DATES, "datetime", True),
    )
    for name in names.split()
}

COMPANY_PROPERTIES = {
    name: Property(name, kind, read_only)
    for names, kind, read_only in (
        ("address city country domain industry name state website zip", "string", False),
        ("phone", "phone_number", False),
        ("hubspot_owner_id", "enumeration", False),
        ("hs_object_id", "number", True),
        ("createdate hs_lastmodifieddate", "datetime", True),
    )
    for name in names.split()
}

# What HubSpot works out from another property; a new value of that one makes these stale.
CALCULATED_FROM = {
    "phone": ("hs_calculated_phone_number", "hs_calculated_phone_number_country_code"),
    "mobilephone": ("hs_calculated_mobile_number",),
}
