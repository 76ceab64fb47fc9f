"""The companies endpoints: list, get one and batch read.

They are the contacts' endpoints under another name, with `hs_lastmodifieddate` as the moment of the last change.
Guide: https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import BatchReadBody, read
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.moments import iso
from hubspot_sandbox.objects import (
    MAX_LIST_PAGE,
    asked_names,
    batch_answer,
    is_id,
    next_page,
    page_limit,
    whole_number,
)
from hubspot_sandbox.portal import Company
from hubspot_sandbox.properties import COMPANY_ALWAYS, COMPANY_DEFAULTS, COMPANY_PROPERTIES
from hubspot_sandbox.sandbox import Sandbox

COMPANY_NAMES = ("companies", "company", "0-2")


def list_companies(sandbox: Sandbox, call: Call) -> Answer:
    limit = page_limit(call, default=10, most=MAX_LIST_PAGE)
    companies = sandbox.portal.companies
    ids = list(companies)
    start = bisect_left(ids, whole_number(call, "after", default=0))
    page = ids[start : start + limit]
    names = _names(asked_names(call))
    body: dict[str, object] = {"results": [written(companies[company_id], names) for company_id in page]}
    if start + limit < len(ids):
        body["paging"] = next_page(call, page[-1] + 1)
    return json_answer(body, records=len(page))


def get_company(sandbox: Sandbox, call: Call) -> Answer:
    text = call.path["id"]
    if not is_id(text):
        raise errors.id_not_numeric()
    company = sandbox.portal.companies.get(int(text))
    if company is None:
        raise errors.not_found()
    return json_answer(written(company, _names(asked_names(call))), records=1)


def batch_read(sandbox: Sandbox, call: Call) -> Answer:
    body = read(BatchReadBody, call.body)
    if body.id_property not in (None, "hs_object_id"):
        raise errors.validation(f"Property {body.id_property} is not a unique property of companies.")
    names = _names(body.properties)

    def find(wanted: str) -> dict[str, object] | None:
        company = sandbox.portal.companies.get(int(wanted)) if is_id(wanted) else None
        return None if company is None else written(company, names)

    return batch_answer(sandbox, body, find, "COMPANY")


def written(company: Company, names: Iterable[str]) -> dict[str, object]:
    created_at, modified_at = iso(company.created_at_ms), iso(company.modified_at_ms)
    derived = {"createdate": created_at, "hs_lastmodifieddate": modified_at, "hs_object_id": str(company.id)}
    have = {**company.properties, **derived}
    return {
        "id": str(company.id),
        "properties": {name: have.get(name) for name in names},
        "createdAt": created_at,
        "updatedAt": modified_at,
        "archived": False,
    }


def _names(asked: Sequence[str]) -> Sequence[str]:
    wanted = {name for name in asked if name}
    return sorted((wanted & COMPANY_PROPERTIES.keys()).union(COMPANY_ALWAYS) if wanted else COMPANY_DEFAULTS)
