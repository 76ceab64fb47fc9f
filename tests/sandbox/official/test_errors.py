"""HubSpot's errors as the official client's own exceptions, and the trap in how it retries."""

from collections.abc import Iterator

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import (
    ApiException,
    PublicObjectSearchRequest,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import (
    ForbiddenException,
    NotFoundException,
    ServiceException,
    UnauthorizedException,
)

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox


@pytest.fixture
def steered() -> Iterator[RunningSandbox]:
    with hubspot_sandbox.running(contacts=3) as running:
        yield running


def client_of(sandbox: RunningSandbox, **more: object) -> HubSpot:
    return HubSpot(access_token=sandbox.grant().token, host=sandbox.url, **more)


def create(client: HubSpot, **properties: str) -> str:
    given = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return str(client.crm.contacts.basic_api.create(given).id)


def test_401_is_unauthorized(sandbox: RunningSandbox) -> None:
    stranger = HubSpot(access_token="made-up", host=sandbox.url)
    with pytest.raises(UnauthorizedException) as refused:
        stranger.crm.contacts.basic_api.get_page()
    assert refused.value.status == 401
    assert "INVALID_AUTHENTICATION" in refused.value.body
    assert refused.value.headers["x-hubspot-correlation-id"]


def test_an_expired_token_is_unauthorized(steered: RunningSandbox) -> None:
    client = client_of(steered)
    steered.advance(1801)
    with pytest.raises(UnauthorizedException) as refused:
        client.crm.contacts.basic_api.get_page()
    assert "EXPIRED_AUTHENTICATION" in refused.value.body


def test_403_is_forbidden(sandbox: RunningSandbox) -> None:
    client = HubSpot(access_token=sandbox.grant(scopes=["oauth"]).token, host=sandbox.url)
    with pytest.raises(ForbiddenException) as refused:
        client.crm.contacts.basic_api.get_page()
    assert "MISSING_SCOPES" in refused.value.body


def test_404_is_not_found(client: HubSpot) -> None:
    with pytest.raises(NotFoundException) as refused:
        client.crm.contacts.basic_api.get_by_id("7")
    assert refused.value.status == 404


def test_409_is_a_plain_exception_that_names_the_contact(client: HubSpot) -> None:
    contact_id = create(client, email="twice@example.com")
    with pytest.raises(ApiException) as refused:
        create(client, email="twice@example.com")
    assert type(refused.value) is ApiException
    assert refused.value.status == 409
    assert f"Existing ID: {contact_id}" in refused.value.body


def test_400_is_a_plain_exception_that_names_the_property(client: HubSpot) -> None:
    with pytest.raises(ApiException) as refused:
        create(client, no_such_property="x")
    assert type(refused.value) is ApiException
    assert refused.value.status == 400
    assert "PROPERTY_DOESNT_EXIST" in refused.value.body


def test_429_is_a_plain_exception_that_names_the_policy() -> None:
    with hubspot_sandbox.running(contacts=3, options=Options(general_limit=1, search_limit=1)) as sandbox:
        client = client_of(sandbox)
        client.crm.contacts.basic_api.get_page()
        client.crm.contacts.search_api.do_search(PublicObjectSearchRequest())
        with pytest.raises(ApiException) as general:
            client.crm.contacts.basic_api.get_page()
        with pytest.raises(ApiException) as search:
            client.crm.contacts.search_api.do_search(PublicObjectSearchRequest())
    assert (general.value.status, search.value.status) == (429, 429)
    assert "TEN_SECONDLY_ROLLING" in general.value.body
    assert "SECONDLY" in search.value.body


@pytest.mark.parametrize("status", [500, 502, 524])
def test_5xx_is_a_service_exception(steered: RunningSandbox, status: int) -> None:
    steered.fault("list", status)
    with pytest.raises(ServiceException) as refused:
        client_of(steered).crm.contacts.basic_api.get_page()
    assert refused.value.status == status


@pytest.mark.parametrize("status", [429, 503])
def test_reads_are_sent_four_times_where_a_refusal_says_retry_after(steered: RunningSandbox, status: int) -> None:
    steered.fault("list", status, times=10, retry_after_s=0)
    with pytest.raises(ApiException) as refused:
        client_of(steered).crm.contacts.basic_api.get_page()
    assert refused.value.status == status
    assert steered.requests.count("list", status) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_reads_are_sent_once_where_a_refusal_says_nothing(steered: RunningSandbox, status: int) -> None:
    steered.fault("list", status, times=10)
    with pytest.raises(ApiException):
        client_of(steered).crm.contacts.basic_api.get_page()
    assert steered.requests.count("list", status) == 1


def test_reads_are_sent_once_where_retries_are_switched_off(steered: RunningSandbox) -> None:
    steered.fault("list", 429, times=10, retry_after_s=0)
    with pytest.raises(ApiException):
        client_of(steered, retry=False).crm.contacts.basic_api.get_page()
    assert steered.requests.count("list", 429) == 1


def test_a_search_is_never_sent_again(steered: RunningSandbox) -> None:
    steered.fault("search", 429, times=10, retry_after_s=0)
    with pytest.raises(ApiException):
        client_of(steered).crm.contacts.search_api.do_search(PublicObjectSearchRequest())
    assert steered.requests.count("search", 429) == 1
