"""What a user may set: how often to sync, and where numbers without a country code are at home."""

from typing import Any

from apiflask import APIBlueprint

from callbook import accounts, contacts, sync
from callbook.models import User
from callbook.web import door
from callbook.web.shapes import PreferencesIn, PreferencesOut

blueprint = APIBlueprint("preferences", __name__)


@blueprint.get("/api/settings")
@blueprint.output(PreferencesOut)
def read() -> dict[str, Any]:
    return _told()


@blueprint.patch("/api/settings")
@blueprint.input(PreferencesIn, arg_name="wish")
@blueprint.output(PreferencesOut)
def change(wish: PreferencesIn) -> dict[str, Any]:
    if "interval_minutes" in wish.model_fields_set:
        sync.set_interval(door.owner(), wish.interval_minutes)
    if "default_country" in wish.model_fields_set:
        accounts.set_default_country(door.owner(), wish.default_country)
    return _told()


def _told() -> dict[str, Any]:
    user = User.get_by_id(door.owner().id)
    return {
        "interval_minutes": user.interval_minutes,
        "default_country": user.default_country,
        "effective_country": contacts.default_region(user),
    }
