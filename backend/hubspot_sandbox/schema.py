"""The properties endpoints: every property of a kind, and one.

Guide: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
"""

from hubspot_sandbox import errors
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.query import kind_of, wants_archived
from hubspot_sandbox.sandbox import Sandbox


def list_properties(sandbox: Sandbox, call: Call) -> Answer:
    table, archived = sandbox.portal.table(kind_of(call)), wants_archived(call)
    known = table.archived_properties if archived else table.properties
    return json_answer({"results": [known[name].written(archived=archived) for name in sorted(known)]})


def get_property(sandbox: Sandbox, call: Call) -> Answer:
    table, archived = sandbox.portal.table(kind_of(call)), wants_archived(call)
    found = (table.archived_properties if archived else table.properties).get(call.path["name"])
    if found is None:
        raise errors.envelope(404, f'Property "{call.path["name"]}" does not exist', "OBJECT_NOT_FOUND")
    return json_answer(found.written(archived=archived))
