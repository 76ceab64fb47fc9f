"""A sandbox as a whole: its options, the portal, who is authorized, the search index and how it behaves."""

from hubspot_sandbox.authorizations import Authorizations
from hubspot_sandbox.faults import Faults
from hubspot_sandbox.index import SearchIndex
from hubspot_sandbox.journal import Journal
from hubspot_sandbox.latency import Latency
from hubspot_sandbox.limits import Limits
from hubspot_sandbox.options import Options
from hubspot_sandbox.paging import Paging
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.statistics import Statistics
from hubspot_sandbox.switchboard import Switchboard
from hubspot_sandbox.webhooks import Webhooks


class Sandbox:
    """`options` is replaced when one of them changes: read it where it is needed, keep no copy."""

    def __init__(self, options: Options, portal: Portal) -> None:
        self.options = options
        self.portal = portal
        portal.options = lambda: self.options
        self.clock = portal.clock
        self.authorizations = Authorizations(portal.clock, lambda: self.options)
        self.index = SearchIndex(portal, lambda: self.options)
        self.faults = Faults()
        self.paging = Paging(portal, lambda: self.options)
        self.limits = Limits(portal.id, portal.clock, lambda: self.options)
        self.latency = Latency(lambda: self.options)
        self.statistics = Statistics()
        self.switchboard = Switchboard(lambda: self.options)
        self.webhooks = Webhooks(portal.id, portal.clock, self.authorizations, lambda: self.options)
        self.journal = Journal(portal.clock, self.authorizations, lambda: self.options)
        portal.watchers += [self.webhooks.hear, self.journal.hear]
        self.authorizations.watchers.append(self.journal.hear_lifecycle)

    def change_options(self, **changes: object) -> None:
        """Raises pydantic's `ValidationError`, and changes nothing then."""
        self.options = self.options.changed(**changes)
