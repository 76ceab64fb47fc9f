"""Authorize and Unauthorize. `/auth/start` and `/auth/callback` are pages of the browser window, or the tab, that
HubSpot's consent opens in; what goes wrong there, and cannot go back to the extension, is told on a plain page. Its
status is 200: Chromium closes a sign-in window at once when it is answered with an error, and nobody would read it.
"""

import html
import re
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from callbook import accounts, sync
from callbook.accounts import WayBack
from callbook.errors import Refused
from callbook.models import User, now
from callbook.web import door
from callbook.web.shapes import RedeemIn, SessionOut

blueprint = APIBlueprint("auth", __name__)

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>Callbook</title><style>body{{font:16px/24px system-ui;max-width:32em;margin:15vh auto;padding:0 24px}}</style>
<h1>{title}</h1><p>{text}</p></html>"""
# A link as well: where pages run no scripts, a person still gets back.
LEADS_BACK = """If nothing happens, <a href="{url}">continue in Callbook</a>.
<script>location.replace(document.links[0].href)</script>"""
STOPPED = {
    "bad_challenge": ("This link is not complete", "Please go back to Callbook in your browser and click Authorize."),
    "foreign_extension": (
        "This server does not know your Callbook extension",
        "Please tell whoever runs the server: the extension's id is missing in CALLBOOK_EXTENSION_IDS.",
    ),
    "state_invalid": (
        "This sign-in was already used, or has expired",
        "Please close this window, go back to Callbook in your browser and click Authorize again.",
    ),
}


@blueprint.get("/auth/start")
@blueprint.doc(hide=True)
def start() -> ResponseReturnValue:
    challenge = request.args.get("challenge", "")
    if not CHALLENGE.fullmatch(challenge):
        return _stopped("bad_challenge")
    try:
        extension, in_tab = request.args.get("extension", ""), request.args.get("via") == "tab"
        return redirect(accounts.begin(door.settings(), extension, challenge, in_tab=in_tab))
    except Refused as problem:
        return _stopped(problem.kind)


@blueprint.get("/auth/callback")
@blueprint.doc(hide=True)
def callback() -> ResponseReturnValue:
    state, code = request.args.get("state", ""), request.args.get("code", "")
    try:
        if not code or "error" in request.args:
            return _lead(accounts.refusal(state))
        return _lead(accounts.finish(door.settings(), state, code))
    except Refused as problem:
        return _stopped(problem.kind)


@blueprint.post("/auth/session")
@blueprint.input(RedeemIn, arg_name="given")
@blueprint.output(SessionOut)
def redeem(given: RedeemIn) -> dict[str, Any]:
    """Trades the one-time code for a session; the first sync starts by itself."""
    settings = door.settings()
    redeemed = accounts.redeem(settings, given.extension, given.code, given.verifier)
    door.wake(sync.start_if_due(redeemed.owner, settings))
    return {
        "token": redeemed.token,
        "expires_at": now() + timedelta(days=settings.session_days),
        "account": accounts.profile(User.get_by_id(redeemed.owner.id), settings),
    }


@blueprint.post("/auth/unauthorize")
@blueprint.output({}, status_code=204)
def unauthorize() -> str:
    signed = accounts.who(door.settings(), door.bearer_token())
    accounts.unauthorize(signed.owner)
    return ""


@blueprint.delete("/api/data")
@blueprint.output({}, status_code=204)
def delete_data() -> str:
    """Unauthorize, and nothing is kept: no personal contact, no setting, no call."""
    accounts.delete_data(door.owner())
    return ""


def _lead(back: WayBack) -> ResponseReturnValue:
    """A tab is led by a page of ours: the extension lets in who comes from its server, not who comes from HubSpot."""
    if not back.in_tab:
        return redirect(back.url)
    return _page("Back to Callbook", LEADS_BACK.format(url=html.escape(back.url)))


def _stopped(kind: str) -> Response:
    return _page(*STOPPED[kind])


def _page(title: str, text: str) -> Response:
    return Response(PAGE.format(title=title, text=text), mimetype="text/html")
