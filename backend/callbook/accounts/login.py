"""The walk through HubSpot's consent: `begin` (to HubSpot), `finish` (back, with a one-time code for the extension),
`redeem` (the code and the extension's verifier for a session).
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from callbook import phone
from callbook.accounts.budget import Budget
from callbook.accounts.sessions import open_session
from callbook.errors import CallbookError, Misconfigured, Permanent, Refused, Transient
from callbook.hubspot import Family, Grant, Identity, OAuth
from callbook.hubspot.oauth import REQUIRED_SCOPE
from callbook.models import Connection, Login, Owner, User, now, transaction
from callbook.sealing import Keyring, challenge_of, fingerprint, new_secret
from callbook.settings import Settings

CONSENT_TIME = timedelta(minutes=15)  # a person may have to log in to HubSpot first
CODE_TIME = timedelta(seconds=60)
TAB_PAGE = "/signed-in.html"  # the extension's, which pages may lead to
CALLBACK_PATH = "/auth/callback"
IN_TAB = "tab."  # how a state begins whose consent is asked for in an ordinary tab; a state is found by its fingerprint
REQUESTS = 3  # of an exchange and of asking whose it is, before it is known whose budget they are from


@dataclass(frozen=True)
class Redeemed:
    """A session: the token is told once and kept only as a fingerprint."""

    owner: Owner
    token: str


def hubspot_oauth(settings: Settings) -> OAuth:
    return OAuth(
        settings.hubspot_api_url,
        settings.hubspot_app_url,
        settings.hubspot_client_id,
        settings.hubspot_client_secret,
        settings.public_url + CALLBACK_PATH,
    )


@dataclass(frozen=True)
class WayBack:
    """The address that takes the person's browser back to the extension: the sign-in window's end, or a page of the
    extension's in the tab that asked.
    """

    url: str
    in_tab: bool


def begin(settings: Settings, extension_id: str, challenge: str, *, in_tab: bool = False) -> str:
    """Where to send the person. Raises `Refused("foreign_extension")`."""
    if extension_id not in settings.extension_ids:
        raise Refused("foreign_extension")
    state, verifier = (IN_TAB if in_tab else "") + new_secret(), new_secret()
    with transaction():
        Login.delete().where(Login.expires_at < now()).execute()
        Login.insert(
            state_hash=fingerprint(state),
            extension_id=extension_id,
            challenge=challenge,
            hubspot_verifier=Keyring(settings.secret_keys).seal(verifier, fingerprint(state), "hubspot_verifier"),
            expires_at=now() + CONSENT_TIME,
        ).execute()
    return hubspot_oauth(settings).consent_url(state, verifier)


def finish(settings: Settings, state: str, code: str) -> WayBack:
    """Makes the connection.

    Raises `Refused("state_invalid")` for a state that is unknown, used or expired. What HubSpot or we refuse goes back
    to the extension as `error=<kind>`.
    """
    login = _take(state)
    oauth = hubspot_oauth(settings)
    try:
        verifier = Keyring(settings.secret_keys).open(login.hubspot_verifier, login.state_hash, "hubspot_verifier")
        grant = oauth.exchange(code, verifier)
        identity = oauth.identify(grant.access_token)
        Budget(identity.portal_id).has_left(Family.GENERAL, REQUESTS)
        if REQUIRED_SCOPE not in identity.scopes:
            raise Permanent("scope_missing")
    except CallbookError as problem:
        return _back(login, state, error=_told(problem))
    one_time_code = new_secret()
    with transaction():
        owner = _connect(settings, identity, grant)
        Login.update(code_hash=fingerprint(one_time_code), code_expires_at=now() + CODE_TIME, user_id=owner.id).where(
            Login.id == login.id
        ).execute()
    return _back(login, state, code=one_time_code)


def _told(problem: CallbookError) -> str:
    """The word the extension has a sentence for."""
    if isinstance(problem, Transient):
        return "hubspot_unreachable"
    known = isinstance(problem, Misconfigured) or problem.kind == "scope_missing"
    return problem.kind if known else "exchange_failed"


def refusal(state: str) -> WayBack:
    """When HubSpot or the person refused. Raises `Refused("state_invalid")`."""
    return _back(_take(state), state, error="consent_denied")


def redeem(settings: Settings, extension_id: str, code: str, verifier: str) -> Redeemed:
    """Raises `Refused`: "code_invalid" (unknown, used, expired or another extension's) or "verifier_mismatch".

    A code is used up by its first bearer, right or wrong.
    """
    code_hash = fingerprint(code)
    with transaction():
        fresh = (
            (Login.code_hash == code_hash)
            & Login.redeemed_at.is_null()
            & (Login.code_expires_at > now())
            & (Login.extension_id == extension_id)
        )
        taken = Login.update(redeemed_at=now()).where(fresh).execute()
    login = Login.get_or_none(Login.code_hash == code_hash)
    user = User.get_or_none(User.id == login.user_id) if taken and login is not None else None
    if login is None or user is None:
        raise Refused("code_invalid")
    if challenge_of(verifier) != login.challenge:
        raise Refused("verifier_mismatch")
    with transaction():
        User.update(next_sync_at=now(), last_seen_at=now()).where(User.id == user.id).execute()
        token = open_session(settings, user.owner)
    return Redeemed(user.owner, token)


def _take(state: str) -> Login:
    """Uses a state up."""
    state_hash = fingerprint(state)
    with transaction():
        fresh = (Login.state_hash == state_hash) & Login.returned_at.is_null() & (Login.expires_at > now())
        taken = Login.update(returned_at=now()).where(fresh).execute()
    if not taken:
        raise Refused("state_invalid")
    return Login.get(Login.state_hash == state_hash)


def _back(login: Login, state: str, **parameters: str) -> WayBack:
    """A tab's answer names whose it is, so that an extension takes none that another has asked for."""
    if state.startswith(IN_TAB):
        answer = urlencode({"for": login.challenge, **parameters})
        return WayBack(f"chrome-extension://{login.extension_id}{TAB_PAGE}#{answer}", in_tab=True)
    # Chrome gives each extension this address for itself (`identity.getRedirectURL`).
    return WayBack(f"https://{login.extension_id}.chromiumapp.org/?{urlencode(parameters)}", in_tab=False)


def _connect(settings: Settings, identity: Identity, grant: Grant) -> Owner:
    """The user and their connection, new or renewed."""
    who = (User.portal_id == identity.portal_id) & (User.hubspot_user_id == identity.user_id)
    profile = {
        "email": identity.email,
        "portal_name": identity.portal_name,
        "ui_domain": identity.ui_domain,
        "portal_region": phone.region_of_time_zone(identity.time_zone),
    }
    if not User.update(**profile).where(who).execute():
        User.insert(
            portal_id=identity.portal_id,
            hubspot_user_id=identity.user_id,
            last_seen_at=now(),
            created_at=now(),
            **profile,
        ).execute()
    owner = User.get(who).owner
    keyring = Keyring(settings.secret_keys)
    Connection.of(owner).delete().execute()
    Connection.of(owner).insert(
        state="connected",
        state_since=now(),
        scopes=" ".join(identity.scopes),
        access_token=keyring.seal(grant.access_token, str(owner.id), "access_token"),
        access_expires_at=now() + timedelta(seconds=grant.expires_in_s),
        refresh_token=keyring.seal(grant.refresh_token, str(owner.id), "refresh_token"),
    ).execute()
    return owner
