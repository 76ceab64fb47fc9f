"""The control API under /__sandbox: what a test does to the portal behind the client's back. Loopback only."""

from hubspot_sandbox import companies, errors, pages
from hubspot_sandbox.bodies import ClockBody, CompanyBody, EditBody, LatencyBody, read
from hubspot_sandbox.exchange import Answer, Call, html_answer, json_answer
from hubspot_sandbox.moments import iso, parse_ms
from hubspot_sandbox.objects import written
from hubspot_sandbox.portal import Company, Contact
from hubspot_sandbox.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.traffic import Fault, Latency


def front_page(sandbox: Sandbox, _call: Call) -> Answer:
    return html_answer(pages.front(sandbox.portal, sandbox.statistics.recent))


def create(sandbox: Sandbox, call: Call) -> Answer:
    body = read(EditBody, call.body)
    return _contact(sandbox.portal.create(body.properties, at_ms=_moment(body.modified_at)), 201)


def edit(sandbox: Sandbox, call: Call) -> Answer:
    body = read(EditBody, call.body)
    return _contact(sandbox.portal.edit(_id(call), body.properties, at_ms=_moment(body.modified_at)))


def archive(sandbox: Sandbox, call: Call) -> Answer:
    return _contact(sandbox.portal.archive(_id(call)))


def create_company(sandbox: Sandbox, call: Call) -> Answer:
    return _company(sandbox.portal.create_company(read(CompanyBody, call.body).properties), 201)


def edit_company(sandbox: Sandbox, call: Call) -> Answer:
    return _company(sandbox.portal.edit_company(_id(call), read(CompanyBody, call.body).properties))


def statistics(sandbox: Sandbox, _call: Call) -> Answer:
    by_endpoint = {
        endpoint: {str(status): count for status, count in sorted(counter.items())}
        for endpoint, counter in sorted(sandbox.statistics.by_endpoint.items())
    }
    contacts = {"live": len(sandbox.portal.live_ids), "archived": len(sandbox.portal.archived_ids)}
    return json_answer({"total": sandbox.statistics.count(), "by_endpoint": by_endpoint, "contacts": contacts})


def advance_clock(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.clock.advance(read(ClockBody, call.body).advance_s)
    return json_answer({"now": iso(sandbox.clock.now_ms())})


def add_fault(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.faults.add(read(Fault, call.body))
    return json_answer({}, 201)


def clear_faults(sandbox: Sandbox, _call: Call) -> Answer:
    sandbox.faults.clear()
    return json_answer({})


def set_latency(sandbox: Sandbox, call: Call) -> Answer:
    body = read(LatencyBody, call.body)
    sandbox.latency = Latency(body.latency_ms, body.per_record_ms)
    return json_answer({})


def revoke_all(sandbox: Sandbox, _call: Call) -> Answer:
    return json_answer({"grants": sandbox.authorizations.revoke_all()})


def _contact(contact: Contact, status: int = 200) -> Answer:
    return json_answer(written(contact, sorted(CONTACT_PROPERTIES)), status)


def _company(company: Company, status: int = 200) -> Answer:
    return json_answer(companies.written(company, sorted(COMPANY_PROPERTIES)), status)


def _id(call: Call) -> int:
    text = call.path["id"]
    if not (text.isascii() and text.isdigit()):
        raise errors.id_not_numeric()
    return int(text)


def _moment(text: str | None) -> int | None:
    try:
        return None if text is None else parse_ms(text)
    except ValueError as error:
        raise errors.validation(f"Invalid input: modified_at was {text!r}") from error
