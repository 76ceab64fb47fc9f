"""The portal's page for a person: looking at its contacts, changing them, and ringing a phone.

Every form is a POST that ends in a redirect, so that reloading repeats nothing; what was refused is shown where it was
asked for.
"""

import json
import re
from asyncio import wrap_future
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import urlencode

from hubspot_sandbox import errors, portal_pages
from hubspot_sandbox.exchange import Answer, Call, Refused, html_answer, json_answer
from hubspot_sandbox.guard import Steering
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.portal_pages import Notice, Shown
from hubspot_sandbox.records import Contact
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.switchboard import PhoneCall

PAGE = 25
FEWEST_DIGITS = 3  # of a number, to be searched for
SEARCHED = ("firstname", "lastname", "email", "company")
RECORD = "/contacts/{portal_id}/record/0-1/{id}"
DONE = {
    "saved": "{name} is saved.",
    "deleted": "{name} is deleted, and can be restored from the archived contacts.",
    "restored": "{name} is restored.",
    "merged": "Merged: this is the new contact.",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; "
    f"frame-ancestors 'none'; img-src data:; script-src 'sha256-{portal_pages.SCRIPT_HASH}'; "
    "style-src 'unsafe-inline'",
}


def show(sandbox: Sandbox, call: Call) -> Answer:
    return _front(sandbox, call, _done(sandbox.portal, call))


def activity(sandbox: Sandbox, _call: Call) -> Answer:
    live = portal_pages.activity(sandbox.portal, sandbox.statistics, sandbox.switchboard)
    return replace(json_answer(live), headers=HEADERS)


def show_record(sandbox: Sandbox, call: Call) -> Answer:
    contact = _contact(sandbox.portal, call)
    if str(contact.id) != call.path["id"]:  # one of those that were merged into it
        return _go(portal_pages.path_of(sandbox.portal, contact))
    return _record(sandbox, contact, dict(contact.properties), _done(sandbox.portal, call))


def edit(sandbox: Sandbox, call: Call) -> Answer:
    contact = _contact(sandbox.portal, call)
    before = contact.properties
    values = {name: value.strip() for name, value in call.form().items() if name in portal_pages.EDITED}
    changed = {name: value for name, value in values.items() if value != before.get(name, "")}
    try:
        if changed:
            sandbox.portal.edit(contact.id, changed)
    except Refused as refused:
        return _record(sandbox, contact, before | values, _wrong(refused), refused.answer.status)
    return _went(sandbox.portal, contact, "saved")


def merge(sandbox: Sandbox, call: Call) -> Answer:
    contact = _contact(sandbox.portal, call)
    into = call.form().get("into", "").strip()
    try:
        if not (into.isascii() and into.isdigit()):
            raise errors.validation("Which contact? Its id is a number.")
        merged = sandbox.portal.merge(int(into), contact.id)
    except Refused as refused:
        return _record(sandbox, contact, contact.properties, _wrong(refused), refused.answer.status)
    return _went(sandbox.portal, merged, "merged")


def archive(sandbox: Sandbox, call: Call) -> Answer:
    contact = sandbox.portal.archive(_contact(sandbox.portal, call).id)
    return _go(_back(call), did="deleted", id=str(contact.id))


def restore(sandbox: Sandbox, call: Call) -> Answer:
    contact = sandbox.portal.restore(_contact(sandbox.portal, call).id)
    return _go(_back(call), did="restored", id=str(contact.id))


async def ring(sandbox: Sandbox, call: Call) -> Answer:
    form = call.form()
    number = form.get("number", form.get("typed", "").strip())
    if not number and "number" not in form:
        return _front(sandbox, call, Notice("Ring from which number?", wrong=True), 400)
    try:
        return await _rung(sandbox.switchboard.ring(number, form.get("to", "")), call)
    except Refused as refused:
        return _front(sandbox, call, _wrong(refused), refused.answer.status)


async def answer(sandbox: Sandbox, call: Call) -> Answer:
    return await _rung(sandbox.switchboard.answer(call.path["id"]), call)


async def hang_up(sandbox: Sandbox, call: Call) -> Answer:
    return await _rung(sandbox.switchboard.hang_up(call.path["id"]), call)


ROUTES: list[tuple[str, str, Steering]] = [
    ("GET", "/", show),
    ("GET", "/activity", activity),
    ("GET", RECORD, show_record),
    ("POST", f"{RECORD}/edit", edit),
    ("POST", f"{RECORD}/merge", merge),
    ("POST", f"{RECORD}/archive", archive),
    ("POST", f"{RECORD}/restore", restore),
    ("POST", "/ring", ring),
    ("POST", "/calls/{id}/answer", answer),
    ("POST", "/calls/{id}/hang-up", hang_up),
]


def _front(sandbox: Sandbox, call: Call, notice: Notice | None, status: int = 200) -> Answer:
    shown = _shown(sandbox.portal, call)
    text = portal_pages.front(sandbox.portal, sandbox.statistics, sandbox.switchboard, shown, notice)
    return replace(html_answer(text, status), headers=HEADERS)


def _record(
    sandbox: Sandbox, contact: Contact, values: dict[str, str], notice: Notice | None, status: int = 200
) -> Answer:
    text = portal_pages.record(sandbox.portal, contact, values, notice)
    return replace(html_answer(text, status), headers=HEADERS)


def _shown(portal: Portal, call: Call) -> Shown:
    query, archived = call.query.get("q", "").strip(), call.query.get("archived") == "1"
    asked = call.query.get("page", "")
    number = max(1, int(asked)) if re.fullmatch(r"[0-9]{1,6}", asked) else 1
    first = (number - 1) * PAGE
    ids = portal.archived_ids if archived else portal.live_ids
    if query and not archived:
        found = list(islice(_found(portal, query), first, first + PAGE + 1))
        return Shown(found[:PAGE], query, archived, number, first + 1, len(found) > PAGE, None)
    contacts = [portal.contacts[contact_id] for contact_id in ids[first : first + PAGE]]
    return Shown(contacts, query, archived, number, first + 1, first + PAGE < len(ids), len(ids))


def _found(portal: Portal, query: str) -> Iterator[Contact]:
    """Those whose name, company or address has every word, whose number has the digits, or whose id it is."""
    words, digits = query.casefold().split(), re.sub(r"\D", "", query)
    as_number = len(digits) >= FEWEST_DIGITS and not any(char.isalpha() for char in query)
    for contact in portal.live():
        properties = contact.properties
        text = " ".join(properties.get(name, "") for name in SEARCHED).casefold()
        numbers = [properties.get(name, "") for names in portal_pages.NUMBERS.items() for name in names]
        if (
            str(contact.id) == query
            or all(word in text for word in words)
            or (as_number and any(digits in re.sub(r"\D", "", number) for number in numbers))
        ):
            yield contact


def _contact(portal: Portal, call: Call) -> Contact:
    text = call.path["id"]
    contact_id = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else 0
    contact = portal.contacts.get(portal.aliases.get(contact_id, contact_id))
    if contact is None or call.path["portal_id"] != str(portal.id):
        raise errors.not_found()
    return contact


def _done(portal: Portal, call: Call) -> Notice | None:
    """What a form did before it led here."""
    text = DONE.get(call.query.get("did", ""))
    given = call.query.get("id") or call.path.get("id", "")
    contact = portal.contacts.get(int(given)) if re.fullmatch(r"[0-9]{1,19}", given) else None
    return None if text is None or contact is None else Notice(text.format(name=portal_pages.name_of(contact)))


def _wrong(refused: Refused) -> Notice:
    body = json.loads(refused.answer.content)
    said = [problem["message"] for problem in body.get("errors", ())]
    return Notice(". ".join(said) or body["message"], wrong=True)


async def _rung(call: PhoneCall, asked: Call) -> Answer:
    """Wait until the receiver has answered, or could not, so that the page shows it."""
    await wrap_future(call.told[-1].reply)
    return _go(_back(asked))


def _went(portal: Portal, contact: Contact, did: str) -> Answer:
    return _go(portal_pages.path_of(portal, contact), did=did)


def _back(call: Call) -> str:
    """Give the page of ours that the form was on."""
    back = call.form().get("back", "")
    return back if re.fullmatch(r"/(\?[!-~]*)?", back) else "/"


def _go(path: str, **more: str) -> Answer:
    joint = "&" if "?" in path else "?"
    return Answer(b"", 303, "text/plain", {"Location": f"{path}{joint}{urlencode(more)}" if more else path})
