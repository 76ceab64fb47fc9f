"""What two records become when they are merged."""

from hubspot_sandbox.kinds import CONTACT, Kind
from hubspot_sandbox.records import Record


def merged_values(kind: Kind, primary: Record, other: Record, at_ms: int) -> dict[str, str]:
    """Give the values of the new record but for `hs_merged_object_ids`. The vids are those of this merge alone: HubSpot
    does not follow chains there.
    """
    values = {**other.properties, **primary.properties}
    values.pop("hs_merged_object_ids", None)
    if kind is CONTACT:
        values["hs_calculated_merged_vids"] = f"{primary.id}:{at_ms};{other.id}:{at_ms}"
        values["hs_additional_emails"] = ";".join(_other_emails(primary, other, values.get("email", "")))
    return values


def _other_emails(primary: Record, other: Record, email: str) -> list[str]:
    known = {email.lower(): ""}
    for record in (primary, other):
        properties = record.properties
        for text in (properties.get("email", ""), *properties.get("hs_additional_emails", "").split(";")):
            known.setdefault(text.strip().lower(), text.strip())
    return [text for text in known.values() if text]
