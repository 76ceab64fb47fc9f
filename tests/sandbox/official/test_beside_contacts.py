"""Through the official client: companies, associations, owners, properties, tokens, the account and signatures."""

import time

from hubspot import HubSpot
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
    PublicObjectId,
)
from hubspot.crm.companies import Filter, FilterGroup, PublicObjectSearchRequest
from hubspot.crm.companies import SimplePublicObjectInputForCreate as NewCompany
from hubspot.crm.contacts import SimplePublicObjectInputForCreate as NewContact
from hubspot.utils.signature import Signature

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.signatures import Signed, sign
from tests.sandbox.client import CALLBACK, Api, authorize_query, landed


def new_contact(client: HubSpot) -> str:
    given = NewContact(properties={"lastname": "Joined"}, associations=[])
    return str(client.crm.contacts.basic_api.create(given).id)


def new_company(client: HubSpot, name: str = "Analytical Works") -> str:
    return str(client.crm.companies.basic_api.create(NewCompany(properties={"name": name}, associations=[])).id)


def test_companies_are_listed_read_searched_and_archived(client: HubSpot) -> None:
    company_id = new_company(client, "Difference Engines")
    api = client.crm.companies
    assert company_id in [company.id for company in api.get_all()]
    assert api.basic_api.get_by_id(company_id, properties=["name"]).properties["name"] == "Difference Engines"
    named = FilterGroup(filters=[Filter(property_name="name", operator="EQ", value="Difference Engines")])
    found = api.search_api.do_search(PublicObjectSearchRequest(filter_groups=[named]))
    assert [company.id for company in found.results] == [company_id]
    api.basic_api.archive(company_id)
    assert company_id not in [company.id for company in api.get_all()]


def test_associations_are_made_read_and_removed(client: HubSpot) -> None:
    contact_id, company_id = new_contact(client), new_company(client)
    api = client.crm.associations.v4
    api.basic_api.create_default("contacts", contact_id, "companies", company_id)
    page = api.basic_api.get_page("contacts", contact_id, "companies")
    assert [target.to_object_id for target in page.results] in ([company_id], [int(company_id)])
    assert {each.type_id for each in page.results[0].association_types} == {279, 1}
    api.basic_api.archive("contacts", contact_id, "companies", company_id)
    assert api.basic_api.get_page("contacts", contact_id, "companies").results == []


def test_associations_are_made_and_read_in_batches(client: HubSpot) -> None:
    contact_id, alone, company_id = new_contact(client), new_contact(client), new_company(client)
    api = client.crm.associations.v4.batch_api
    pair = PublicAssociationMultiPost(
        _from=PublicObjectId(id=contact_id),
        to=PublicObjectId(id=company_id),
        types=[AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)],
    )
    api.create("contacts", "companies", BatchInputPublicAssociationMultiPost(inputs=[pair]))
    wanted = [PublicFetchAssociationsBatchRequest(id=each) for each in (contact_id, alone)]
    answer = api.get_page("contacts", "companies", BatchInputPublicFetchAssociationsBatchRequest(inputs=wanted))
    assert [result._from.id for result in answer.results] == [contact_id]  # noqa: SLF001 - the client's own name
    assert [error.context["fromObjectId"] for error in answer.errors] == [[alone]]


def test_owners(client: HubSpot, sandbox: RunningSandbox) -> None:
    api = client.crm.owners
    listed = api.get_all()
    assert [owner.id for owner in listed] == [str(each) for each in sorted(sandbox.portal.owners)]
    first = listed[0]
    assert api.owners_api.get_page(email=first.email).results[0].id == first.id
    assert api.owners_api.get_by_id(first.id).email == first.email
    assert api.owners_api.get_by_id(first.user_id, id_property="userId").id == first.id


def test_properties(client: HubSpot) -> None:
    api = client.crm.properties.core_api
    names = {each.name for each in api.get_all("contacts").results}
    assert {"firstname", "phone", "hs_object_id"} <= names
    assert api.get_by_name("contacts", "phone").field_type == "phonenumber"
    assert "name" in {each.name for each in api.get_all("companies").results}


def test_a_code_is_traded_refreshed_looked_into_and_revoked(client: HubSpot, sandbox: RunningSandbox) -> None:
    person = Api(sandbox.url)
    answer = person.post_form("/oauth/authorize", **authorize_query(sandbox), person="rep", decision="allow")
    person.close()
    who = {"client_id": sandbox.options.client_id, "client_secret": sandbox.options.client_secret}
    api = client.oauth
    code = landed(answer)["code"]
    traded = api.tokens_api.create(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **who)
    assert traded.expires_in == 1800
    renewed = api.tokens_api.create(grant_type="refresh_token", refresh_token=traded.refresh_token, **who)
    assert renewed.refresh_token == traded.refresh_token
    assert api.access_tokens_api.get(renewed.access_token).hub_id == sandbox.portal.id
    assert api.refresh_tokens_api.get(renewed.refresh_token).client_id == who["client_id"]
    assert HubSpot(access_token=renewed.access_token, host=sandbox.url).crm.contacts.basic_api.get_page().results
    assert api.refresh_tokens_api.archive(renewed.refresh_token) is None


def test_the_account_by_a_request_of_the_callers_own(sandbox: RunningSandbox) -> None:
    token = sandbox.grant().token
    client = HubSpot(access_token=token, host=sandbox.url)
    answer = client.api_request({"base_url": sandbox.url, "path": "/account-info/v3/details"})
    assert answer.json()["portalId"] == sandbox.portal.id


def test_the_clients_own_check_of_signatures_believes_ours(sandbox: RunningSandbox) -> None:
    secret, url, body = sandbox.options.client_secret, "https://app.example.com/hooks?tenant=1", '[{"eventId":1}]'
    stamp = str(time.time_ns() // 1_000_000)
    signature = sign("v3", secret, Signed("POST", url, body.encode(), stamp))
    assert Signature.is_valid(signature, secret, body, url, "POST", "v3", stamp)
