"""Which contacts belong to which companies, read and written from either side.

Guide: https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
"""

from collections.abc import Iterable, Sequence

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import AssociationsReadBody, AssociationType, PairsArchiveBody, PairsBody, read, read_list
from hubspot_sandbox.exchange import Answer, Call, empty_answer, json_answer
from hubspot_sandbox.kinds import COMPANY, CONTACT, Kind
from hubspot_sandbox.moments import iso
from hubspot_sandbox.objects import batch_answer, find, not_there, refuse_oversized
from hubspot_sandbox.query import is_id, kind_of, next_page, page_limit, whole_number
from hubspot_sandbox.records import Record
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.shapes import Json, other_kind, targets_of

API = "API"
CATEGORY = "HUBSPOT_DEFINED"
UNLABELED = {CONTACT.id: 279, COMPANY.id: 280}  # by the kind they lead from
PRIMARY = {CONTACT.id: 1, COMPANY.id: 2}
MAX_READ = 1_000
MAX_WRITTEN = 2_000
MAX_TARGETS = 500  # of one record in one answer
DATED = "/2026-09/"


def batch_read(sandbox: Sandbox, call: Call) -> Answer:
    """A record that belongs nowhere is an error of its own, and the answers come in no particular order: here, the
    last asked for first.
    """
    kind, to = _sides(call)
    inputs = read(AssociationsReadBody, call.body).inputs
    refuse_oversized(len(inputs), MAX_READ)
    started_at = iso(sandbox.clock.now_ms())
    results: list[Json] = []
    problems: list[Json] = []
    for each in {each.id: each for each in inputs[::-1]}.values():
        record = find(sandbox.portal.table(kind), each.id, None)
        after = int(each.after) if each.after and is_id(each.after) else 0
        targets = [] if record is None else targets_of(sandbox.portal.links, kind, record)
        if targets:
            results.append(_from(sandbox, call, each.id, [one for one in targets if one[0] >= after]))
        else:
            problems.append(_none_found(kind, to, each.id))
    return batch_answer(sandbox, started_at, results, problems)


def of_one(sandbox: Sandbox, call: Call) -> Answer:
    if DATED in call.url and sandbox.options.single_associations_are_missing_in_2026_09:
        raise errors.not_found()
    kind, _ = _sides(call)
    record = _record(sandbox, kind, call.path["id"])
    limit, after = page_limit(call, default=MAX_TARGETS, most=MAX_TARGETS), whole_number(call, "after", default=0)
    targets = [one for one in targets_of(sandbox.portal.links, kind, record) if one[0] >= after]
    results = [_target(sandbox, call, *one) for one in targets[:limit]]
    body: Json = {"results": results}
    if len(targets) > limit:
        body["paging"] = next_page(call, targets[limit][0])
    return json_answer(body, records=len(results))


def labels(_sandbox: Sandbox, call: Call) -> Answer:
    kind, _ = _sides(call)
    return json_answer({"results": _types(kind, primary=True)})


def associate_default(sandbox: Sandbox, call: Call) -> Answer:
    kind, to = _sides(call)
    started_at = iso(sandbox.clock.now_ms())
    record, other = _record(sandbox, kind, call.path["id"]), _record(sandbox, to, call.path["to_id"])
    associate_as(sandbox, kind, record.id, other.id, primary=False)
    return batch_answer(sandbox, started_at, _default_pairs(kind, record.id, other.id), [])


def associate(sandbox: Sandbox, call: Call) -> Answer:
    kind, to = _sides(call)
    types = [each.association_type_id for each in read_list(AssociationType, call.body)]
    record, other = _record(sandbox, kind, call.path["id"]), _record(sandbox, to, call.path["to_id"])
    associate_as(sandbox, kind, record.id, other.id, primary=is_primary(kind, types))
    return json_answer(_labelled(kind, record.id, other.id, primary=is_primary(kind, types)), 201)


def dissociate(sandbox: Sandbox, call: Call) -> Answer:
    kind, to = _sides(call)
    _part(sandbox, kind, _record(sandbox, kind, call.path["id"]), _record(sandbox, to, call.path["to_id"]))
    return empty_answer()


def batch_create(sandbox: Sandbox, call: Call) -> Answer:
    kind, to = _sides(call)
    inputs = read(PairsBody, call.body).inputs
    refuse_oversized(len(inputs), MAX_WRITTEN)
    started_at = iso(sandbox.clock.now_ms())
    found = [
        (
            _record(sandbox, kind, each.from_.id).id,
            _record(sandbox, to, each.to.id).id,
            is_primary(kind, [one.association_type_id for one in each.types]),
        )
        for each in inputs
    ]
    for from_id, to_id, primary in found:
        associate_as(sandbox, kind, from_id, to_id, primary=primary)
    results = [_labelled(kind, from_id, to_id, primary=primary) for from_id, to_id, primary in found]
    return batch_answer(sandbox, started_at, results, [], 201)


def batch_create_default(sandbox: Sandbox, call: Call) -> Answer:
    kind, to = _sides(call)
    inputs = read(PairsBody, call.body).inputs
    refuse_oversized(len(inputs), MAX_WRITTEN)
    started_at = iso(sandbox.clock.now_ms())
    found = [(_record(sandbox, kind, each.from_.id).id, _record(sandbox, to, each.to.id).id) for each in inputs]
    for from_id, to_id in found:
        associate_as(sandbox, kind, from_id, to_id, primary=False)
    results = [pair for from_id, to_id in found for pair in _default_pairs(kind, from_id, to_id)]
    return batch_answer(sandbox, started_at, results, [])


def batch_archive(sandbox: Sandbox, call: Call) -> Answer:
    """What is apart, or is not there, is no error."""
    kind, to = _sides(call)
    inputs = read(PairsArchiveBody, call.body).inputs
    refuse_oversized(len(inputs), MAX_WRITTEN)
    tables = sandbox.portal.table(kind), sandbox.portal.table(to)
    for each in inputs:
        for target in each.to:
            record, other = find(tables[0], each.from_.id, None), find(tables[1], target.id, None)
            if record is not None and other is not None:
                _part(sandbox, kind, record, other)
    return empty_answer()


def associate_as(sandbox: Sandbox, kind: Kind, record_id: int, other_id: int, *, primary: bool) -> None:
    """Join a record of this kind with one of the other."""
    contact_id, company_id = (record_id, other_id) if kind is CONTACT else (other_id, record_id)
    sandbox.portal.associate(contact_id, company_id, primary=primary, source=API)


def is_primary(kind: Kind, type_ids: Iterable[int]) -> bool:
    """Say whether association types that lead from this kind include the primary one. Raises `Refused` for others."""
    given = set(type_ids)
    strange = given - {UNLABELED[kind.id], PRIMARY[kind.id]}
    if strange:
        raise errors.validation(f"Invalid association type ids for {kind.plural}: {sorted(strange)}.")
    return PRIMARY[kind.id] in given


def _sides(call: Call) -> tuple[Kind, Kind]:
    kind, to = kind_of(call), kind_of(call, "to_type")
    if to is not other_kind(kind):
        raise errors.validation(f"{kind.plural.capitalize()} are not associated with {to.plural} here.")
    return kind, to


def _record(sandbox: Sandbox, kind: Kind, text: str) -> Record:
    record = find(sandbox.portal.table(kind), text, None)
    if record is None:
        raise not_there(text)
    return record


def _part(sandbox: Sandbox, kind: Kind, record: Record, other: Record) -> None:
    contact_id, company_id = (record.id, other.id) if kind is CONTACT else (other.id, record.id)
    sandbox.portal.dissociate(contact_id, company_id, source=API)


def _from(sandbox: Sandbox, call: Call, text: str, targets: Sequence[tuple[int, bool]]) -> Json:
    body: Json = {"from": {"id": text}, "to": [_target(sandbox, call, *one) for one in targets[:MAX_TARGETS]]}
    if len(targets) > MAX_TARGETS:
        after = str(targets[MAX_TARGETS][0])
        body["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return body


def _target(sandbox: Sandbox, call: Call, target_id: int, primary: bool) -> Json:  # noqa: FBT001 - of a pair
    as_number = DATED not in call.url or sandbox.options.association_ids_are_numbers
    types = _types(kind_of(call), primary=primary)
    return {"toObjectId": target_id if as_number else str(target_id), "associationTypes": types}


def _types(kind: Kind, *, primary: bool) -> list[Json]:
    types: list[Json] = [{"category": CATEGORY, "typeId": UNLABELED[kind.id], "label": None}]
    if primary:
        types.insert(0, {"category": CATEGORY, "typeId": PRIMARY[kind.id], "label": "Primary"})
    return types


def _default_pairs(kind: Kind, record_id: int, other_id: int) -> list[Json]:
    """Give an unlabeled association in both of its directions."""
    return [
        {
            "from": {"id": str(from_id)},
            "to": {"id": str(to_id)},
            "associationSpec": {"associationCategory": CATEGORY, "associationTypeId": UNLABELED[side.id]},
        }
        for side, from_id, to_id in ((kind, record_id, other_id), (other_kind(kind), other_id, record_id))
    ]


def _labelled(kind: Kind, record_id: int, other_id: int, *, primary: bool) -> Json:
    return {
        "fromObjectTypeId": kind.id,
        "fromObjectId": record_id,
        "toObjectTypeId": other_kind(kind).id,
        "toObjectId": other_id,
        "labels": ["Primary"] if primary else [],
    }


def _none_found(kind: Kind, to: Kind, text: str) -> Json:
    message = f"No {to.singular} is associated with {kind.singular} {text}."
    context = {"fromObjectId": [text], "fromObjectType": [kind.singular], "toObjectType": [to.singular]}
    category = "crm.associations.NO_ASSOCIATIONS_FOUND"
    return errors.in_batch("OBJECT_NOT_FOUND", message, context, subCategory=category)
