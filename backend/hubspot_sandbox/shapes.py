"""How a record is written out: the properties asked for, what they were before, and what it belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hubspot_sandbox.exchange import Call
from hubspot_sandbox.kinds import COMPANY, CONTACT, Kind, kind_named
from hubspot_sandbox.links import Links
from hubspot_sandbox.moments import iso
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.query import names_in
from hubspot_sandbox.records import Record
from hubspot_sandbox.tables import Table

Json = dict[str, object]

MAX_ASSOCIATED = 100  # of one record in a list's answer; the rest is a page away


def written(record: Record, names: Iterable[str]) -> Json:
    """Write a record out with the properties named, which are known and in order."""
    created_at, modified_at = iso(record.created_at_ms), iso(record.modified_at_ms)
    have = record.properties
    have.update({"createdate": created_at, "hs_object_id": str(record.id), record.modified_property: modified_at})
    body: Json = {
        "id": str(record.id),
        "properties": {name: have.get(name) for name in names},
        "createdAt": created_at,
        "updatedAt": modified_at,
        "archived": record.archived_at_ms is not None,
    }
    if record.archived_at_ms is not None:
        body["archivedAt"] = iso(record.archived_at_ms)
    return body


@dataclass(frozen=True)
class Shape:
    table: Table[Any]
    links: Links
    names: Sequence[str]
    past: Sequence[str] = ()  # properties whose history is told
    associated: Sequence[Kind] = ()
    url: str = ""  # of the records of this kind

    def of(self, record: Record) -> Json:
        body = written(record, self.names)
        if self.past:
            body["propertiesWithHistory"] = {name: _history(self.table, record, name) for name in self.past}
        associations = {
            kind.plural: found for kind in self.associated if (found := self._associations(record, kind)) is not None
        }
        return body | {"associations": associations} if associations else body

    def _associations(self, record: Record, kind: Kind) -> Json | None:
        """Name each record twice if it is the primary one, as HubSpot does: with the label and without."""
        own = self.table.kind
        targets = targets_of(self.links, own, record) if kind is not own else []
        page = targets[:MAX_ASSOCIATED]
        label = f"{own.singular}_to_{kind.singular}"
        results = [
            {"id": str(target), "type": name}
            for target, primary in page
            for name in ([label, f"{label}_unlabeled"] if primary else [f"{label}_unlabeled"])
        ]
        if len(targets) > len(page):
            after = str(targets[len(page)][0])
            link = f"{self.url}/{record.id}/associations/{kind.plural}?after={after}"
            return {"results": results, "paging": {"next": {"after": after, "link": link}}}
        return {"results": results} if results else None


def shape_for(portal: Portal, kind: Kind, call: Call) -> Shape:
    """Read from the URL what is to come back."""
    shape = shape_of(portal, kind, names_in(call, "properties"), names_in(call, "propertiesWithHistory"))
    associated = tuple(kind_named(name) for name in names_in(call, "associations"))
    url = call.url.rpartition("/")[0] if "id" in call.path else call.url
    return replace(shape, associated=associated, url=url) if associated else shape


def shape_of(portal: Portal, kind: Kind, names: Iterable[str], past: Iterable[str] = ()) -> Shape:
    """Properties come in HubSpot's order; a name it does not know is left out without a word."""
    table = portal.table(kind)
    told = sorted(set(past) & table.properties.keys())
    asked = {*names, *told}
    known = sorted((asked & table.properties.keys()).union(kind.always) if asked else kind.defaults)
    return Shape(table, portal.links, known, told)


def targets_of(links: Links, kind: Kind, record: Record) -> list[tuple[int, bool]]:
    """Give what a contact or a company is associated with, ascending by id, and whether as the primary one."""
    if kind is CONTACT:
        primary = links.primary_of(record)
        return sorted((each, each == primary) for each in links.companies_of(record))
    first = set(links.first_named_by(record.id))
    return [(each, each in first) for each in links.contacts_of(record.id)]


def other_kind(kind: Kind) -> Kind:
    return COMPANY if kind is CONTACT else CONTACT


def _history(table: Table[Any], record: Record, name: str) -> list[Json]:
    """Give the values a property had since the sandbox began, newest first; before that there was only one."""
    entries: list[Json] = []
    for version, source in table.versions(record):
        value = version.value(name)
        if value is not None or entries:
            told = {"value": value or "", "timestamp": iso(version.modified_at_ms), "sourceType": source}
            if not entries or entries[-1]["value"] != told["value"]:
                entries.append(told)
    return entries[::-1]
