"""The app's push webhooks: its subscriptions and the one target of them all. A change of the portal becomes an event
for each subscription that covers it, where the app is installed with the scope that reads the object.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from itertools import count
from urllib.parse import urlsplit

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import APP_ID, Authorizations
from hubspot_sandbox.changes import Change
from hubspot_sandbox.deliveries import IN_FLIGHT, Deliveries, Event, Target
from hubspot_sandbox.kinds import KINDS
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import PEOPLE
from hubspot_sandbox.webhook_events import ANY_OBJECT, EVENT_TYPES, PROPERTY_CHANGE, Subscription, happenings

MAX_SUBSCRIPTIONS = 1000
NEVER_TOLD = ("hs_lastmodifieddate", "num_unique_conversion_events")


class Webhooks:
    """`subscriptions` by id."""

    def __init__(
        self, portal_id: int, clock: Clock, authorizations: Authorizations, options: Callable[[], Options]
    ) -> None:
        self.subscriptions: dict[int, Subscription] = {}
        self.deliveries = Deliveries(clock, options)
        self._portal_id = portal_id
        self._clock = clock
        self._authorizations = authorizations
        self._options = options
        self._ids = count(12_345)

    def point_at(self, url: str, max_in_flight: int = IN_FLIGHT) -> Target:
        """Deliver to `url` from now on. Raises 400 for an address that is neither https nor on this machine."""
        if not _may_be_told(url):
            raise errors.validation(f"Invalid input: targetUrl must be a valid https URL, it was {url!r}.")
        target = self.deliveries.target = Target(url, max_in_flight, self._clock.now_ms())
        return target

    def subscribe(
        self,
        event_type: str,
        property_name: str | None = None,
        object_type_id: str | None = None,
        *,
        active: bool = True,
    ) -> Subscription:
        self._refuse_unfit(event_type, property_name, object_type_id)
        now_ms = self._clock.now_ms()
        made = Subscription(next(self._ids), event_type, property_name, object_type_id, active, now_ms, now_ms)
        self.subscriptions[made.id] = made
        return made

    def subscription(self, subscription_id: int) -> Subscription:
        """Raises 404."""
        known = self.subscriptions.get(subscription_id)
        if known is None:
            raise errors.not_found()
        return known

    def activate(self, subscription_id: int, *, active: bool) -> Subscription:
        changed = replace(self.subscription(subscription_id), active=active, updated_at_ms=self._clock.now_ms())
        self.subscriptions[subscription_id] = changed
        return changed

    def unsubscribe(self, subscription_id: int) -> None:
        del self.subscriptions[self.subscription(subscription_id).id]

    def hear(self, change: Change) -> None:
        self.deliveries.take(self._events(change))

    def _events(self, change: Change) -> Iterator[Event]:
        told = happenings(change, merges_tell_deletions=self._options().merges_tell_deletions)
        for kind, happening in told:
            if kind.read_scope not in self._authorizations.installed_scopes:
                continue
            for subscription in self.subscriptions.values():
                if subscription.covers(kind, happening):
                    yield self._head(change, subscription) | happening.event(subscription)

    def _head(self, change: Change, subscription: Subscription) -> Event:
        return {
            "subscriptionId": subscription.id,
            "portalId": self._portal_id,
            "appId": APP_ID,
            "occurredAt": change.at_ms,
            "subscriptionType": subscription.event_type,
            "changeSource": change.source,
            "sourceId": f"userId:{PEOPLE[0].user_id}" if change.source == "CRM_UI" else f"appId:{APP_ID}",
        }

    def _refuse_unfit(self, event_type: str, property_name: str | None, object_type_id: str | None) -> None:
        wants_property = event_type.endswith(f".{PROPERTY_CHANGE}")
        wants_type = event_type.startswith(f"{ANY_OBJECT}.")
        if event_type not in EVENT_TYPES:
            raise errors.validation(f"Invalid input: {event_type!r} is not a subscription type.")
        if wants_property != bool(property_name) or property_name in NEVER_TOLD:
            raise errors.validation(f"Invalid input: {event_type} cannot be for the property {property_name!r}.")
        if wants_type != bool(object_type_id) or object_type_id not in (None, *(kind.id for kind in KINDS)):
            raise errors.validation(f"Invalid input: {event_type} cannot be for the object type {object_type_id!r}.")
        if len(self.subscriptions) >= MAX_SUBSCRIPTIONS:
            raise errors.validation(f"An app can have {MAX_SUBSCRIPTIONS} webhook subscriptions at the most.")
        wanted = (event_type, property_name, object_type_id)
        if any((s.event_type, s.property_name, s.object_type_id) == wanted for s in self.subscriptions.values()):
            raise errors.envelope(409, "A subscription of this kind exists already.", "CONFLICT")


def _may_be_told(url: str) -> bool:
    """HubSpot asks for https; a receiver on this machine may go without."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return bool(host)
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
