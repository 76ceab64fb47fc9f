"""The change feed of a user's HubSpot contacts, for who keeps a copy of them."""

from apiflask import APIBlueprint
from flask import Response

from callbook import contacts, feed
from callbook.web import door
from callbook.web.shapes import FeedOut, FeedQuery

blueprint = APIBlueprint("feed", __name__)


@blueprint.get("/api/feed")
@blueprint.input(FeedQuery, location="query", arg_name="query")
@blueprint.output(FeedOut)
def changes(query: FeedQuery) -> Response:
    owner = door.owner()
    found = feed.read(owner, query.after, query.epoch, query.limit)
    phones = contacts.phones_of(owner, [row.id for row in found.contacts])
    at = contacts.companies_of(owner, found.contacts)
    answer = {
        "contacts": [contacts.change_told(row, phones[row.id], at.get(row.company_id)) for row in found.contacts],
        "epoch": owner.epoch,
        "cursor": found.cursor,
        "newest": found.newest,
        "more": found.more,
        "start_again": found.start_again,
    }
    return door.written(answer)
