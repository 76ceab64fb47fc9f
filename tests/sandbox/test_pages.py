"""The portal's page: what it shows, what its forms do and where they lead, and that no other site can press them."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest
import requests

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from tests.sandbox.client import Api
from tests.sandbox.receiver import Receiver, receiving

RECORD = "/contacts/62515/record/0-1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def ringing(hubspot: RunningSandbox, receiver: Receiver) -> RunningSandbox:
    hubspot.change_options(ring_url=receiver.url, ring_secret="a secret")
    return hubspot


def text_of(response: requests.Response, status: int = 200) -> str:
    """What a person reads, tags and all, without entities."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("text/html")
    return unescape(response.text)


def followed(api: Api, response: requests.Response) -> str:
    """The page a form led to."""
    assert response.status_code == 303, response.text
    return text_of(api.get(response.headers["Location"]))


def names(page: str) -> list[str]:
    return re.findall(r'<a class="name"[^>]*>([^<]*)</a>', page)


def test_front_page_shows_the_portal_its_numbers_and_its_requests(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.archive(hubspot.portal.live_ids[-1])
    api.list(limit=3)
    page = text_of(api.get("/"))
    assert "<h1>Brightmoor Supply</h1>" in page
    counts = dict(re.findall(r"<li><strong>([\d,]+)</strong> ([^<]*)</li>", page))
    assert counts["59"] == "contacts"
    assert "<strong>1</strong> archived" in page
    assert "<strong>1</strong> requests" in page
    assert "GET /crm/objects/2026-09/contacts?limit=3" in page


def test_what_it_shows_is_escaped(hubspot: RunningSandbox, api: Api) -> None:
    bobby = hubspot.edit(hubspot.portal.live_ids[0], firstname='<b>"Bobby"</b>', lastname="")
    for path in ("/", f"{RECORD}/{bobby.id}", "/?q=%22%3E%3Cscript%3E"):
        text = api.get(path).text
        assert "<b>" not in text
        assert text.count("<script>") == (1 if path.startswith("/?") or path == "/" else 0)


def test_contacts_come_in_pages_of_25(anonymous: Api) -> None:
    first, third = text_of(anonymous.get("/")), text_of(anonymous.get("/?page=3"))
    assert len(names(first)) == 25
    assert "1 to 25 of 60" in first
    assert 'href="/?page=2" rel="next"' in first
    assert 'rel="prev"' not in first
    assert len(names(third)) == 10
    assert "51 to 60 of 60" in third
    assert 'rel="next"' not in third
    assert text_of(anonymous.get("/?page=2")).count('href="/" rel="prev"') == 1
    for nonsense in ("0", "-1", "x", "99999999999"):
        assert len(names(text_of(anonymous.get("/", page=nonsense)))) == 25


@pytest.mark.parametrize(
    "query", ["ada lovelace", "LOVELACE", "ada@", "analytical", "+1 (212) 555-0177", "5550177", "0177", "0188"]
)
def test_search_finds_by_name_address_company_and_number(hubspot: RunningSandbox, anonymous: Api, query: str) -> None:
    hubspot.create(
        firstname="Ada",
        lastname="Lovelace",
        email="ada@analytical.example",
        company="Analytical Works",
        phone="(212) 555.0177",
        mobilephone="+1 212 555 0188",
    )
    assert "Ada Lovelace" in names(text_of(anonymous.get("/", q=query)))


def test_search_finds_by_id_and_nobody_where_there_is_nobody(hubspot: RunningSandbox, anonymous: Api) -> None:
    ada = hubspot.create(firstname="Ada", lastname="Lovelace")
    assert names(text_of(anonymous.get("/", q=str(ada.id)))) == ["Ada Lovelace"]
    assert "Nobody is found." in text_of(anonymous.get("/", q="nobody at all"))


def test_a_search_has_pages_too(hubspot: RunningSandbox, anonymous: Api) -> None:
    for number in range(30):
        hubspot.create(firstname="Twin", lastname=f"No {number}")
    first = text_of(anonymous.get("/", q="twin"))
    assert len(names(first)) == 25
    assert 'href="/?q=twin&page=2" rel="next"' in first
    second = text_of(anonymous.get("/", q="twin", page=2))
    assert names(second) == [f"Twin No {number}" for number in range(25, 30)]
    assert 'rel="next"' not in second


def test_a_contacts_page_is_where_hubspot_has_it(hubspot: RunningSandbox, anonymous: Api) -> None:
    ada = hubspot.create(firstname="Ada", phone="1", hs_lead_status="OPEN")
    page = text_of(anonymous.get(f"{RECORD}/{ada.id}"))
    assert "<h1>Ada</h1>" in page
    assert '<input name="phone" value="1"' in page
    assert "<dt>hs_lead_status</dt><dd>OPEN</dd>" in page
    assert anonymous.get(f"{RECORD}/999").status_code == 404
    assert anonymous.get(f"/contacts/1/record/0-1/{ada.id}").status_code == 404


def test_edit_saves_what_has_changed_and_leads_back(hubspot: RunningSandbox, anonymous: Api) -> None:
    ada = hubspot.create(firstname="Ada", phone="1", email="ada@x.example", at_ms=1_790_000_000_000)
    path = f"{RECORD}/{ada.id}"
    form = {"firstname": "Augusta", "phone": "", "email": "ada@x.example", "lifecyclestage": "customer"}
    page = followed(anonymous, anonymous.post_form(f"{path}/edit", **form))
    assert "Augusta is saved." in page
    saved = hubspot.portal.contacts[ada.id]
    assert saved.properties == {"firstname": "Augusta", "email": "ada@x.example"}

    followed(anonymous, anonymous.post_form(f"{path}/edit", firstname="Augusta"))
    assert hubspot.portal.contacts[ada.id] == saved, "nothing changed, so nothing is touched"


def test_a_refused_edit_keeps_what_was_typed(hubspot: RunningSandbox, anonymous: Api) -> None:
    ada = hubspot.create(firstname="Ada")
    page = text_of(anonymous.post_form(f"{RECORD}/{ada.id}/edit", firstname="A.", email="not an address"), 400)
    assert "Email address not an address is invalid" in page
    assert '<input name="email" value="not an address"' in page
    holder = hubspot.create(email="taken@x.example")
    page = text_of(anonymous.post_form(f"{RECORD}/{ada.id}/edit", email="taken@x.example"), 409)
    assert f"Existing ID: {holder.id}" in page
    assert hubspot.portal.contacts[ada.id].properties == {"firstname": "Ada"}


def test_delete_and_restore(hubspot: RunningSandbox, anonymous: Api) -> None:
    ada = hubspot.create(firstname="Ada", lastname="Lovelace")
    response = anonymous.post_form(f"{RECORD}/{ada.id}/archive", back="/?page=3")
    assert response.headers["Location"].startswith("/?page=3&")
    assert "Ada Lovelace is deleted" in followed(anonymous, response)
    archived = text_of(anonymous.get("/?archived=1"))
    assert names(archived) == ["Ada Lovelace"]
    assert 'aria-label="Restore Ada Lovelace"' in archived
    assert "Restore" in text_of(anonymous.get(f"{RECORD}/{ada.id}"))
    assert "Ada Lovelace is restored." in followed(anonymous, anonymous.post_form(f"{RECORD}/{ada.id}/restore"))
    assert ada.id in hubspot.portal.live_ids


def test_merge_leads_to_the_new_contact_and_so_does_the_old_page(hubspot: RunningSandbox, anonymous: Api) -> None:
    one, other = hubspot.create(firstname="Ada"), hubspot.create(lastname="Lovelace")
    page = followed(anonymous, anonymous.post_form(f"{RECORD}/{other.id}/merge", into=str(one.id)))
    merged = hubspot.portal.aliases[one.id]
    assert "Merged: this is the new contact." in page
    assert f"Contact {merged}" in page
    assert anonymous.get(f"{RECORD}/{other.id}").headers["Location"] == f"{RECORD}/{merged}"


@pytest.mark.parametrize(("into", "status"), [("", 400), ("Ada", 400), ("999999999", 404)])
def test_a_merge_that_cannot_be_is_said_on_the_contacts_page(
    hubspot: RunningSandbox, anonymous: Api, into: str, status: int
) -> None:
    ada = hubspot.create(firstname="Ada")
    page = text_of(anonymous.post_form(f"{RECORD}/{ada.id}/merge", into=into), status)
    assert "<h1>Ada</h1>" in page
    assert 'class="notice wrong"' in page


def test_ring_button_rings_from_the_contacts_number(ringing: RunningSandbox, receiver: Receiver) -> None:
    api = Api(ringing.url)
    ada = ringing.create(firstname="Ada", phone="+1 212 555 0100")
    page = text_of(api.get("/", q=str(ada.id)))
    assert '<button form="ring" name="number" value="+12125550100" aria-label="Ring from +1 212' in page
    receiver.status, receiver.text = lambda _delivery: 202, '{"routed": true}'
    form = {"to": "sam.ortiz@brightmoor-supply.example", "number": "+12125550100", "typed": "", "back": "/?q=1"}
    response = api.post_form("/ring", **form)
    assert response.headers["Location"] == "/?q=1"
    page = followed(api, response)
    assert 'ringing: answered 202 {"routed": true}' in page
    assert json.loads(receiver.deliveries[0].body)["from"] == "+12125550100"
    assert '<option value="sam.ortiz@brightmoor-supply.example" selected>' in page
    api.close()


def test_ring_form_rings_from_any_number_and_from_none(ringing: RunningSandbox, receiver: Receiver) -> None:
    api = Api(ringing.url)
    followed(api, api.post_form("/ring", to="12", typed=" 0800 1 "))
    followed(api, api.post_form("/ring", to="12", typed="0800 1", number=""))
    assert [json.loads(posted.body)["from"] for posted in receiver.deliveries] == ["0800 1", ""]
    page = text_of(api.get("/"))
    assert "Withheld number" in page
    assert "Ring from which number?" in text_of(api.post_form("/ring", to="12", typed=" "), 400)
    assert len(receiver.deliveries) == 2
    api.close()


def test_a_call_is_answered_and_hung_up_on_the_page(ringing: RunningSandbox, receiver: Receiver) -> None:
    api = Api(ringing.url)
    call = ringing.ring("+1", "12")
    assert f"/calls/{call.id}/answer" in text_of(api.get("/"))
    page = followed(api, api.post_form(f"/calls/{call.id}/answer"))
    assert f"/calls/{call.id}/answer" not in page
    page = followed(api, api.post_form(f"/calls/{call.id}/hang-up"))
    assert f"/calls/{call.id}/" not in page
    assert [told.state for told in ringing.calls[0].told] == ["ringing", "answered", "ended"]
    assert len(receiver.deliveries) == 3
    api.close()


def test_without_a_receiver_the_buttons_say_what_is_missing(anonymous: Api) -> None:
    page = text_of(anonymous.get("/"))
    assert "--ring-url URL and --ring-secret SECRET" in page
    assert '<button class="primary" disabled>Ring</button>' in page
    assert "--ring-url" in text_of(anonymous.post_form("/ring", to="12", typed="1"), 400)


def test_activity_is_the_same_html_as_on_the_page(ringing: RunningSandbox, api: Api, receiver: Receiver) -> None:
    ringing.ring("+1", "12")
    api.list(limit=1)
    page = api.get("/").text
    live = api.get("/activity").json()
    assert set(live) == {"counts", "calls", "requests"}
    for name, html in live.items():
        assert f'id="{name}"' in page
        assert html in page
    assert len(receiver.deliveries) == 1


def test_page_trusts_no_script_but_its_own(anonymous: Api) -> None:
    policy = anonymous.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'(;|$)", policy)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", "/?x=1\r\nX: y", ""])
def test_a_form_leads_back_to_our_own_page_only(hubspot: RunningSandbox, anonymous: Api, back: str) -> None:
    path = f"{RECORD}/{hubspot.portal.live_ids[0]}/archive"
    assert anonymous.post_form(path, back=back).headers["Location"].startswith("/?did=")


@pytest.mark.parametrize("action", ["edit", "merge", "archive", "restore"])
def test_a_foreign_sites_form_does_nothing(hubspot: RunningSandbox, anonymous: Api, action: str) -> None:
    ada = hubspot.create(firstname="Ada")
    body = urlencode({"firstname": "Eve", "into": hubspot.portal.live_ids[0]})
    headers = {"Origin": "https://evil.example", "Content-Type": "application/x-www-form-urlencoded"}
    assert anonymous.send("POST", f"{RECORD}/{ada.id}/{action}", data=body, headers=headers).status_code == 403
    assert hubspot.portal.contacts[ada.id] == ada


def test_every_field_has_a_label_and_every_button_a_name(hubspot: RunningSandbox, anonymous: Api) -> None:
    for path in ("/", "/?archived=1", f"{RECORD}/{hubspot.portal.live_ids[0]}"):
        page = text_of(anonymous.get(path))
        fields = re.findall(r"<(?:input(?! type=\"hidden\")|select)\b", page)
        labelled = re.findall(r"<label>[^<]+<input\b|<label for=\"(\w+)\">[^<]+</label>\s*<\w+ [^>]*id=\"\1\"", page)
        assert len(fields) == len(labelled), path
        for attributes, text in re.findall(r"<button([^>]*)>([^<]*)</button>", page):
            assert text or "aria-label" in attributes


def test_portals_without_contacts_have_a_page() -> None:
    with hubspot_sandbox.running(contacts=0, options=Options(portal_id=12)) as hubspot:
        api = Api(hubspot.url)
        assert "There is nobody here." in text_of(api.get("/"))
        api.close()
