"""The control API under /__sandbox: what happens to the portal behind a client's back, and how the sandbox behaves.

`CONTROLS` is the one list of it: the routes, the index it answers with and the README's table are made from it, and
`RunningSandbox` has a method of each handler's name.
"""

import json
from asyncio import wrap_future
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import Field

from hubspot_sandbox import app_control, errors
from hubspot_sandbox.authorizations import SCOPES
from hubspot_sandbox.bodies import ControlBody, Text, read
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.faults import Fault
from hubspot_sandbox.guard import Steering
from hubspot_sandbox.moments import iso, parse_ms
from hubspot_sandbox.options import Options, choices
from hubspot_sandbox.portal import PEOPLE, person_named
from hubspot_sandbox.properties import FIELD_TYPES, Property
from hubspot_sandbox.query import kind_of
from hubspot_sandbox.records import Company, Contact
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.switchboard import PhoneCall

B = TypeVar("B", bound=ControlBody)
Answering = Answer | Awaitable[Answer]
PREFIX = "/__sandbox"


class Nothing(ControlBody):
    pass


class Moment(ControlBody):
    at: str | None = Field(None, description="the moment of the change, ISO 8601 or milliseconds; now if not named")

    @property
    def at_ms(self) -> int | None:
        try:
            return None if self.at is None else parse_ms(self.at)
        except ValueError as error:
            raise errors.validation(f"Invalid input: at: {self.at!r} is no moment.") from error


class Record(Moment):
    properties: dict[str, Text | None] = Field(default_factory=dict, description='values by name; null or "" clears')


class Many(Record):
    ids: tuple[int, ...] = Field((), description="which contacts")
    count: int = Field(0, ge=0, description="or how many, those of the lowest ids")


class Merge(Moment):
    primary_id: int = Field(description="whose values win")
    other_id: int = Field(description="who is merged into it")


class Association(Moment):
    primary: bool = Field(default=True, description="whether it is the contact's primary company")


class NewOwner(ControlBody):
    name: str = Field(min_length=1, description="first and last name")
    queue: bool = Field(default=False, description="whether it is a queue instead of a person")


class NewProperty(ControlBody):
    name: str = Field(pattern=r"[a-z][a-z0-9_]*", description="its internal name")
    type: str = Field("string", pattern="|".join(FIELD_TYPES), description=f"one of {', '.join(FIELD_TYPES)}")
    label: str = Field("", description="its name for people")
    field_type: str = Field("", description="the form's field; the type's usual one if not named")
    options: tuple[str, ...] = Field((), description="the values of an enumeration")
    unique: bool = Field(default=False, description="whether no two records may have the same value")


class Advance(ControlBody):
    advance_s: float = Field(ge=0, description="by how much; moments after it are later by this")


class Authorization(ControlBody):
    user: str = Field("admin", description=f"one of {', '.join(each.key for each in PEOPLE)}")
    scopes: tuple[str, ...] | None = Field(None, description="all there are, if none are named")


class Ring(ControlBody):
    number: str = Field(description='who calls; "" is a withheld number')
    to: str = Field(description="who is rung: an e-mail address, a number or an extension")


@dataclass(frozen=True)
class Control(Generic[B]):
    method: str
    path: str
    handler: Callable[[Sandbox, Call, B], Answering]
    body: type[B]
    says: str
    example: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.handler.__name__

    def fields(self) -> dict[str, str]:
        """Give what the body may have, each field with its kind, its default and what it is."""
        required = {name for name, info in self.body.model_fields.items() if info.is_required()}
        told = self.body.model_json_schema()["properties"] if self.body.model_fields else {}
        return {name: _field(schema, required=name in required) for name, schema in told.items()}

    def answer(self, sandbox: Sandbox, call: Call) -> Answering:
        return self.handler(sandbox, call, read(self.body, call.body or b"{}"))


def _field(schema: Mapping[str, Any], *, required: bool) -> str:
    kinds = " or ".join(str(each.get("type", "value")) for each in schema.get("anyOf", [schema]))
    default = "required" if required else f"default {json.dumps(schema.get('default'))}"
    return ", ".join(filter(None, (f"{kinds}, {default}", schema.get("description"))))


def create(sandbox: Sandbox, _call: Call, body: Record) -> Answer:
    return _record(sandbox.portal.create(body.properties, at_ms=body.at_ms), 201)


def edit(sandbox: Sandbox, call: Call, body: Record) -> Answer:
    return _record(sandbox.portal.edit(_id(call), body.properties, at_ms=body.at_ms))


def edit_many(sandbox: Sandbox, _call: Call, body: Many) -> Answer:
    ids = body.ids or tuple(sandbox.portal.live_ids[: body.count])
    at_ms = sandbox.clock.now_ms() if body.at_ms is None else body.at_ms
    for contact_id in ids:
        sandbox.portal.edit(contact_id, body.properties, at_ms=at_ms)
    return json_answer({"edited": len(ids), "at": iso(at_ms)})


def archive(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    return _record(sandbox.portal.archive(_id(call), at_ms=body.at_ms))


def restore(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    return _record(sandbox.portal.restore(_id(call), at_ms=body.at_ms))


def merge(sandbox: Sandbox, _call: Call, body: Merge) -> Answer:
    return _record(sandbox.portal.merge(body.primary_id, body.other_id, at_ms=body.at_ms), 201)


def gdpr_delete(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    sandbox.portal.gdpr_delete(_id(call), at_ms=body.at_ms)
    return json_answer({})


def create_company(sandbox: Sandbox, _call: Call, body: Record) -> Answer:
    return _record(sandbox.portal.create_company(body.properties, at_ms=body.at_ms), 201)


def edit_company(sandbox: Sandbox, call: Call, body: Record) -> Answer:
    return _record(sandbox.portal.edit_company(_id(call), body.properties, at_ms=body.at_ms))


def archive_company(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    return _record(sandbox.portal.archive_company(_id(call), at_ms=body.at_ms))


def restore_company(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    return _record(sandbox.portal.restore_company(_id(call), at_ms=body.at_ms))


def merge_companies(sandbox: Sandbox, _call: Call, body: Merge) -> Answer:
    return _record(sandbox.portal.merge_companies(body.primary_id, body.other_id, at_ms=body.at_ms), 201)


def associate(sandbox: Sandbox, call: Call, body: Association) -> Answer:
    sandbox.portal.associate(_id(call), _id(call, "company_id"), primary=body.primary, at_ms=body.at_ms)
    return json_answer({})


def dissociate(sandbox: Sandbox, call: Call, body: Moment) -> Answer:
    sandbox.portal.dissociate(_id(call), _id(call, "company_id"), at_ms=body.at_ms)
    return json_answer({})


def add_owner(sandbox: Sandbox, _call: Call, body: NewOwner) -> Answer:
    return json_answer(asdict(sandbox.portal.add_owner(body.name, queue=body.queue)), 201)


def archive_owner(sandbox: Sandbox, call: Call, _body: Nothing) -> Answer:
    if _id(call) not in sandbox.portal.owners:
        raise errors.not_found()
    return json_answer(asdict(sandbox.portal.archive_owner(_id(call))))


def add_property(sandbox: Sandbox, call: Call, body: NewProperty) -> Answer:
    added = sandbox.portal.table(kind_of(call)).add_property(Property(**body.model_dump()))
    return json_answer(added.written(archived=False), 201)


def archive_property(sandbox: Sandbox, call: Call, _body: Nothing) -> Answer:
    archived = sandbox.portal.table(kind_of(call)).archive_property(call.path["name"])
    return json_answer(archived.written(archived=True))


def clock(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    return json_answer({"now": iso(sandbox.clock.now_ms())})


def advance(sandbox: Sandbox, _call: Call, body: Advance) -> Answer:
    sandbox.clock.advance(body.advance_s)
    return json_answer({"now": iso(sandbox.clock.now_ms())})


def options(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    return json_answer(sandbox.options.model_dump(mode="json"))


def change_options(sandbox: Sandbox, call: Call, body: Options) -> Answer:
    changes = body.model_dump(exclude_unset=True)
    fixed = sorted(each.name for each in choices() if each.fixed and each.name in changes)
    if fixed:
        raise errors.validation(f"Invalid input: only a new sandbox can have another {' or '.join(fixed)}.")
    sandbox.change_options(**changes)
    return options(sandbox, call, Nothing())


def fault(sandbox: Sandbox, _call: Call, body: Fault) -> Answer:
    sandbox.faults.add(body)
    return json_answer({}, 201)


def clear_faults(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    sandbox.faults.clear()
    return json_answer({})


def grant(sandbox: Sandbox, _call: Call, body: Authorization) -> Answer:
    person = person_named(body.user)
    if person is None:
        raise errors.validation(f"Invalid input: user: nobody is called {body.user!r}")
    issued = sandbox.authorizations.grant(person, tuple(SCOPES if body.scopes is None else body.scopes))
    tokens = {"access_token": issued.token, "refresh_token": issued.grant.refresh_token}
    return json_answer({**tokens, "expires_at": iso(issued.expires_at_ms), "scopes": issued.grant.scopes}, 201)


def revoke_all(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    return json_answer({"grants": sandbox.authorizations.revoke_all()})


def requests(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    seen = sandbox.statistics
    by_endpoint = {
        endpoint: {str(status): count for status, count in sorted(counter.items())}
        for endpoint, counter in sorted(seen.by_endpoint.items())
    }
    body = {
        "total": seen.count(),
        "by_endpoint": by_endpoint,
        "throttled": seen.throttled,
        "peak_concurrency": seen.peak_concurrency,
        "busiest_second": seen.busiest_second(),
        "bytes_out": seen.bytes_out,
        "contacts": {"live": len(sandbox.portal.live_ids), "archived": len(sandbox.portal.archived_ids)},
    }
    return json_answer(body)


def reset_requests(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    sandbox.statistics.clear()
    return json_answer({})


def calls(sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    return json_answer({"calls": [_told(call) for call in sandbox.switchboard.calls]})


async def ring(sandbox: Sandbox, _call: Call, body: Ring) -> Answer:
    return await _answered(sandbox.switchboard.ring(body.number, body.to), 201)


async def answer_call(sandbox: Sandbox, call: Call, _body: Nothing) -> Answer:
    return await _answered(sandbox.switchboard.answer(call.path["id"]))


async def hang_up(sandbox: Sandbox, call: Call, _body: Nothing) -> Answer:
    return await _answered(sandbox.switchboard.hang_up(call.path["id"]))


def _record(record: Contact | Company, status: int = 200) -> Answer:
    archived_at = None if record.archived_at_ms is None else iso(record.archived_at_ms)
    moments = {
        "createdAt": iso(record.created_at_ms),
        "updatedAt": iso(record.modified_at_ms),
        "archivedAt": archived_at,
    }
    return json_answer({"id": str(record.id), "properties": record.properties, **moments}, status)


def _id(call: Call, name: str = "id") -> int:
    text = call.path[name]
    if not (text.isascii() and text.isdigit()):
        raise errors.id_not_numeric()
    return int(text)


async def _answered(call: PhoneCall, status: int = 200) -> Answer:
    """Wait until the receiver has answered, or could not."""
    await wrap_future(call.told[-1].reply)
    return json_answer(_told(call), status)


def _told(call: PhoneCall) -> dict[str, object]:
    events = [
        {"state": told.state, "at": iso(told.at_ms), "answer": None if told.answer is None else asdict(told.answer)}
        for told in call.told
    ]
    return {"id": call.id, "number": call.number, "to": call.to, "state": call.state, "events": events}


def everything(_sandbox: Sandbox, _call: Call, _body: Nothing) -> Answer:
    return json_answer({"controls": index()})


CONTACT, COMPANY = {"firstname": "Ada", "phone": "+1 212 555 0100"}, {"name": "Analytical Works"}
CONTROLS = (
    Control("GET", "/", everything, Nothing, "This list."),
    Control("POST", "/contacts", create, Record, "Create a contact.", {"properties": CONTACT}),
    Control("PATCH", "/contacts/{id}", edit, Record, "Change a contact.", {"properties": {"phone": ""}}),
    Control("PATCH", "/contacts", edit_many, Many, "Change many contacts, all at one moment.", {"count": 12_000}),
    Control("DELETE", "/contacts/{id}", archive, Moment, "Archive a contact."),
    Control("POST", "/contacts/{id}/restore", restore, Moment, "Bring an archived contact back."),
    Control(
        "POST",
        "/contacts/merge",
        merge,
        Merge,
        "Merge two contacts into a new one.",
        {"primary_id": 1, "other_id": 51},
    ),
    Control("POST", "/contacts/{id}/gdpr-delete", gdpr_delete, Moment, "Delete a contact for good, for privacy."),
    Control("POST", "/companies", create_company, Record, "Create a company.", {"properties": COMPANY}),
    Control("PATCH", "/companies/{id}", edit_company, Record, "Change a company.", {"properties": COMPANY}),
    Control("DELETE", "/companies/{id}", archive_company, Moment, "Archive a company."),
    Control("POST", "/companies/{id}/restore", restore_company, Moment, "Bring an archived company back."),
    Control(
        "POST",
        "/companies/merge",
        merge_companies,
        Merge,
        "Merge two companies into a new one.",
        {"primary_id": 9_000_000_002, "other_id": 9_000_000_052},
    ),
    Control("PUT", "/contacts/{id}/companies/{company_id}", associate, Association, "Join a contact to a company."),
    Control("DELETE", "/contacts/{id}/companies/{company_id}", dissociate, Moment, "Part them."),
    Control("POST", "/owners", add_owner, NewOwner, "Add an owner.", {"name": "Grace Okafor"}),
    Control("DELETE", "/owners/{id}", archive_owner, Nothing, "Archive an owner; contacts go on naming it."),
    Control(
        "POST",
        "/properties/{object_type}",
        add_property,
        NewProperty,
        "Add a property, or bring an archived one back.",
        {"name": "badge", "unique": True},
    ),
    Control("DELETE", "/properties/{object_type}/{name}", archive_property, Nothing, "Archive a property."),
    Control("GET", "/clock", clock, Nothing, "Read the portal's clock."),
    Control(
        "POST",
        "/clock",
        advance,
        Advance,
        "Move the clock forward: tokens expire, windows roll, the index catches up.",
        {"advance_s": 1801},
    ),
    Control("GET", "/options", options, Nothing, "Read every option."),
    Control("PATCH", "/options", change_options, Options, "Change options while it runs.", {"index_lag_s": 30}),
    Control(
        "POST",
        "/faults",
        fault,
        Fault,
        "Script a fault of an endpoint's next requests.",
        {"endpoint": "list", "status": 500, "times": 2},
    ),
    Control("DELETE", "/faults", clear_faults, Nothing, "Forget all faults."),
    Control("POST", "/grants", grant, Authorization, "Authorize somebody without a browser.", {"user": "rep"}),
    Control("DELETE", "/grants", revoke_all, Nothing, "End every grant and token at once."),
    Control("POST", "/app-tokens", app_control.grant_app, app_control.AppAuthorization, "Give the app its own token."),
    Control("DELETE", "/app", app_control.uninstall, ControlBody, "Uninstall the app, as the account's admin does."),
    Control("DELETE", "/account", app_control.delete_account, ControlBody, "Delete the account: BAD_HUB."),
    Control(
        "PUT",
        "/webhooks",
        app_control.point_webhooks,
        app_control.WebhookTarget,
        "Say where push webhooks are delivered.",
        {"url": "http://127.0.0.1:5000/hooks/hubspot"},
    ),
    Control(
        "POST",
        "/webhooks/subscriptions",
        app_control.subscribe,
        app_control.WebhookSubscription,
        "Subscribe the app to a push webhook.",
        {"event_type": "contact.propertyChange", "property_name": "phone"},
    ),
    Control("GET", "/webhooks", app_control.deliveries, ControlBody, "List the deliveries made, newest first."),
    Control("POST", "/webhooks/deliver", app_control.deliver, ControlBody, "Deliver at once, and wait for answers."),
    Control("GET", "/statistics", requests, Nothing, "What was asked, by endpoint and status, and its peaks."),
    Control("DELETE", "/statistics", reset_requests, Nothing, "Count from nothing again."),
    Control("GET", "/calls", calls, Nothing, "List the calls placed, newest first, and what the receiver said."),
    Control("POST", "/calls", ring, Ring, "Ring somebody.", {"number": "+12125550100", "to": PEOPLE[1].email}),
    Control("POST", "/calls/{id}/answer", answer_call, Nothing, "Answer a call."),
    Control("POST", "/calls/{id}/hang-up", hang_up, Nothing, "End a call; one that nobody answered is missed."),
)
ROUTES: list[tuple[str, str, Steering]] = [(each.method, PREFIX + each.path, each.answer) for each in CONTROLS]


def index() -> list[dict[str, object]]:
    return [
        {
            "name": each.name,
            "method": each.method,
            "path": PREFIX + each.path,
            "says": each.says,
            "body": each.fields(),
            "example": each.example,
        }
        for each in CONTROLS
    ]
