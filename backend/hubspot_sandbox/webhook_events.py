"""What a change of the portal is in the words of HubSpot's push webhooks, and which subscription hears of it.

Nothing is remembered here: a change and a subscription go in, the fields of events come out.
Guide: https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hubspot_sandbox.changes import Action, Association, Change
from hubspot_sandbox.kinds import COMPANY, CONTACT, KINDS, Kind

ANY_OBJECT = "object"
PROPERTY_CHANGE = "propertyChange"
HAPPENINGS = ("creation", "deletion", PROPERTY_CHANGE, "merge", "restore", "associationChange")
EVENT_TYPES = {f"{name}.{what}" for name in (CONTACT.singular, COMPANY.singular, ANY_OBJECT) for what in HAPPENINGS}
EVENT_TYPES.add("contact.privacyDeletion")
# The ids of the associations HubSpot defines, primary and unlabeled, in both directions.
ASSOCIATION_TYPES = {(CONTACT.id, True): 1, (CONTACT.id, False): 279, (COMPANY.id, True): 2, (COMPANY.id, False): 280}


@dataclass(frozen=True)
class Subscription:
    id: int
    event_type: str  # contact.creation, object.propertyChange, ...
    property_name: str | None
    object_type_id: str | None  # of object.* alone
    active: bool
    created_at_ms: int
    updated_at_ms: int

    @property
    def is_for_any_object(self) -> bool:
        return self.event_type.startswith(f"{ANY_OBJECT}.")

    def covers(self, kind: Kind, happening: "Happening") -> bool:
        own = self.event_type == f"{kind.singular}.{happening.what}"
        generic = self.event_type == f"{ANY_OBJECT}.{happening.what}" and self.object_type_id == kind.id
        return self.active and (own or generic) and self.property_name == happening.property_name


@dataclass(frozen=True)
class Happening:
    """One thing that a change of the portal means. `typed` are the fields that only object.* events have."""

    what: str
    fields: Mapping[str, object]
    property_name: str | None = None
    typed: Mapping[str, object] | None = None

    def event(self, subscription: Subscription) -> dict[str, object]:
        if not subscription.is_for_any_object:
            return dict(self.fields)
        return {**self.fields, "objectTypeId": subscription.object_type_id, **(self.typed or {})}


def happenings(change: Change, *, merges_tell_deletions: bool) -> Iterator[tuple[Kind, Happening]]:
    """Give what a change means, and for which kind of object's subscriptions."""
    kind = next(kind for kind in KINDS if kind.id == change.kind)
    if change.association is not None:
        for each in (CONTACT, COMPANY):
            for happening in _both_directions(change.association, removed=change.action is Action.DISSOCIATE):
                yield each, happening
    for happening in _MEANINGS[change.action](change, kind):
        yield kind, happening
    if change.action is Action.MERGE and merges_tell_deletions:
        for loser in change.merged_ids:
            yield kind, _deletion(loser)


def _creation(change: Change, kind: Kind) -> Iterator[Happening]:
    yield Happening("creation", {"objectId": change.id, "changeFlag": "NEW"})
    yield from _property_changes(change, kind)


def _property_changes(change: Change, kind: Kind) -> Iterator[Happening]:
    """One for each property; what HubSpot works out by itself does not fire."""
    for name, value in change.properties.items():
        known = kind.properties.get(name)
        if known is None or not known.calculated:
            fields = {"objectId": change.id, "propertyName": name, "propertyValue": value, "isSensitive": False}
            yield Happening(PROPERTY_CHANGE, fields, name)


def _deletion(record_id: int) -> Happening:
    return Happening("deletion", {"objectId": record_id, "changeFlag": "DELETED"})


def _deletions(change: Change, _kind: Kind) -> Iterator[Happening]:
    yield _deletion(change.id)


def _privacy_deletions(change: Change, _kind: Kind) -> Iterator[Happening]:
    yield _deletion(change.id)
    yield Happening("privacyDeletion", {"objectId": change.id})


def _restores(change: Change, _kind: Kind) -> Iterator[Happening]:
    yield Happening("restore", {"objectId": change.id})


def _merges(change: Change, kind: Kind) -> Iterator[Happening]:
    primary_id, *others = change.merged_ids
    written = [name for name in change.properties if name not in kind.properties or not kind.properties[name].read_only]
    fields = {
        "objectId": primary_id,
        "primaryObjectId": primary_id,
        "mergedObjectIds": others,
        "newObjectId": change.id,
        "numberOfPropertiesMoved": len(written),
    }
    yield Happening("merge", fields)


def _both_directions(association: Association, *, removed: bool) -> Iterator[Happening]:
    contact, company = (CONTACT, association.contact_id), (COMPANY, association.company_id)
    for (source, source_id), (target, target_id) in ((contact, company), (company, contact)):
        fields = {
            "associationType": f"{source.singular}_to_{target.singular}".upper(),
            "fromObjectId": source_id,
            "toObjectId": target_id,
            "associationRemoved": removed,
            "isPrimaryAssociation": association.primary,
        }
        typed = {
            "fromObjectTypeId": source.id,
            "toObjectTypeId": target.id,
            "associationTypeId": ASSOCIATION_TYPES[source.id, association.primary],
            "associationCategory": "HUBSPOT_DEFINED",
        }
        yield Happening("associationChange", fields, typed=typed)


_MEANINGS: Mapping[Action, Callable[[Change, Kind], Iterator[Happening]]] = {
    Action.CREATE: _creation,
    Action.UPDATE: _property_changes,
    Action.DELETE: _deletions,
    Action.RESTORE: _restores,
    Action.MERGE: _merges,
    Action.GDPR_DELETE: _privacy_deletions,
    Action.ASSOCIATE: _property_changes,  # of the contact's associatedcompanyid
    Action.DISSOCIATE: _property_changes,
}
