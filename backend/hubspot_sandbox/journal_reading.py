"""The endpoints a reader of the webhooks journal asks: where it begins and ends, what follows an offset, and the files.

`journal-local` is the same for one account, `?installPortalId=`. A file is fetched from a link that needs no token and
lives a few minutes, as from an object store.
Guide: https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/journal-entries/guide
"""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import Body, read
from hubspot_sandbox.exchange import Answer, Call, Refused, empty_answer, json_answer
from hubspot_sandbox.journal import File, Link
from hubspot_sandbox.moments import iso
from hubspot_sandbox.sandbox import Sandbox

MAX_BATCH = 100
FILES = "/webhooks-journal-files"
XML = "application/xml"
DENIED = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>%s</Message></Error>'
LOST = {"refused": 400, "not_found": 404, "gone": 410}


class OffsetsBody(Body):
    inputs: tuple[str, ...]


def earliest(sandbox: Sandbox, call: Call) -> Answer:
    return _one(sandbox, call, sandbox.journal.earliest(1))


def latest(sandbox: Sandbox, call: Call) -> Answer:
    return _one(sandbox, call, sandbox.journal.latest(1))


def following(sandbox: Sandbox, call: Call) -> Answer:
    return _one(sandbox, call, _after(sandbox, call, 1))


def batch_earliest(sandbox: Sandbox, call: Call) -> Answer:
    return _several(sandbox, call, sandbox.journal.earliest(_count(call)))


def batch_latest(sandbox: Sandbox, call: Call) -> Answer:
    return _several(sandbox, call, sandbox.journal.latest(_count(call)))


def batch_following(sandbox: Sandbox, call: Call) -> Answer:
    return _several(sandbox, call, _after(sandbox, call, _count(call)))


def batch_read(sandbox: Sandbox, call: Call) -> Answer:
    offsets = read(OffsetsBody, call.body).inputs
    if len(offsets) > MAX_BATCH:
        raise errors.validation(f"The maximum number of inputs supported in a batch is {MAX_BATCH}.")
    found = {offset: sandbox.journal.file(offset) for offset in offsets} if _is_own(sandbox, call) else {}
    missing = [offset for offset in offsets if found.get(offset) is None]
    body = _batch(sandbox, call, [file for file in found.values() if file is not None])
    if not missing:
        return json_answer(body)
    lost = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some journal entries."}
    return json_answer(body | {"numErrors": 1, "errors": [lost | {"context": {"ids": missing}}]}, 207)


def file(sandbox: Sandbox, call: Call) -> Answer:
    """The object store: no token, and errors in XML."""
    expires = call.query.get("Expires", "")
    expires_at_ms = int(expires) if expires.isascii() and expires.isdigit() else 0
    if not sandbox.journal.opens(Link(call.path["offset"], expires_at_ms, call.query.get("Signature", ""))):
        return Answer(DENIED % b"Request has expired", 403, XML)
    found = sandbox.journal.file(call.path["offset"])
    return Answer(DENIED % b"No such object", 403, XML) if found is None else Answer(found.content())


def _one(sandbox: Sandbox, call: Call, files: Sequence[File]) -> Answer:
    if not files or not _is_own(sandbox, call):
        return empty_answer()
    return json_answer(_written(sandbox, call, files[0]))


def _several(sandbox: Sandbox, call: Call, files: Sequence[File]) -> Answer:
    if not files or not _is_own(sandbox, call):
        return empty_answer()
    return json_answer(_batch(sandbox, call, files))


def _after(sandbox: Sandbox, call: Call, most: int) -> Sequence[File]:
    """What follows the offset. Raises whatever is chosen for one that is unknown or too old: HubSpot does not say."""
    files = sandbox.journal.after(call.path["offset"], most)
    if files is not None:
        return files
    status = LOST.get(sandbox.options.journal_lost_offset)
    if status is None:
        raise Refused(empty_answer())
    raise errors.envelope(status, "Invalid input: the offset is not known.", "VALIDATION_ERROR")


def _batch(sandbox: Sandbox, call: Call, files: Sequence[File]) -> dict[str, object]:
    now = iso(sandbox.clock.now_ms())
    results = [_written(sandbox, call, file) for file in files]
    return {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}


def _written(sandbox: Sandbox, call: Call, file: File) -> dict[str, object]:
    link = sandbox.journal.link(file)
    parts = urlsplit(call.url)
    query = urlencode({"Expires": link.expires_at_ms, "Signature": link.signature})
    url = f"{parts.scheme}://{parts.netloc}{FILES}/{file.offset}?{query}"
    return {"url": url, "expiresAt": iso(link.expires_at_ms), "currentOffset": file.offset}


def _is_own(sandbox: Sandbox, call: Call) -> bool:
    """Tell whether the journal asked for is this account's, as all are that name none."""
    own = str(sandbox.portal.id)
    return call.query.get("installPortalId", own) == own


def _count(call: Call) -> int:
    text = call.path["count"]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_BATCH):
        raise errors.validation(f"Invalid input: count must be between 1 and {MAX_BATCH}, it was {text!r}.")
    return int(text)
