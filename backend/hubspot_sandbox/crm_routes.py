"""The endpoints of an account's records, in each of HubSpot's path families: objects of every kind, what joins them,
their properties and owners, and the account itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.convertors import StringConvertor, register_url_convertor

from hubspot_sandbox import account, associations, objects, schema, writes
from hubspot_sandbox.authorizations import OWNERS_READ
from hubspot_sandbox.kinds import COMPANY, CONTACT, CONTACTS_READ, CONTACTS_WRITE, KINDS, Kind
from hubspot_sandbox.passage import Endpoint

ASSOCIATIONS = ("associations",)  # a family of endpoints, for faults


@dataclass(frozen=True)
class Paths:
    """One of HubSpot's path families: the same endpoints under other names."""

    objects: str
    joined: str  # an object's own associations
    associations: str
    properties: str
    owners: tuple[str, ...]
    account: str
    limits: str


FAMILIES = (
    Paths(
        objects="/crm/objects/2026-09",
        joined="/crm/objects/2026-09",
        associations="/crm/associations/2026-09",
        properties="/crm/properties/2026-09",
        owners=("/crm/owners/2026-09",),
        account="/account-info/2026-09/details",
        limits="/crm/limits/2026-09/records",
    ),
    Paths(
        objects="/crm/v3/objects",
        joined="/crm/v4/objects",
        associations="/crm/v4/associations",
        properties="/crm/v3/properties",
        owners=("/crm/v3/owners", "/crm/v3/owners/"),  # HubSpot's own client writes it with a slash
        account="/account-info/v3/details",
        limits="/crm/v3/limits/records",
    ),
)


# A path names its kind, so that each kind has endpoints, scopes and faults of its own.
for _kind in KINDS:
    _convertor = type(_kind.singular, (StringConvertor,), {"regex": "|".join(_kind.names)})
    register_url_convertor(_kind.singular, _convertor())


def _objects(paths: Paths, kind: Kind) -> Iterator[Endpoint]:
    root, family = f"{paths.objects}/{{object_type:{kind.singular}}}", (kind.plural,)
    rows = (
        ("list", "GET", "", objects.list_objects),
        ("get", "GET", "/{id}", objects.get_object),
        ("batch_read", "POST", "/batch/read", objects.batch_read),
        ("search", "POST", "/search", objects.search_objects),
        ("create", "POST", "", writes.create),
        ("update", "PATCH", "/{id}", writes.update),
        ("archive", "DELETE", "/{id}", writes.archive),
        ("batch_create", "POST", "/batch/create", writes.batch_create),
        ("batch_update", "POST", "/batch/update", writes.batch_update),
        ("batch_upsert", "POST", "/batch/upsert", writes.batch_upsert),
        ("batch_archive", "POST", "/batch/archive", writes.batch_archive),
        ("merge", "POST", "/merge", writes.merge),
        ("gdpr_delete", "POST", "/gdpr-delete", writes.gdpr_delete),
    )
    reading = ("list", "get", "batch_read", "search")
    for name, method, path, handler in rows:
        if name == "gdpr_delete" and kind is not CONTACT:
            continue
        yield Endpoint(
            _named(name, kind),
            method,
            f"{root}{path}",
            handler,
            scope=kind.read_scope if name in reading else kind.write_scope,
            families=family,
            budget="search" if name == "search" else "general",
            listing=name == "list",
        )


def _named(name: str, kind: Kind) -> str:
    """Endpoints of contacts go by the bare name."""
    if kind is CONTACT:
        return name
    return {"list": kind.plural, "get": kind.singular}.get(name, f"{kind.plural}_{name}")


def _associations(paths: Paths) -> Iterator[Endpoint]:
    pairs = f"{paths.associations}/{{object_type}}/{{to_type}}"
    of_one = f"{paths.joined}/{{object_type}}/{{id}}/associations"
    for name, method, path, handler in (
        ("associations_batch_read", "POST", f"{pairs}/batch/read", associations.batch_read),
        ("associations_batch_create", "POST", f"{pairs}/batch/create", associations.batch_create),
        ("associations_batch_create", "POST", f"{pairs}/batch/associate/default", associations.batch_create_default),
        ("associations_batch_archive", "POST", f"{pairs}/batch/archive", associations.batch_archive),
        ("association_labels", "GET", f"{pairs}/labels", associations.labels),
        ("associations", "GET", f"{of_one}/{{to_type}}", associations.of_one),
        ("associate", "PUT", f"{of_one}/default/{{to_type}}/{{to_id}}", associations.associate_default),
        ("associate", "PUT", f"{of_one}/{{to_type}}/{{to_id}}", associations.associate),
        ("dissociate", "DELETE", f"{of_one}/{{to_type}}/{{to_id}}", associations.dissociate),
    ):
        reads = name in ("associations_batch_read", "association_labels", "associations")
        scope = CONTACTS_READ if reads else CONTACTS_WRITE
        yield Endpoint(name, method, path, handler, scope=scope, families=ASSOCIATIONS, budget="associations")


def _account(paths: Paths) -> Iterator[Endpoint]:
    yield Endpoint("account", "GET", paths.account, account.details)
    yield Endpoint("limits", "GET", paths.limits, account.limits, scope=CONTACTS_READ)
    for path in paths.owners:
        yield Endpoint("owners", "GET", path, account.list_owners, scope=OWNERS_READ)
    yield Endpoint("owner", "GET", f"{paths.owners[0]}/{{id}}", account.get_owner, scope=OWNERS_READ)
    for kind in KINDS:
        root = f"{paths.properties}/{{object_type:{kind.singular}}}"
        yield Endpoint("properties", "GET", root, schema.list_properties, scope=kind.schema_scope)
        yield Endpoint("property", "GET", f"{root}/{{name}}", schema.get_property, scope=kind.schema_scope)


def _unknown_kinds(paths: Paths) -> Iterator[Endpoint]:
    for root in dict.fromkeys((paths.objects, paths.properties)):
        for path in (f"{root}/{{object_type}}", f"{root}/{{object_type}}/{{rest:path}}"):
            for method in ("GET", "POST", "PATCH", "DELETE"):
                yield Endpoint("unknown", method, path, objects.unknown_kind)


def _endpoints(paths: Paths) -> Iterator[Endpoint]:
    for kind in (CONTACT, COMPANY):
        yield from _objects(paths, kind)
    yield from _associations(paths)
    yield from _account(paths)
    yield from _unknown_kinds(paths)


ENDPOINTS = [endpoint for paths in FAMILIES for endpoint in _endpoints(paths)]
