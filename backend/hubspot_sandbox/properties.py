"""The properties a new portal knows of contacts and companies, with what HubSpot says of each: its type and field, its
options, who may write it, and which values it takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hubspot_sandbox.moments import parse_ms

SINCE = "2019-03-01T09:00:00.000Z"
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
MAX_TEXT = 65_536

# The usual field of a form for each type.
FIELD_TYPES = {
    "string": "text",
    "phone_number": "phonenumber",
    "enumeration": "select",
    "bool": "booleancheckbox",
    "number": "number",
    "date": "date",
    "datetime": "date",
}


@dataclass(frozen=True)
class Property:
    """`type` is HubSpot's: string, phone_number, enumeration, bool, number, date or datetime."""

    name: str
    type: str = "string"
    read_only: bool = False
    label: str = ""
    field_type: str = ""
    group: str = ""
    options: tuple[str, ...] = ()
    unique: bool = False
    calculated: bool = False
    hubspot_defined: bool = False
    references: str | None = None  # the kind of thing whose ids are its options: OWNER or COMPANY

    @property
    def is_for_phones(self) -> bool:
        return self.type == "phone_number" or self.field_type == "phonenumber"

    def problem_with(self, value: str) -> tuple[str, str] | None:
        """Give HubSpot's code and sentence for a value that the type does not take; "" is always taken."""
        if not value:
            return None
        if self.name == "email":
            return None if _looks_like_email(value) else ("INVALID_EMAIL", f"Email address {value} is invalid")
        if len(value) > MAX_TEXT:
            return "PROPERTY_VALUE_TOO_LONG", f"{self.name} is longer than {MAX_TEXT} characters."
        if self.type == "number":
            return None if _is_number(value) else ("INVALID_INTEGER", f"{value} was not a valid number.")
        if self.type in ("date", "datetime"):
            return None if _is_moment(value) else ("INVALID_LONG", f"{value} was not a valid long.")
        return self._problem_with_option(value)

    def _problem_with_option(self, value: str) -> tuple[str, str] | None:
        options = ("true", "false") if self.type == "bool" else self.options
        several = value.split(";") if self.field_type == "checkbox" else [value]
        if not options or all(each in options for each in several):
            return None
        return "INVALID_OPTION", f"{value} was not one of the allowed options: [{', '.join(options)}]"

    def written(self, *, archived: bool) -> dict[str, object]:
        """Write the definition out in the shape of the properties endpoint."""
        field_type = self.field_type or FIELD_TYPES[self.type]
        options = (("true", "Yes"), ("false", "No")) if self.type == "bool" else [(o, _words(o)) for o in self.options]
        record: dict[str, object] = {
            "name": self.name,
            "label": self.label or _words(self.name.removeprefix("hs_")),
            "type": self.type,
            "fieldType": field_type,
            "groupName": self.group,
            "description": "",
            "options": [
                {"label": label, "value": value, "displayOrder": order, "hidden": False, "description": ""}
                for order, (value, label) in enumerate(options)
            ],
            "calculated": self.calculated,
            "externalOptions": self.references is not None,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.hubspot_defined,
            "formField": not self.read_only,
            "displayOrder": -1,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
                **({"readOnlyOptions": self.hubspot_defined} if options else {}),
            },
            "dataSensitivity": "non_sensitive",
            "createdAt": SINCE,
            "updatedAt": SINCE,
            "archived": archived,
        }
        return record if self.references is None else record | {"referencedObjectType": self.references}


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _looks_like_email(value: str) -> bool:
    local, at, domain = value.rpartition("@")
    return bool(local and at and "." in domain.strip(".")) and not any(c.isspace() for c in value)


def _is_number(value: str) -> bool:
    try:
        return abs(float(value)) < float("inf")
    except ValueError:
        return False


def _is_moment(value: str) -> bool:
    try:
        parse_ms(value)
    except ValueError:
        return False
    return True


_LABELS = {
    "address": "Street address",
    "associatedcompanyid": "Primary Associated Company ID",
    "company": "Company name",
    "country": "Country/Region",
    "createdate": "Create Date",
    "domain": "Company Domain Name",
    "fax": "Fax Number",
    "firstname": "First Name",
    "hs_additional_emails": "Additional email addresses",
    "hs_calculated_merged_vids": "Merged vids with timestamps of a contact",
    "hs_calculated_mobile_number": "Calculated Mobile Number in International Format",
    "hs_calculated_phone_number": "Calculated Phone Number in International Format",
    "hs_email_optout": "Unsubscribed from all email",
    "hs_lead_status": "Lead Status",
    "hs_merged_object_ids": "Merged record IDs",
    "hs_object_id": "Record ID",
    "hs_whatsapp_phone_number": "WhatsApp Phone Number",
    "hubspot_owner_id": "Contact owner",
    "jobtitle": "Job Title",
    "lastmodifieddate": "Last Modified Date",
    "lastname": "Last Name",
    "lifecyclestage": "Lifecycle Stage",
    "mobilephone": "Mobile Phone Number",
    "notes_last_contacted": "Last Contacted",
    "phone": "Phone Number",
    "state": "State/Region",
    "website": "Website URL",
    "zip": "Postal Code",
}
_OPTIONS = {
    "hs_lead_status": "NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING",
    "hs_marketable_until_renewal": "true false",
    "lifecyclestage": (
        "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"
    ),
}
_REFERENCES = {"hubspot_owner_id": "OWNER", "associatedcompanyid": "COMPANY"}
_PHONES = ("phone", "mobilephone", "hs_whatsapp_phone_number")

_TEXTS = (
    "address city company country email fax firstname hs_additional_emails hs_language jobtitle lastname "
    "salutation state website zip"
)
_CHOICES = "hs_lead_status hs_marketable_until_renewal hubspot_owner_id lifecyclestage"
_CALCULATED_TEXTS = (
    "hs_calculated_merged_vids hs_calculated_mobile_number hs_calculated_phone_number "
    "hs_calculated_phone_number_country_code hs_merged_object_ids hs_searchable_calculated_international_mobile_number "
    "hs_searchable_calculated_international_phone_number hs_searchable_calculated_mobile_number "
    "hs_searchable_calculated_phone_number"
)
# hs_lastmodifieddate is known on contacts, and always empty there: lastmodifieddate is the one that moves.
_CALCULATED_DATES = "createdate hs_lastmodifieddate lastmodifieddate notes_last_contacted"


def _defined(group: str, *rows: tuple[str, str, bool]) -> Mapping[str, Property]:
    return {
        name: Property(
            name,
            kind,
            read_only,
            label=_LABELS.get(name, ""),
            field_type="phonenumber" if name in _PHONES else "",
            group=group,
            options=tuple(_OPTIONS.get(name, "").split()),
            unique=name in ("email", "hs_object_id"),
            calculated=read_only and "calculated" in name,
            hubspot_defined=True,
            references=_REFERENCES.get(name),
        )
        for names, kind, read_only in rows
        for name in names.split()
    }


CONTACT_PROPERTIES = _defined(
    "contactinformation",
    (_TEXTS, "string", False),
    ("phone mobilephone", "string", False),  # both types of a phone field are met with
    ("hs_whatsapp_phone_number", "phone_number", False),
    (_CHOICES, "enumeration", False),
    ("associatedcompanyid", "number", False),
    ("hs_email_optout", "bool", True),
    ("hs_object_id", "number", True),
    (_CALCULATED_TEXTS, "string", True),
    (_CALCULATED_DATES, "datetime", True),
)

COMPANY_PROPERTIES = _defined(
    "companyinformation",
    ("address city country domain industry name state website zip", "string", False),
    ("phone", "string", False),
    ("hubspot_owner_id", "enumeration", False),
    ("hs_object_id", "number", True),
    ("hs_merged_object_ids hs_searchable_calculated_phone_number", "string", True),
    ("createdate hs_lastmodifieddate", "datetime", True),
)
