"""What could not be synced, one record each."""

from typing import Any

from apiflask import APIBlueprint

from callbook import sync
from callbook.hubspot import record_url
from callbook.models import User
from callbook.sync import Listed
from callbook.web import door
from callbook.web.shapes import ProblemsOut, ProblemsQuery

blueprint = APIBlueprint("problems", __name__)


@blueprint.get("/api/problems")
@blueprint.input(ProblemsQuery, location="query", arg_name="query")
@blueprint.output(ProblemsOut)
def problems(query: ProblemsQuery) -> dict[str, Any]:
    owner = door.owner()
    user = User.get_by_id(owner.id)
    found = sync.listed_problems(owner, query.limit)
    return {"problems": [_told(user, each) for each in found], "total": sync.problem_count(owner)}


def _told(user: User, found: Listed) -> dict[str, Any]:
    url = None if found.contact_id is None else record_url(user.ui_domain, user.portal_id, found.contact_id)
    facts = {name: getattr(found, name) for name in ("remote_id", "category", "seen_at", "name")}
    return {**facts, "hubspot_url": url}
