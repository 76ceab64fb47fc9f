"""What the webhooks journal writes of a change: what a subscription asks for, and the events it gets of it.

Nothing is remembered here: a change and a subscription go in, events come out.
Guide: https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import Field

from hubspot_sandbox.authorizations import INSTALLED
from hubspot_sandbox.bodies import Body, Text
from hubspot_sandbox.changes import Action, Change
from hubspot_sandbox.kinds import COMPANY, CONTACT, KINDS
from hubspot_sandbox.moments import iso
from hubspot_sandbox.options import Options
from hubspot_sandbox.webhook_events import ASSOCIATION_TYPES

Event = dict[str, object]

OBJECT, ASSOCIATION, GDPR, LIFECYCLE = "OBJECT", "ASSOCIATION", "GDPR_PRIVACY_DELETION", "APP_LIFECYCLE_EVENT"
ADDED, REMOVED = "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"
APP_INSTALL, APP_UNINSTALL = "APP_INSTALL", "APP_UNINSTALL"
ACTIONS: Mapping[str, Collection[str]] = {
    OBJECT: ("CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"),
    ASSOCIATION: (ADDED, REMOVED),
    GDPR: ("GDPR_DELETE",),
    LIFECYCLE: (APP_INSTALL, APP_UNINSTALL),
    "LIST_MEMBERSHIP": ("ADDED_TO_LIST", "REMOVED_FROM_LIST"),  # the portal has no lists: taken, and never heard of
}


class Wanted(Body):
    """What a subscription asks for, as its body says it; empty means all."""

    subscription_type: str
    portal_id: int | None = None
    object_type_id: str | None = None
    associated_object_type_ids: tuple[str, ...] = ()
    event_type_id: str | None = None
    actions: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    object_ids: tuple[int, ...] = ()
    list_ids: tuple[int, ...] = ()

    @property
    def subject(self) -> tuple[object, ...]:
        """What there can be one subscription for."""
        of = (self.object_type_id, self.associated_object_type_ids, self.event_type_id)
        return self.subscription_type, self.portal_id, *of


class Condition(Body):
    filter_type: str = "CRM_OBJECT_PROPERTY"
    property: str
    operator: str
    value: Text | None = None
    values: tuple[Text, ...] = ()

    def holds(self, found: str) -> bool:
        return OPERATORS[self.operator](found, self)


class Filter(Body):
    conditions: tuple[Condition, ...] = Field(min_length=1)


OPERATORS: Mapping[str, Callable[[str, Condition], bool]] = {
    "EQ": lambda found, condition: found == condition.value,
    "NEQ": lambda found, condition: found != condition.value,
    "IN": lambda found, condition: found in condition.values,
    "NOT_IN": lambda found, condition: found not in condition.values,
    "CONTAINS": lambda found, condition: (condition.value or "") in found,
}


@dataclass
class Subscription:
    id: int
    wanted: Wanted
    created_at_ms: int
    updated_at_ms: int
    filters: dict[int, Filter] = field(default_factory=dict)

    def lets_pass(self, change: Change) -> bool:
        """Tell whether the record, as it is after the change, meets all conditions of any of the filters."""
        record = change.after or change.before
        if record is None or not self.filters:
            return True
        return any(
            all(condition.holds(record.value(condition.property) or "") for condition in each.conditions)
            for each in self.filters.values()
        )


def events(change: Change, subscription: Subscription, options: Options) -> Iterator[Event]:
    wanted = subscription.wanted
    make = _MAKERS.get(wanted.subscription_type)
    is_for_it = not wanted.object_ids or not {change.id, *change.merged_ids}.isdisjoint(wanted.object_ids)
    if make is not None and wanted.portal_id == options.portal_id and is_for_it and subscription.lets_pass(change):
        for event in make(change, wanted, options):
            if event["action"] in wanted.actions:
                yield {"portalId": options.portal_id, "occurredAt": iso(change.at_ms), **event}


def lifecycle_events(event_type: str, at_ms: int, wanted: Wanted, options: Options) -> Iterator[Event]:
    action = APP_INSTALL if event_type == INSTALLED else APP_UNINSTALL
    is_wanted = wanted.event_type_id in (None, event_type) and (not wanted.actions or action in wanted.actions)
    if wanted.subscription_type == LIFECYCLE and is_wanted:
        head = {"type": "app_lifecycle_event", "portalId": options.portal_id, "occurredAt": iso(at_ms)}
        yield {**head, "action": action, "eventTypeId": event_type}


def scope_for(wanted: Wanted) -> str | None:
    """Give the scope that the app must hold in the account to hear of such things."""
    return next((kind.read_scope for kind in KINDS if kind.id == wanted.object_type_id), None)


def _of_object(change: Change, wanted: Wanted, options: Options) -> Iterator[Event]:
    action = _action_of_object(change.action, options)
    if wanted.object_type_id != change.kind or action is None:
        return
    told = _told_properties(change, wanted, options)
    if action == Action.UPDATE and not told:
        return
    event: Event = {"type": "crmObject", "action": action, "objectTypeId": change.kind, "objectId": change.id}
    if action == Action.MERGE:
        event["mergedObjectIds"] = list(change.merged_ids)
    yield event | {"propertyChanges": told if action in (Action.CREATE, Action.UPDATE) else {}}


def _action_of_object(action: Action, options: Options) -> str | None:
    if action is Action.GDPR_DELETE:
        return "DELETE" if options.journal_tells_gdpr_as_delete else None
    if action in (Action.ASSOCIATE, Action.DISSOCIATE):
        return "UPDATE"  # of the contact's associatedcompanyid
    return action.value if action.value in ACTIONS[OBJECT] else None


def _told_properties(change: Change, wanted: Wanted, options: Options) -> dict[str, str]:
    known = next(kind.properties for kind in KINDS if kind.id == change.kind)
    return {
        name: value
        for name, value in change.properties.items()
        if (not wanted.properties or name in wanted.properties)
        and (options.journal_tells_calculated or name not in known or not known[name].calculated)
    }


def _of_privacy(change: Change, wanted: Wanted, _options: Options) -> Iterator[Event]:
    if change.action is Action.GDPR_DELETE and wanted.object_type_id in (None, change.kind):
        record = {"objectTypeId": change.kind, "objectId": change.id}
        yield {"type": "gdpr_privacy_deletion", "action": "GDPR_DELETE", **record}


def _of_association(change: Change, wanted: Wanted, _options: Options) -> Iterator[Event]:
    association = change.association
    if association is None:
        return
    ids = {CONTACT.id: association.contact_id, COMPANY.id: association.company_id}
    source = wanted.object_type_id or CONTACT.id
    target = COMPANY.id if source == CONTACT.id else CONTACT.id
    if source in ids and (not wanted.associated_object_type_ids or target in wanted.associated_object_type_ids):
        yield {
            "type": "association",
            "action": REMOVED if change.action is Action.DISSOCIATE else ADDED,
            "associationTypeId": ASSOCIATION_TYPES[source, association.primary],
            "associationCategory": "HUBSPOT_DEFINED",
            "isPrimary": association.primary,
            "fromObject": {"objectTypeId": source, "objectId": ids[source]},
            "toObject": {"objectTypeId": target, "objectId": ids[target]},
        }


_MAKERS: Mapping[str, Callable[[Change, Wanted, Options], Iterator[Event]]] = {
    OBJECT: _of_object,
    ASSOCIATION: _of_association,
    GDPR: _of_privacy,
}
