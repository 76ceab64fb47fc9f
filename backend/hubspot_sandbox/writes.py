"""Writing records of any kind: create, update, archive, merge and GDPR delete, one by one and in batches.

A batch either happens as a whole or, where every input carries an `objectWriteTraceId`, as far as it can, with a 207
that names those of the others. Guide: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hubspot_sandbox import errors
from hubspot_sandbox.associations import associate_as, is_primary
from hubspot_sandbox.bodies import (
    BatchArchiveBody,
    BatchCreateBody,
    BatchUpdateBody,
    BatchUpdateInput,
    CreateBody,
    GdprDeleteBody,
    MergeBody,
    UpdateBody,
    read,
)
from hubspot_sandbox.exchange import Answer, Call, Refused, empty_answer, json_answer
from hubspot_sandbox.kinds import CONTACT, Kind
from hubspot_sandbox.moments import iso
from hubspot_sandbox.objects import batch_answer, find, not_there, objects_not_found, refuse_oversized
from hubspot_sandbox.query import is_id, kind_of
from hubspot_sandbox.records import Record
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.shapes import Json, other_kind, shape_of

API = "API"
MERGED = ("hs_calculated_merged_vids", "hs_merged_object_ids")

Given = Mapping[str, str | None]


@dataclass(frozen=True)
class _Upsert:
    wanted: BatchUpdateInput
    record: Record | None
    properties: Given
    object_write_trace_id: str | None


def create(sandbox: Sandbox, call: Call) -> Answer:
    kind, body = kind_of(call), read(CreateBody, call.body)
    return json_answer(_create(sandbox, kind, body), 201, records=1)


def update(sandbox: Sandbox, call: Call) -> Answer:
    kind, body = kind_of(call), read(UpdateBody, call.body)
    text, id_property = call.path["id"], call.query.get("idProperty")
    record = find(sandbox.portal.table(kind), text, id_property, merged_too=True)
    if record is None:
        raise not_there(text, id_property)
    return json_answer(_update(sandbox, kind, record, body), records=1)


def archive(sandbox: Sandbox, call: Call) -> Answer:
    kind, text = kind_of(call), call.path["id"]
    table = sandbox.portal.table(kind)
    record = find(table, text, call.query.get("idProperty"))
    if record is not None:
        _archive(sandbox, kind, record)
    elif sandbox.options.archiving_again_is_not_found or find(table, text, None, archived=True) is None:
        raise not_there(text)
    return empty_answer()


def merge(sandbox: Sandbox, call: Call) -> Answer:
    kind, body = kind_of(call), read(MergeBody, call.body)
    texts = (body.primary_object_id, body.object_id_to_merge)
    if not all(map(is_id, texts)):
        raise errors.validation("Invalid input: primaryObjectId and objectIdToMerge must be numeric.")
    portal = sandbox.portal
    merging = portal.merge if kind is CONTACT else portal.merge_companies
    merged = merging(*map(int, texts), source=API)
    return json_answer(shape_of(portal, kind, (*kind.defaults, *MERGED)).of(merged), records=1)


def gdpr_delete(sandbox: Sandbox, call: Call) -> Answer:
    """An e-mail address that nobody has is put on a blocklist."""
    body, table = read(GdprDeleteBody, call.body), sandbox.portal.table(CONTACT)
    record = find(table, body.object_id, body.id_property) or find(table, body.object_id, None, archived=True)
    if record is not None:
        sandbox.portal.gdpr_delete(record.id, source=API)
    elif body.id_property == "email":
        table.bar_email(body.object_id)
    else:
        raise not_there(body.object_id, body.id_property)
    return empty_answer()


def batch_create(sandbox: Sandbox, call: Call) -> Answer:
    kind, inputs = kind_of(call), read(BatchCreateBody, call.body).inputs
    refuse_oversized(len(inputs))
    _refuse_doubles(sandbox, kind, [each.properties for each in inputs])
    return _batch(
        sandbox,
        inputs,
        check=lambda each: _check_new(sandbox, kind, each),
        work=lambda each: _create(sandbox, kind, each),
        status=201,
    )


def batch_update(sandbox: Sandbox, call: Call) -> Answer:
    """Merged-away ids are dropped without a word."""
    kind, inputs = kind_of(call), read(BatchUpdateBody, call.body).inputs
    refuse_oversized(len(inputs))
    table = sandbox.portal.table(kind)
    found = [(each, find(table, each.id, each.id_property)) for each in inputs]
    missing = [each.id for each, record in found if record is None and not _is_merged_away(each, table.aliases)]
    there = {id(each): record for each, record in found if record is not None}
    _refuse_repeated(record.id for record in there.values())
    _refuse_doubles(sandbox, kind, [each.properties for each in inputs])
    return _batch(
        sandbox,
        [each for each, record in found if record is not None],
        check=lambda each: _check(sandbox, kind, each.properties, there[id(each)].id),
        work=lambda each: _update(sandbox, kind, there[id(each)], each),
        problems=[objects_not_found(missing, kind)] if missing else [],
    )


def batch_upsert(sandbox: Sandbox, call: Call) -> Answer:
    """By e-mail address it is all or nothing, whatever the inputs carry."""
    kind, inputs = kind_of(call), read(BatchUpdateBody, call.body).inputs
    refuse_oversized(len(inputs))
    upserts = [_upsert(sandbox, kind, each) for each in inputs]
    _refuse_repeated(each.record.id for each in upserts if each.record is not None)
    _refuse_doubles(sandbox, kind, [each.properties for each in upserts])
    missing = [each.wanted.id for each in upserts if each.record is None and not each.wanted.id_property]
    return _batch(
        sandbox,
        [each for each in upserts if each.record is not None or each.wanted.id_property],
        check=lambda each: _check(sandbox, kind, each.properties, None if each.record is None else each.record.id),
        work=lambda each: _do_upsert(sandbox, kind, each),
        problems=[objects_not_found(missing, kind)] if missing else [],
        whole=any(each.id_property == "email" for each in inputs),
    )


def batch_archive(sandbox: Sandbox, call: Call) -> Answer:
    """What is not there is no error."""
    kind, inputs = kind_of(call), read(BatchArchiveBody, call.body).inputs
    refuse_oversized(len(inputs))
    for each in inputs:
        record = find(sandbox.portal.table(kind), each.id, None)
        if record is not None:
            _archive(sandbox, kind, record)
    return empty_answer()


Input = TypeVar("Input", CreateBody, BatchUpdateInput, _Upsert)


def _batch(  # noqa: PLR0913 - what a batch is made of, all by name
    sandbox: Sandbox,
    inputs: Sequence[Input],
    *,
    check: Callable[[Input], None],
    work: Callable[[Input], Json],
    problems: Iterable[Json] = (),
    status: int = 200,
    whole: bool = False,
) -> Answer:
    started_at = iso(sandbox.clock.now_ms())
    results, told = [], list(problems)
    if whole or not all(each.object_write_trace_id for each in inputs):
        for each in inputs:
            check(each)
    for each in inputs:
        try:
            check(each)
            results.append(work(each))
        except Refused as refused:
            told.append(_told(refused, each.object_write_trace_id or ""))
    return batch_answer(sandbox, started_at, results, told, status)


def _told(refused: Refused, trace_id: str) -> Json:
    """Give a refusal as one error of a batch."""
    body = json.loads(refused.answer.content)
    context = {**body.get("context", {}), "objectWriteTraceId": [trace_id]}
    category = body.get("category", "OBJECT_NOT_FOUND")
    return errors.in_batch(category, body["message"], context, errors=body.get("errors", []))


def _create(sandbox: Sandbox, kind: Kind, body: CreateBody) -> Json:
    _check_new(sandbox, kind, body)
    record = sandbox.portal.table(kind).create(body.properties, source=API)
    for each in body.associations:
        types = [one.association_type_id for one in each.types]
        associate_as(sandbox, kind, record.id, int(each.to.id), primary=is_primary(kind, types))
    created = sandbox.portal.table(kind).records[record.id]
    return _written(sandbox, kind, created, body.properties, body.object_write_trace_id)


def _update(sandbox: Sandbox, kind: Kind, record: Record, body: UpdateBody) -> Json:
    _check(sandbox, kind, body.properties, record.id)
    edited = sandbox.portal.table(kind).edit(record.id, body.properties, source=API)
    return _written(sandbox, kind, edited, body.properties, body.object_write_trace_id)


def _upsert(sandbox: Sandbox, kind: Kind, wanted: BatchUpdateInput) -> _Upsert:
    record = find(sandbox.portal.table(kind), wanted.id, wanted.id_property)
    own = {} if wanted.id_property is None or record is not None else {wanted.id_property: wanted.id}
    return _Upsert(wanted, record, {**own, **wanted.properties}, wanted.object_write_trace_id)


def _do_upsert(sandbox: Sandbox, kind: Kind, each: _Upsert) -> Json:
    if each.record is not None:
        return _update(sandbox, kind, each.record, each.wanted) | {"new": False}
    body = CreateBody(properties=dict(each.properties), objectWriteTraceId=each.object_write_trace_id)
    return _create(sandbox, kind, body) | {"new": True}


def _archive(sandbox: Sandbox, kind: Kind, record: Record) -> None:
    archiving = sandbox.portal.archive if kind is CONTACT else sandbox.portal.archive_company
    archiving(record.id, source=API)


def _written(sandbox: Sandbox, kind: Kind, record: Record, given: Given, trace_id: str | None) -> Json:
    body = shape_of(sandbox.portal, kind, (*kind.always, *given)).of(record)
    return body if trace_id is None else body | {"objectWriteTraceId": trace_id}


def _check_new(sandbox: Sandbox, kind: Kind, body: CreateBody) -> None:
    _check(sandbox, kind, body.properties, None)
    others = sandbox.portal.table(other_kind(kind))
    for each in body.associations:
        is_primary(kind, [one.association_type_id for one in each.types])
        if find(others, each.to.id, None) is None:
            raise not_there(each.to.id)


def _check(sandbox: Sandbox, kind: Kind, given: Given, record_id: int | None) -> None:
    values = sandbox.portal.table(kind).checked(given, record_id, strictly=True)
    owner_id = values.get("hubspot_owner_id", "")
    owner = sandbox.portal.owners.get(int(owner_id)) if is_id(owner_id) else None
    if owner_id and (owner is None or owner.archived):
        message = f"{owner_id} was not one of the allowed options: the ids of the account's owners"
        problem = {"name": "hubspot_owner_id", "error": "INVALID_OPTION", "message": message}
        raise errors.properties_invalid([problem], sandbox.portal.id)


def _is_merged_away(wanted: BatchUpdateInput, aliases: Mapping[int, int]) -> bool:
    return not wanted.id_property and is_id(wanted.id) and int(wanted.id) in aliases


def _refuse_repeated(ids: Iterable[int]) -> None:
    repeated = [str(id_) for id_, times in Counter(ids).items() if times > 1]
    if repeated:
        raise errors.validation(f"Duplicate IDs found in batch input: [{', '.join(repeated)}]. IDs must be unique")


def _refuse_doubles(sandbox: Sandbox, kind: Kind, many: Sequence[Given]) -> None:
    """No two inputs may give the same value to a unique property: the second would fail when the first is done."""
    for name in sandbox.portal.table(kind).unique_properties:
        given = Counter(value.lower() for each in many if (value := each.get(name)))
        doubles = [value for value, times in given.items() if times > 1]
        if doubles:
            raise errors.validation(f"Duplicate {name} values found in batch input: [{', '.join(doubles)}].")
