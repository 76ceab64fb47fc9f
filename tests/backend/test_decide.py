"""The decision, read as a table: what HubSpot was seen to hold against what the cache holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbook.contacts.decide import Action, Known, decide
from callbook.hubspot import RemoteContact

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def remote(*, name: str = "Ada", modified: int = 0, read: int = 10, primary: bool = True) -> RemoteContact:
    """Moments are minutes from noon."""
    return RemoteContact(1, {"firstname": name}, NOON + modified * MINUTE, NOON + read * MINUTE, primary)


def known(
    *, name: str = "Ada", modified: int = 0, read: int = 5, primary: bool = True, deleted: int | None = None
) -> Known:
    deleted_at = None if deleted is None else NOON + deleted * MINUTE
    properties = {} if deleted is not None else {"firstname": name}
    return Known(properties, NOON + modified * MINUTE, NOON + read * MINUTE, primary, deleted_at)


@pytest.mark.parametrize(
    ("seen", "row", "action"),
    [
        (remote(), None, Action.INSERT),
        (remote(primary=False), None, Action.INSERT),
        (remote(), known(), Action.KEEP),
        (remote(name="Eve", modified=1), known(), Action.UPDATE),
        (remote(name="Eve", modified=1, primary=False), known(), Action.UPDATE),
        (remote(name="Eve", modified=-1), known(), Action.KEEP),
        (remote(name="Eve", modified=-1, primary=False), known(primary=False), Action.KEEP),
        # of one moment's two states the later read one counts
        (remote(name="Eve"), known(), Action.UPDATE),
        (remote(name="Eve", read=4), known(), Action.KEEP),
        (remote(name="Eve", read=4, primary=False), known(primary=False), Action.KEEP),
        # the index never overwrites what the primary store said later, whatever moment it names
        (remote(name="Eve", modified=1, read=4, primary=False), known(), Action.KEEP),
        (remote(name="Eve", modified=1, read=4), known(primary=False), Action.UPDATE),
        # only the primary store brings back the dead, and only if asked after the death
        (remote(), known(deleted=7), Action.RESTORE),
        (remote(modified=-99), known(deleted=7), Action.RESTORE),
        (remote(read=7), known(deleted=7), Action.KEEP),
        (remote(read=6), known(deleted=7), Action.KEEP),
        (remote(primary=False), known(deleted=7), Action.KEEP),
        (remote(primary=False, modified=99, read=99), known(deleted=7), Action.KEEP),
    ],
)
def test_the_table(seen: RemoteContact, row: Known | None, action: Action) -> None:
    assert decide(seen, row) is action


states = st.builds(remote, name=st.sampled_from("AB"), modified=st.integers(0, 4), read=st.integers(0, 6))


@given(st.lists(states, min_size=1, max_size=5, unique_by=lambda state: state.modified_at).flatmap(st.permutations))
def test_states_of_the_primary_store_come_to_the_newest_in_any_order(reads: list[RemoteContact]) -> None:
    row: Known | None = None
    for each in reads:
        seen = replace(each, properties={**each.properties, "lastmodifieddate": str(each.modified_at)})
        if decide(seen, row) in (Action.INSERT, Action.UPDATE):
            row = Known(seen.properties, seen.modified_at, seen.read_at, seen.primary, None)
    assert row is not None
    assert row.modified_at == max(each.modified_at for each in reads)
