"""The consent page: who asks for what, who is signed in, and where the browser goes from there.

A request that cannot be trusted (unknown client, foreign redirect URI) is never redirected. HubSpot lets Super Admins
and people with App Marketplace access install; anybody else is told so and can only go back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hubspot_sandbox import pages
from hubspot_sandbox.authorizations import SCOPES
from hubspot_sandbox.exchange import Answer, Call, Refused, html_answer, redirect
from hubspot_sandbox.portal import PEOPLE, Person, person_named
from hubspot_sandbox.sandbox import Sandbox

PASSED_ON = (
    "client_id",
    "redirect_uri",
    "scope",
    "optional_scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
LACKS_ACCESS = "user lacks App Marketplace access"


@dataclass(frozen=True)
class Request:
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None

    def back(self, **parameters: str) -> Answer:
        state = {} if self.state is None else {"state": self.state}
        return redirect(self.redirect_uri, parameters | state)


def show(sandbox: Sandbox, call: Call) -> Answer:
    given = dict(call.query)
    request = _checked(sandbox, call, given)
    hidden = {name: given[name] for name in PASSED_ON if name in given}
    scopes = [(scope, SCOPES[scope]) for scope in request.scopes]
    return html_answer(pages.consent(sandbox.options.app_name, sandbox.portal, scopes, PEOPLE, hidden))


def decide(sandbox: Sandbox, call: Call) -> Answer:
    form = call.form()
    request = _checked(sandbox, call, form)
    person = person_named(form.get("person", ""))
    if form.get("decision") == "deny":
        return request.back(error="access_denied", error_description="The user denied access to the app")
    if person is None or form.get("decision") != "allow":
        raise _stop("Somebody has to be signed in, and choose Allow or Deny.")
    return _allow(sandbox, request, person)


def _allow(sandbox: Sandbox, request: Request, person: Person) -> Answer:
    if not person.may_install:
        back = request.back(error="access_denied", error_description=LACKS_ACCESS).headers["Location"]
        return html_answer(pages.may_not_install(sandbox.portal, person, back))
    challenge = request.challenge
    return request.back(
        code=sandbox.authorizations.new_code(person, request.scopes, request.redirect_uri, challenge),
    )


def _checked(sandbox: Sandbox, call: Call, given: Mapping[str, str]) -> Request:
    """Read an authorize request. Raises an error page, never a redirect."""
    wanted_portal = call.path.get("portal_id", str(sandbox.portal.id))
    if wanted_portal != str(sandbox.portal.id) or sandbox.authorizations.account_deleted:
        raise _stop(f"You do not have access to the account {wanted_portal}.")
    if given.get("client_id") != sandbox.options.client_id:
        raise _stop("Authorization failed because the client id is missing or unknown.")
    redirect_uri = given.get("redirect_uri", "")
    if not sandbox.options.allows_redirect(redirect_uri):
        raise _stop("Authorization failed because the redirect URL doesn't match the registered redirect URLs.")
    if given.get("code_challenge_method", "S256") != "S256":
        raise _stop("Authorization failed because only S256 is supported as code_challenge_method.")
    return Request(redirect_uri, _scopes(given), given.get("state"), given.get("code_challenge"))


def _scopes(given: Mapping[str, str]) -> tuple[str, ...]:
    required = given.get("scope", "").split()
    if not required:
        raise _stop("Authorization failed because the scope parameter is missing.")
    unknown = [scope for scope in required if scope not in SCOPES]
    if unknown:
        raise _stop(f"Authorization failed because these scopes do not exist: {', '.join(unknown)}.")
    optional = [scope for scope in given.get("optional_scope", "").split() if scope in SCOPES]
    return tuple(dict.fromkeys(required + optional))


def _stop(message: str) -> Refused:
    return Refused(html_answer(pages.problem(message), 400))
