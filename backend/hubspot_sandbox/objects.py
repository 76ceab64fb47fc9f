"""Reading records of any kind: list, get one, batch read and search.

Guide: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

from typing import Any

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import BatchReadBody, SearchBody, read
from hubspot_sandbox.exchange import Answer, Call, Refused, json_answer
from hubspot_sandbox.filters import Terms
from hubspot_sandbox.kinds import Kind
from hubspot_sandbox.moments import iso
from hubspot_sandbox.query import is_id, kind_of, next_page, page_limit, wants_archived, whole_number
from hubspot_sandbox.records import Record
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.search import checked
from hubspot_sandbox.shapes import Json, shape_for, shape_of
from hubspot_sandbox.tables import Table

MAX_PAGE = 100
MAX_PAGE_WITH_HISTORY = 50


def list_objects(sandbox: Sandbox, call: Call) -> Answer:
    kind = kind_of(call)
    table, shape = sandbox.portal.table(kind), shape_for(sandbox.portal, kind, call)
    most = MAX_PAGE_WITH_HISTORY if shape.past else MAX_PAGE
    refused = sandbox.options.oversized_pages_are_refused
    limit = page_limit(call, default=10, most=most, oversized_are_refused=refused)
    after = whole_number(call, "after", default=0)
    ids, start = table.ids_from(after, archived=wants_archived(call))
    page = [table.records[record_id] for record_id in ids[start : start + limit]]
    body: Json = {"results": [shape.of(record) for record in page]}
    if start + limit < len(ids):
        body["paging"] = next_page(call, page[-1].id + 1)
    return json_answer(body, records=len(page))


def get_object(sandbox: Sandbox, call: Call) -> Answer:
    kind, text = kind_of(call), call.path["id"]
    id_property = call.query.get("idProperty")
    archived = wants_archived(call)
    record = find(sandbox.portal.table(kind), text, id_property, archived=archived, merged_too=True)
    if record is None:
        raise not_there(text, id_property)
    return json_answer(shape_for(sandbox.portal, kind, call).of(record), records=1)


def batch_read(sandbox: Sandbox, call: Call) -> Answer:
    """Guide: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-read"""
    kind, body = kind_of(call), read(BatchReadBody, call.body)
    shape = shape_of(sandbox.portal, kind, body.properties, body.properties_with_history)
    refuse_oversized(len(body.inputs), MAX_PAGE_WITH_HISTORY if shape.past else MAX_PAGE)
    started_at, archived = iso(sandbox.clock.now_ms()), wants_archived(call)
    wanted = {each.id: find(shape.table, each.id, body.id_property, archived=archived) for each in body.inputs}
    found = {record.id: shape.of(record) for record in wanted.values() if record is not None}
    missing = [text for text, record in wanted.items() if record is None]
    return batch_answer(
        sandbox, started_at, list(found.values()), [objects_not_found(missing, kind)] if missing else []
    )


def search_objects(sandbox: Sandbox, call: Call) -> Answer:
    kind, request = kind_of(call), read(SearchBody, call.body)
    properties = dict(sandbox.portal.table(kind).properties)  # as they are now: what is asked is kept in mind
    terms = Terms(kind, properties, sandbox.options.search_slack_ms)
    query = checked(request, len(call.body.decode()), terms, sandbox.options)
    found = sandbox.index.find(query)
    shape = shape_of(sandbox.portal, kind, request.properties)
    body: Json = {"total": found.total, "results": [shape.of(record) for record in found.records]}
    reached = query.offset + len(found.records)
    if found.records and reached < found.total:
        body["paging"] = {"next": {"after": str(reached), "link": f"?after={reached}"}}
    return json_answer(body, records=len(found.records))


def unknown_kind(_sandbox: Sandbox, call: Call) -> Answer:
    kind_of(call)
    raise errors.not_found()


def find(
    table: Table[Any], text: str, id_property: str | None, *, archived: bool = False, merged_too: bool = False
) -> Record | None:
    """Find a record by its id or by a unique property. `merged_too` is for single reads and updates alone, where a
    merged-away id leads to the survivor.
    """
    if id_property not in (None, "", "hs_object_id"):
        found: Record | None = table.find_by(id_property, text)
        return None if archived else found
    if not is_id(text):
        return None
    record_id = table.survivor(int(text)) if merged_too else int(text)
    return table.find(record_id, archived=archived)


def not_there(text: str, id_property: str | None = None) -> Refused:
    return errors.not_found() if id_property or is_id(text) else errors.id_not_numeric()


def refuse_oversized(inputs: int, most: int = MAX_PAGE) -> None:
    if inputs > most:
        raise errors.validation(f"The maximum number of inputs supported in a batch is {most}.")


def objects_not_found(ids: list[str], kind: Kind) -> Json:
    message = (
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return errors.in_batch("OBJECT_NOT_FOUND", message, {"ids": ids})


def batch_answer(
    sandbox: Sandbox, started_at: str, results: list[Json], problems: list[Json], status: int = 200
) -> Answer:
    """Answer a batch, with 207 where something failed."""
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": started_at}
    body["completedAt"] = iso(sandbox.clock.now_ms())
    if problems:
        status = 207
        body |= {"numErrors": len(problems), "errors": problems}
    return json_answer(body, status, records=len(results))
