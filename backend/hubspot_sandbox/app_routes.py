"""The endpoints that are the app's rather than an account's: consent and tokens, the configuration of push webhooks,
and the journal, which takes from no budget.
"""

from collections.abc import Iterator

from hubspot_sandbox import authorize, oauth, webhook_settings
from hubspot_sandbox import journal_reading as reading
from hubspot_sandbox import journal_subscriptions as subscriptions
from hubspot_sandbox.authorizations import JOURNAL_READ, SUBSCRIPTIONS_READ, SUBSCRIPTIONS_WRITE
from hubspot_sandbox.passage import Endpoint, Handler

OAUTH, WEBHOOKS, JOURNAL = ("oauth",), ("webhooks",), ("journal",)  # families of endpoints, for faults

Routes = tuple[tuple[str, str, Handler], ...]

SETTINGS: Routes = (
    ("GET", "settings", webhook_settings.get_settings),
    ("PUT", "settings", webhook_settings.put_settings),
    ("DELETE", "settings", webhook_settings.delete_settings),
    ("GET", "subscriptions", webhook_settings.list_subscriptions),
    ("POST", "subscriptions", webhook_settings.create_subscription),
    ("POST", "subscriptions/batch/update", webhook_settings.update_subscriptions),
    ("GET", "subscriptions/{id}", webhook_settings.get_subscription),
    ("PATCH", "subscriptions/{id}", webhook_settings.patch_subscription),
    ("DELETE", "subscriptions/{id}", webhook_settings.delete_subscription),
)
READING: Routes = (
    ("GET", "earliest", reading.earliest),
    ("GET", "latest", reading.latest),
    ("GET", "offset/{offset}/next", reading.following),
    ("GET", "batch/earliest/{count}", reading.batch_earliest),
    ("GET", "batch/latest/{count}", reading.batch_latest),
    ("GET", "batch/{offset}/next/{count}", reading.batch_following),
    ("POST", "batch/read", reading.batch_read),
)
SUBSCRIPTIONS: Routes = (
    ("POST", "", subscriptions.upsert),
    ("GET", "", subscriptions.list_all),
    ("POST", "/filters", subscriptions.add_filter),
    ("GET", "/filters/subscription/{id}", subscriptions.list_filters),
    ("GET", "/filters/{id}", subscriptions.get_filter),
    ("DELETE", "/filters/{id}", subscriptions.delete_filter),
    ("DELETE", "/portals/{id}", subscriptions.delete_for_portal),
    ("GET", "/{id}", subscriptions.get),
    ("DELETE", "/{id}", subscriptions.delete),
)


def _authorization() -> Iterator[Endpoint]:
    for path in ("/oauth/authorize", "/oauth/{portal_id}/authorize"):
        for method, handler in (("GET", authorize.show), ("POST", authorize.decide)):
            yield Endpoint("authorize", method, path, handler, open=True, families=OAUTH, budget=None)
    for version in ("2026-03", "2026-09"):
        path = f"/oauth/{version}/token"
        yield Endpoint("token", "POST", path, oauth.token, open=True, families=OAUTH)
        yield Endpoint("introspect", "POST", f"{path}/introspect", oauth.introspect, open=True, families=OAUTH)
        yield Endpoint("revoke", "POST", f"{path}/revoke", oauth.revoke, open=True, families=OAUTH)
    for name, method, path, handler in (
        ("token", "POST", "token", oauth.legacy_token),
        ("introspect", "GET", "access-tokens/{token}", oauth.legacy_access_token),
        ("introspect", "GET", "refresh-tokens/{token}", oauth.legacy_refresh_token),
        ("revoke", "DELETE", "refresh-tokens/{token}", oauth.legacy_revoke),
    ):
        yield Endpoint(name, method, f"/oauth/v1/{path}", handler, open=True, families=OAUTH)
    for version in ("v3", "2026-09"):
        yield Endpoint("uninstall", "DELETE", f"/appinstalls/{version}/external-install", oauth.uninstall)


def _webhook_settings() -> Iterator[Endpoint]:
    for root in ("/app-webhooks/2026-09", "/webhooks/2026-03", "/webhooks/v3"):
        for method, path, handler in SETTINGS:
            name, address = f"webhook_{path.partition('/')[0]}", f"{root}/{{app_id}}/{path}"
            yield Endpoint(name, method, address, handler, open=True, families=WEBHOOKS, budget=None)


def _journal() -> Iterator[Endpoint]:
    for version in ("2026-03", "2026-09"):
        for journal in ("journal", "journal-local"):
            for method, path, handler in READING:
                yield _of_journal("journal", method, f"/{journal}/{version}/{path}", handler, JOURNAL_READ)
        for method, path, handler in SUBSCRIPTIONS:
            scope = SUBSCRIPTIONS_READ if method == "GET" else SUBSCRIPTIONS_WRITE
            yield _of_journal("journal_subscriptions", method, f"/subscriptions/{version}{path}", handler, scope)
    path = f"{reading.FILES}/{{offset}}"
    yield Endpoint("journal_file", "GET", path, reading.file, open=True, families=JOURNAL, budget=None)


def _of_journal(name: str, method: str, path: str, handler: Handler, scope: str) -> Endpoint:
    return Endpoint(name, method, f"/webhooks-journal{path}", handler, scope=scope, families=JOURNAL, budget=None)


ENDPOINTS = [*_authorization(), *_webhook_settings(), *_journal()]
