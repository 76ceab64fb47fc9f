"""The contacts endpoints: list, get one, batch read and search, and how a contact is written out.

Guide: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

import re
from collections.abc import Callable, Iterable, Sequence

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import BatchReadBody, SearchBody, read
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.moments import iso
from hubspot_sandbox.portal import Contact, Portal
from hubspot_sandbox.properties import ALWAYS, CONTACT_PROPERTIES, DEFAULTS
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.search import checked

CONTACT_NAMES = ("contacts", "contact", "0-1")
MAX_LIST_PAGE = 100
MAX_BATCH = 100
MAX_ID_DIGITS = 19


def list_contacts(sandbox: Sandbox, call: Call) -> Answer:
    _require_contacts(call)
    limit = page_limit(call, default=10, most=MAX_LIST_PAGE)
    after = whole_number(call, "after", default=0)
    portal = sandbox.portal
    ids, start = portal.ids_from(after, archived=_archived(call))
    page = [portal.contacts[contact_id] for contact_id in ids[start : start + limit]]
    names = _asked(call)
    body: dict[str, object] = {"results": [written(contact, names) for contact in page]}
    if start + limit < len(ids):
        body["paging"] = next_page(call, page[-1].id + 1)
    return json_answer(body, records=len(page))


def get_contact(sandbox: Sandbox, call: Call) -> Answer:
    _require_contacts(call)
    id_property = call.query.get("idProperty")
    contact = _find(sandbox.portal, call.path["id"], id_property, archived=_archived(call))
    if contact is None:
        raise errors.not_found() if id_property or is_id(call.path["id"]) else errors.id_not_numeric()
    return json_answer(written(contact, _asked(call)), records=1)


def batch_read(sandbox: Sandbox, call: Call) -> Answer:
    _require_contacts(call)
    body = read(BatchReadBody, call.body)
    names, archived = _names(body.properties), _archived(call)

    def find(wanted: str) -> dict[str, object] | None:
        contact = _find(sandbox.portal, wanted, body.id_property, archived=archived)
        return None if contact is None else written(contact, names)

    return batch_answer(sandbox, body, find, "CONTACT")


def batch_answer(
    sandbox: Sandbox, body: BatchReadBody, find: Callable[[str], dict[str, object] | None], kind: str
) -> Answer:
    """Answer a batch read of any kind of object; `find` writes one out, None where there is none."""
    if len(body.inputs) > MAX_BATCH:
        raise errors.validation(f"The maximum number of inputs supported in a batch is {MAX_BATCH}.")
    started_at = iso(sandbox.clock.now_ms())
    found: dict[object, dict[str, object]] = {}
    missing: list[str] = []
    for wanted in dict.fromkeys(each.id for each in body.inputs):
        record = find(wanted)
        if record is None:
            missing.append(wanted)
        else:
            found[record["id"]] = record
    results = list(found.values())
    answer = {"status": "COMPLETE", "results": results, "startedAt": started_at}
    answer["completedAt"] = iso(sandbox.clock.now_ms())
    if not missing:
        return json_answer(answer, records=len(results))
    return json_answer(answer | {"numErrors": 1, "errors": [_not_found(missing, kind)]}, 207, records=len(results))


def search_contacts(sandbox: Sandbox, call: Call) -> Answer:
    _require_contacts(call)
    request = read(SearchBody, call.body)
    query = checked(request, len(call.body.decode()))
    found = sandbox.index.find(query)
    names = _names(request.properties)
    body: dict[str, object] = {
        "total": found.total,
        "results": [written(contact, names) for contact in found.contacts],
    }
    reached = query.offset + len(found.contacts)
    if found.contacts and reached < found.total:
        body["paging"] = {"next": {"after": str(reached), "link": f"?after={reached}"}}
    return json_answer(body, records=len(found.contacts))


def written(contact: Contact, names: Sequence[str]) -> dict[str, object]:
    """Write a contact out with the properties named, which are known and in order."""
    created_at, modified_at = iso(contact.created_at_ms), iso(contact.modified_at_ms)
    derived = {"createdate": created_at, "hs_object_id": str(contact.id), "lastmodifieddate": modified_at}
    have = {**contact.properties, **derived}
    record: dict[str, object] = {
        "id": str(contact.id),
        "properties": {name: have.get(name) for name in names},
        "createdAt": created_at,
        "updatedAt": modified_at,
        "archived": contact.archived_at_ms is not None,
    }
    if contact.archived_at_ms is not None:
        record["archivedAt"] = iso(contact.archived_at_ms)
    return record


def page_limit(call: Call, *, default: int, most: int) -> int:
    limit = whole_number(call, "limit", default=default)
    if not 1 <= limit <= most:
        raise errors.validation(f"Invalid input: limit must be between 1 and {most}, it was {limit}.")
    return limit


def next_page(call: Call, after: int) -> dict[str, object]:
    query = call.query_with("after", str(after))
    return {"next": {"after": str(after), "link": f"{call.url}?{query}"}}


def _require_contacts(call: Call) -> None:
    name = call.path["object_type"]
    if name not in CONTACT_NAMES:
        raise errors.validation(f"Unable to infer object type from: {name}")


def _find(portal: Portal, text: str, id_property: str | None, *, archived: bool) -> Contact | None:
    if id_property == "email":
        return portal.find_by_email(text)
    if id_property not in (None, "hs_object_id"):
        raise errors.validation(f"Property {id_property} is not a unique property of contacts.")
    return portal.find(int(text), archived=archived) if is_id(text) else None


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS


def _not_found(ids: Sequence[str], kind: str) -> dict[str, object]:
    message = f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."
    return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": list(ids)}}


def asked_names(call: Call) -> list[str]:
    return [name for given in call.query.getlist("properties") for name in given.split(",")]


def _asked(call: Call) -> Sequence[str]:
    return _names(asked_names(call))


def _names(asked: Iterable[str]) -> Sequence[str]:
    """Give what to write, in HubSpot's order; a name it does not know is left out without a word."""
    wanted = {name for name in asked if name}
    return sorted((wanted & CONTACT_PROPERTIES.keys()).union(ALWAYS) if wanted else DEFAULTS)


def _archived(call: Call) -> bool:
    return call.query.get("archived", "false").lower() == "true"


def whole_number(call: Call, name: str, *, default: int) -> int:
    text = call.query.get(name, "") or str(default)
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise errors.validation(f"Invalid input: {name} must be a whole number, it was {text!r}.")
    return int(text)
