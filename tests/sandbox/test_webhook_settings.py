"""The endpoints that configure push webhooks: the target, the subscriptions, and who may touch them."""

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import Api, read

APP = 1165000
SETTINGS = [f"{root}/{APP}" for root in ("/app-webhooks/2026-09", "/webhooks/2026-03", "/webhooks/v3")]


@pytest.mark.parametrize("root", SETTINGS)
def test_settings_are_read_written_and_removed(hubspot: RunningSandbox, anonymous: Api, root: str) -> None:
    key = {"hapikey": hubspot.options.developer_key}
    wanted = {"targetUrl": "https://app.example.com/hooks", "throttling": {"maxConcurrentRequests": 7}}
    put = read(anonymous.send("PUT", f"{root}/settings", params=key, json=wanted))
    assert {name: put[name] for name in wanted} == wanted
    assert read(anonymous.get(f"{root}/settings", **key)) == put
    assert anonymous.send("DELETE", f"{root}/settings", params=key).status_code == 204
    assert anonymous.get(f"{root}/settings", **key).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"targetUrl": "http://app.example.com/hooks"},
        {"targetUrl": "ftp://127.0.0.1/"},
        {"targetUrl": "https://"},
        {"targetUrl": "http://[::1"},
        {"targetUrl": "https://app.example.com/", "throttling": {"maxConcurrentRequests": 5}},
        {},
    ],
)
def test_settings_that_do_not_fit_are_refused(hubspot: RunningSandbox, anonymous: Api, body: object) -> None:
    path = f"{SETTINGS[0]}/settings?hapikey={hubspot.options.developer_key}"
    assert read(anonymous.send("PUT", path, json=body), 400)["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("root", SETTINGS)
def test_subscriptions_are_made_paused_listed_and_deleted(hubspot: RunningSandbox, anonymous: Api, root: str) -> None:
    path, key = f"{root}/subscriptions", {"hapikey": hubspot.options.developer_key}
    wanted = {"eventType": "contact.propertyChange", "propertyName": "phone", "active": True}
    made = read(anonymous.send("POST", path, params=key, json=wanted), 201)
    assert {name: made[name] for name in wanted} == wanted
    other = read(anonymous.send("POST", path, params=key, json={"eventType": "contact.merge"}), 201)
    assert other["active"] is False
    assert read(anonymous.get(path, **key))["results"] == [made, other]
    changes = {"inputs": [{"id": made["id"], "active": False}, {"id": int(other["id"]), "active": True}]}
    batch = read(anonymous.send("POST", f"{path}/batch/update", params=key, json=changes))
    assert [each["active"] for each in batch["results"]] == [False, True]
    assert read(anonymous.get(f"{path}/{made['id']}", **key))["active"] is False
    assert anonymous.send("DELETE", f"{path}/{made['id']}", params=key).status_code == 204
    assert anonymous.get(f"{path}/{made['id']}", **key).status_code == 404
    assert anonymous.send("DELETE", f"{path}/one", params=key).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"eventType": "contact.birthday"},
        {"eventType": "company.privacyDeletion"},
        {"eventType": "contact.propertyChange"},
        {"eventType": "contact.propertyChange", "propertyName": "hs_lastmodifieddate"},
        {"eventType": "contact.propertyChange", "propertyName": "num_unique_conversion_events"},
        {"eventType": "contact.creation", "propertyName": "phone"},
        {"eventType": "object.creation"},
        {"eventType": "object.creation", "objectTypeId": "0-99"},
        {"eventType": "contact.creation", "objectTypeId": "0-1"},
    ],
)
def test_subscriptions_that_do_not_fit_are_refused(hubspot: RunningSandbox, anonymous: Api, body: object) -> None:
    path = f"{SETTINGS[0]}/subscriptions?hapikey={hubspot.options.developer_key}"
    assert read(anonymous.send("POST", path, json=body), 400)["category"] == "VALIDATION_ERROR"


def test_a_second_subscription_of_a_kind_is_a_conflict(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.subscribe("contact.creation")
    path = f"{SETTINGS[0]}/subscriptions?hapikey={hubspot.options.developer_key}"
    assert read(anonymous.send("POST", path, json={"eventType": "contact.creation"}), 409)["category"] == "CONFLICT"


def test_a_thousand_subscriptions_are_the_most(hubspot: RunningSandbox, anonymous: Api) -> None:
    for number in range(1000):
        hubspot.subscribe("contact.propertyChange", f"custom_{number}")
    path = f"{SETTINGS[0]}/subscriptions?hapikey={hubspot.options.developer_key}"
    assert anonymous.send("POST", path, json={"eventType": "contact.merge"}).status_code == 400


def test_configuring_takes_the_developer_key_or_a_token_of_the_apps_own(
    hubspot: RunningSandbox, anonymous: Api
) -> None:
    path = f"{SETTINGS[0]}/subscriptions"
    account, app = Api(hubspot.url, hubspot.grant().token), Api(hubspot.url, hubspot.grant_app().token)
    assert read(app.get(path)) == {"results": []}
    assert anonymous.get(path, hapikey=hubspot.options.developer_key).status_code == 200
    for stranger in (account.get(path), anonymous.get(path), anonymous.get(path, hapikey="wrong")):
        assert read(stranger, 401)["category"] == "INVALID_AUTHENTICATION"
    assert app.get(path.replace(str(APP), "1")).status_code == 404
    account.close()
    app.close()
