"""The first full sync: the cache holds what HubSpot holds, field by field."""

from collections.abc import Callable

from callbook.hubspot import PROPERTIES
from callbook.models import Contact, Run, connected
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, owner_of


def test_the_cache_holds_exactly_hubspots_contacts(
    hubspot: RunningSandbox, alice: Rep, work: Callable[[], list[Run]]
) -> None:
    (run,) = work()
    assert (run.state, run.problem) == ("finished", None)
    owner = owner_of(alice)
    with connected():
        held = {row.hubspot_id: row for row in Contact.of(owner).select()}
    there = {int(contact.id): contact for contact in hubspot.portal.live()}
    assert held.keys() == there.keys()
    for id_, contact in there.items():
        wanted = {name: value for name in PROPERTIES if (value := contact.value(name)) is not None}
        assert held[id_].properties == wanted
