"""Personal contacts over the API: the rep's own to add, change and remove, found like any other, and no sync's."""

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from callbook import accounts, contacts
from callbook.models import Contact, Owner, Phone, Run, User, connected, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, json_of, new_user, owner_of, remote

MUM: dict[str, Any] = {
    "first_name": " Ida ",
    "last_name": "Lind",
    "company": "Home",
    "job_title": "Mother",
    "email": "ida@home.example",
    "phones": [{"kind": "phone", "number": " (201) 555-0155 x3 "}, {"kind": "mobile", "number": "2015550156"}],
}
BARE = {"first_name": None, "last_name": None, "company": None, "job_title": None, "email": None}


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


@pytest.fixture
def owner(rep: Rep) -> Owner:
    return owner_of(rep)


def added(rep: Rep, body: dict[str, Any]) -> dict[str, Any]:
    answer = rep.post("/api/contacts", body)
    assert answer.status_code == 201, answer.text
    return json_of(answer)


def numbers(contact: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [(each["kind"], each["raw"], each["e164"], each["extension"]) for each in contact["phones"]]


def heard(rep: Rep) -> list[str]:
    return [event["kind"] for event in rep.read("/api/events", after=0)["events"]]


def test_an_added_contact_is_told_whole_and_again_when_it_is_read(rep: Rep) -> None:
    contact = added(rep, MUM)
    assert (contact["name"], contact["first_name"], contact["last_name"]) == ("Ida Lind", "Ida", "Lind")
    assert (contact["company"], contact["job_title"], contact["email"]) == ("Home", "Mother", "ida@home.example")
    assert (contact["source"], contact["letter"]) == ("personal", "L")
    assert numbers(contact) == [
        ("mobile", "2015550156", "+12015550156", None),
        ("phone", "(201) 555-0155 x3", "+12015550155", "3"),
    ]
    without = ("hubspot_url", "modified_at", "last_call", "owner", "company_line")
    assert [contact[name] for name in without] == [None] * len(without)
    assert rep.read(f"/api/contacts/{contact['id']}") == contact


def test_it_is_on_the_list_found_by_name_and_number_and_rings_with_its_name(rep: Rep) -> None:
    contact = added(rep, MUM)
    for query in ("", "lind ida", "home", "555 0156", "+12015550155"):
        for source in ("all", "personal"):
            rows = rep.contacts(q=query, source=source)["contacts"]
            assert [row["id"] for row in rows] == [contact["id"]], (query, source)
    assert rep.contacts()["counts"] == {"all": 1, "hubspot": 0, "personal": 1}
    (caller,) = json_of(rep.post("/api/callers", {"numbers": ["12015550155"]}))["callers"]
    assert (caller["label"], caller["candidates"][0]["id"]) == ("other_form", contact["id"])


def test_numbers_are_at_home_where_the_rep_says(rep: Rep) -> None:
    rep.patch("/api/settings", {"default_country": "GB"})
    contact = added(rep, {"phones": [{"kind": "phone", "number": "020 7946 0018"}]})
    assert (contact["phone"]["e164"], contact["name"]) == ("+442079460018", "020 7946 0018")


def test_a_number_that_cannot_be_read_is_kept_as_text(rep: Rep) -> None:
    contact = added(rep, {"last_name": "Abel", "phones": [{"kind": "whatsapp", "number": "ask Betty"}]})
    assert numbers(contact) == [("whatsapp", "ask Betty", None, None)]
    assert contact["phone"]["display"] == "ask Betty"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"first_name": "Ida", "phones": []}, "Ida"),
        ({"last_name": "Lind", "phones": []}, "Lind"),
        ({"company": "Home", "phones": []}, "Home"),
        ({"email": "ida@home.example", "phones": []}, "ida@home.example"),
        ({**BARE, "first_name": "x" * 100, "phones": []}, "x" * 100),
        ({**BARE, "first_name": "  ", "phones": [{"kind": "mobile", "number": "1"}]}, "1"),
        (
            {"first_name": "李 小龙", "last_name": "O\u2019Brien\u00a0\U0001f600", "phones": []},
            "李 小龙 O\u2019Brien \U0001f600",
        ),
    ],
)
def test_one_word_is_enough(rep: Rep, body: dict[str, Any], name: str) -> None:
    assert added(rep, body)["name"] == name


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"phones": []}, "body"),
        ({**BARE, "phones": []}, "body"),
        ({"first_name": " \t", "job_title": "Mother", "phones": []}, "body"),
        ({"phones": [{"kind": "phone", "number": " "}]}, "body"),
        ({"last_name": "Lind"}, "phones"),
        ({**MUM, "phones": None}, "phones"),
        ({**MUM, "first_name": "x" * 101}, "first_name"),
        ({**MUM, "last_name": 7}, "last_name"),
        ({**MUM, "last_name": "a\x00b"}, "last_name"),
        ({**MUM, "last_name": "\ud800"}, "last_name"),
        ({**MUM, "company": "x" * 201}, "company"),
        ({**MUM, "email": "x" * 255}, "email"),
        ({**MUM, "name": "Ida"}, "name"),
        ({**MUM, "phones": [{"kind": "fax", "number": "1"}]}, "phones.0.kind"),
        ({**MUM, "phones": [{"kind": "phone", "number": "1" * 201}]}, "phones.0.number"),
        ({**MUM, "phones": [{"kind": "phone", "number": "1"}] * 2}, "phones"),
        (
            {**MUM, "phones": [{"kind": kind, "number": "1"} for kind in ("phone", "mobile", "whatsapp", "phone")]},
            "phones",
        ),
    ],
)
def test_what_does_not_fit_is_invalid_and_nothing_is_written(rep: Rep, body: dict[str, Any], where: str) -> None:
    id_ = added(rep, MUM)["id"]
    for answer in (rep.post("/api/contacts", body), rep.put(f"/api/contacts/{id_}", body)):
        error = json_of(answer)["error"]
        assert (answer.status_code, error["kind"]) == (422, "invalid")
        assert [field["where"] for field in error["fields"]] == [where]
    assert rep.contacts()["total"] == 1
    assert rep.read(f"/api/contacts/{id_}")["name"] == "Ida Lind"
    assert heard(rep) == ["contacts"]


def test_a_body_of_another_type_is_not_json(rep: Rep) -> None:
    id_ = added(rep, MUM)["id"]
    answer = rep.client.put(f"/api/contacts/{id_}", headers=rep.headers, data="last_name=x")
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (415, "not_json")


def test_a_change_replaces_everything(rep: Rep, owner: Owner) -> None:
    before = added(rep, MUM)
    answer = rep.put(
        f"/api/contacts/{before['id']}", {"last_name": "Berg", "phones": [{"kind": "phone", "number": "2015550177"}]}
    )
    assert answer.status_code == 200
    after = json_of(answer)
    assert (after["id"], after["name"], after["letter"]) == (before["id"], "Berg", "B")
    assert [after[name] for name in ("first_name", "company", "job_title", "email")] == [None] * 4
    assert numbers(after) == [("phone", "2015550177", "+12015550177", None)]
    assert rep.contacts(q="ida")["total"] == 0
    found = json_of(rep.post("/api/callers", {"numbers": ["+12015550155", "+12015550177"]}))["callers"]
    assert [each["label"] for each in found] == ["none", "exact"]
    with connected():
        (row,) = Contact.of(owner).select()
        assert row.seq == User.get_by_id(owner.id).seq == 2
        assert Phone.of(owner).select().count() == 1


def test_a_removed_contact_is_gone_and_leaves_a_tombstone_with_a_seq(rep: Rep, owner: Owner) -> None:
    id_ = added(rep, MUM)["id"]
    assert rep.delete(f"/api/contacts/{id_}").status_code == 204
    for answer in (
        rep.get(f"/api/contacts/{id_}"),
        rep.delete(f"/api/contacts/{id_}"),
        rep.put(f"/api/contacts/{id_}", MUM),
    ):
        assert (answer.status_code, json_of(answer)["error"]["kind"]) == (404, "not_found")
    assert rep.contacts(letters=True)["letters"] == []
    assert json_of(rep.post("/api/callers", {"numbers": ["+12015550155"]}))["callers"][0]["label"] == "none"
    with connected():
        (row,) = Contact.of(owner).select()
        assert (row.seq, row.name, row.properties, row.search_text) == (2, "", {}, "")
        assert row.deleted_at is not None
        assert Phone.of(owner).select().count() == 0


def test_a_contact_from_hubspot_is_read_only(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(7, lastname="Abel", phone="2015550132"))
    (row,) = rep.contacts()["contacts"]
    for answer in (rep.put(f"/api/contacts/{row['id']}", MUM), rep.delete(f"/api/contacts/{row['id']}")):
        assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "read_only")
    assert rep.contacts()["contacts"] == [row]
    assert heard(rep) == []


@pytest.mark.parametrize("id_", ["0", "987654", "9223372036854775807", "9223372036854775808", "9" * 60, "x"])
def test_what_is_not_there_can_neither_be_changed_nor_removed(rep: Rep, id_: str) -> None:
    for answer in (rep.put(f"/api/contacts/{id_}", MUM), rep.delete(f"/api/contacts/{id_}")):
        assert (answer.status_code, json_of(answer)["error"]["kind"]) == (404, "not_found")


def test_without_a_session_nothing_is_written(app: APIFlask) -> None:
    client = app.test_client()
    answers = [
        client.post("/api/contacts", json=MUM),
        client.put("/api/contacts/1", json=MUM),
        client.delete("/api/contacts/1"),
        client.delete("/api/data"),
    ]
    assert {answer.status_code for answer in answers} == {401}


def test_other_browsers_hear_of_every_change(rep: Rep) -> None:
    id_ = added(rep, MUM)["id"]
    rep.put(f"/api/contacts/{id_}", {**MUM, "last_name": "Berg"})
    rep.delete(f"/api/contacts/{id_}")
    assert heard(rep) == ["contacts"] * 3


def test_no_sync_touches_it(alice: Rep, work: Callable[[], list[Run]]) -> None:
    contact = added(alice, MUM)
    for kind in ("full", "recent", "full"):
        alice.post("/api/sync", {"kind": kind})
        assert [run.state for run in work()] == ["finished"]
        assert alice.read(f"/api/contacts/{contact['id']}") == contact
    assert alice.read("/api/sync")["last_run"]["local_total"] == 6
    assert alice.read("/api/sync")["counts"]["personal"] == 1


def test_a_removed_one_does_not_come_back_with_a_sync(alice: Rep, work: Callable[[], list[Run]]) -> None:
    id_ = added(alice, MUM)["id"]
    assert alice.delete(f"/api/contacts/{id_}").status_code == 204
    assert [run.state for run in work()] == ["finished"]
    assert alice.contacts()["counts"]["personal"] == 0


def test_it_is_there_after_authorizing_again_to_be_changed_and_removed(
    alice: Rep, sign_in: Callable[[str], Rep], work: Callable[[], list[Run]]
) -> None:
    contact = added(alice, MUM)
    assert alice.post("/auth/unauthorize").status_code == 204
    back = sign_in("admin")
    assert back.read(f"/api/contacts/{contact['id']}") == contact
    work()
    changed = json_of(back.put(f"/api/contacts/{contact['id']}", {**MUM, "phones": []}))
    assert changed["phones"] == []
    assert back.delete(f"/api/contacts/{contact['id']}").status_code == 204
    assert back.contacts(source="personal")["total"] == 0


def test_a_contact_tells_its_newest_call(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(7, lastname="Abel", phone="2015550132", mobilephone="2015550133 x4"))
    contact = added(rep, MUM)
    (abel,) = rep.contacts(source="hubspot")["contacts"]
    event = {"direction": "inbound", "state": "ended"}
    for call_id, number in (("1", "2015550132"), ("2", "+12015550133"), ("3", "(201) 555-0155"), ("4", "anonymous")):
        assert rep.post("/api/calls", {**event, "call_id": call_id, "number": number}).status_code == 202
    newest = rep.calls()["calls"]
    assert rep.read(f"/api/contacts/{abel['id']}")["last_call"] == newest[2]
    assert rep.read(f"/api/contacts/{contact['id']}")["last_call"] == newest[1]


def test_a_contact_added_after_the_call_has_it_as_its_last(rep: Rep) -> None:
    rep.post("/api/calls", {"call_id": "1", "direction": "inbound", "state": "missed", "number": "201-555-0155"})
    contact = added(rep, MUM)
    assert contact["last_call"]["call_id"] == "1"
    assert contact["last_call"]["caller"]["candidates"][0]["name"] == "Ida Lind"


def test_in_the_store_only_a_personal_contact_is_changed_or_removed(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(7, lastname="Abel"))
    (row,) = rep.contacts()["contacts"]
    with connected(), transaction():
        assert not contacts.store.change_personal(owner, row["id"], {"lastname": "Berg"}, "US")
        assert not contacts.store.remove_personal(owner, row["id"])
    assert rep.contacts()["contacts"] == [row]
