"""Reading HubSpot's own export: every form it comes in, and every way it can be wrong."""

from pathlib import Path

import pytest

import hubspot_sandbox
from hubspot_sandbox import CsvRefused, read_contacts_csv
from tests.sandbox.client import Api, ids

HEADER = (
    "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,WhatsApp Phone Number,Job Title,"
    "Company name,Country/Region,Contact owner,Lifecycle Stage,Lead Status,Unsubscribed from all email,"
    "Create Date,Last Modified Date"
)
ADA = (
    '151,Ada,Müller,ada@x.example, +1 201-555-0100 x5 ,,+44 7400 000001,"Surveyor, marine",Lowery and Sons,US,'
    "Terri Scott,Subscriber,In progress,True,2026-02-24 15:55,2026-10-17 06:50"
)


def written(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    path = folder / "contacts.csv"
    path.write_bytes(end.join(lines).encode(encoding))
    return path


def reasons(path: Path) -> list[tuple[int, str]]:
    return [(each.row, each.reason) for each in read_contacts_csv(path)[1]]


def test_every_column_finds_its_property(tmp_path: Path) -> None:
    (row,), skipped = read_contacts_csv(written(tmp_path, HEADER, ADA, ""))
    assert skipped == []
    assert row.owner_name == "Terri Scott"
    assert row.contact.id == 151
    assert row.contact.properties == {
        "firstname": "Ada",
        "lastname": "Müller",
        "email": "ada@x.example",
        "phone": " +1 201-555-0100 x5 ",  # as typed
        "hs_whatsapp_phone_number": "+44 7400 000001",
        "jobtitle": "Surveyor, marine",
        "company": "Lowery and Sons",
        "country": "US",
        "lifecyclestage": "subscriber",
        "hs_lead_status": "IN_PROGRESS",
        "hs_email_optout": "true",
    }
    assert row.contact.value("createdate") == "2026-02-24T15:55:00.000Z"
    assert row.contact.value("lastmodifieddate") == "2026-10-17T06:50:00.000Z"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    rows, _ = read_contacts_csv(written(tmp_path, HEADER, ADA, encoding=encoding, end=end))
    assert [row.contact.properties["lastname"] for row in rows] == ["Müller"]


def test_semicolons(tmp_path: Path) -> None:
    rows, _ = read_contacts_csv(written(tmp_path, "Record ID;First Name;Company name", '7;Ada;"Smith; Sons, Ltd"'))
    assert rows[0].contact.properties == {"firstname": "Ada", "company": "Smith; Sons, Ltd"}


def test_header_in_another_case_and_by_property_name(tmp_path: Path) -> None:
    rows, _ = read_contacts_csv(written(tmp_path, "record  id,firstname,Favourite Colour", "7,Ada,green"))
    assert rows[0].contact.properties == {"firstname": "Ada"}


def test_missing_columns_and_short_rows_are_blank(tmp_path: Path) -> None:
    rows, skipped = read_contacts_csv(written(tmp_path, "Record ID,First Name,Email", "7", "8,Bo,,"))
    assert [(row.contact.id, row.contact.properties) for row in rows] == [(7, {}), (8, {"firstname": "Bo"})]
    assert skipped == []
    assert rows[0].contact.modified_at_ms >= rows[0].contact.created_at_ms > 0


def test_cell_with_a_line_break(tmp_path: Path) -> None:
    rows, skipped = read_contacts_csv(written(tmp_path, "Record ID,Company name", '7,"Two\r\nlines"', "x,y"))
    assert rows[0].contact.properties == {"company": "Two\r\nlines"}
    assert skipped[0].row == 3


def test_what_cannot_be_a_contact_is_reported_by_row(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Record ID,First Name",
        "7,Ada",
        ",Bo",
        "abc,Cy",
        "1.74E+08,Di",
        "",
        "0,Ed",
        "007,Flo",
        "99999999999999999999,Gus",
        "8,Hal,surplus",
        "-5,Ida",
        '9,"Jo"hn',
    )
    assert reasons(path) == [
        (3, "it has no Record ID"),
        (4, "Record ID 'abc' is not a whole number"),
        (5, "Record ID '1.74E+08' is not a whole number"),
        (7, "Record ID 0 is out of range"),
        (8, "Record ID 7 is already taken by an earlier row"),
        (9, "Record ID 99999999999999999999 is out of range"),
        (10, "it has 3 cells where the header has 2"),
        (11, "Record ID '-5' is not a whole number"),
        (12, "it is not CSV: ',' expected after '\"'"),
    ]
    rows, _ = read_contacts_csv(path)
    assert [(row.contact.id, row.contact.properties["firstname"]) for row in rows] == [(7, "Ada")]


def test_unreadable_dates_do_not_lose_a_contact(tmp_path: Path) -> None:
    path = written(tmp_path, "Record ID,Create Date,Last Modified Date", "7,someday,2026-01-02 03:04", "8,,")
    first, second = read_contacts_csv(path)[0]
    assert first.contact.value("createdate") == first.contact.value("lastmodifieddate") == "2026-01-02T03:04:00.000Z"
    assert second.contact.created_at_ms == second.contact.modified_at_ms


def test_created_is_never_after_modified(tmp_path: Path) -> None:
    path = written(tmp_path, "Record ID,Create Date,Last Modified Date", "7,2026-01-03 00:00,2026-01-02 00:00")
    contact = read_contacts_csv(path)[0][0].contact
    assert contact.created_at_ms < contact.modified_at_ms


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \r\n ", "is empty"),
        (b"PK\x03\x04\x00\x00\x08\x00", "is not a CSV file"),
        ("Record ID,First Name\r\n7,Ada".encode("utf-16"), "is not a CSV file"),
        (b"\x81\x8d\x8f\x90", "is not a CSV file"),
        (b"Name,Phone\r\nAda,1", "no Record ID column"),
        (b"just some prose, about nothing", "no Record ID column"),
        (b"Record ID,First Name\r\n", "holds no contacts"),
        (b"Record ID,First Name\r\n,Ada\r\n", "holds no contacts"),
        (b'Record ID,First Name\r\n7,"Ada\r\n8,Bo\r\n', "row 2"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_one_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(data)
    with pytest.raises(CsvRefused) as refused:
        read_contacts_csv(path)
    sentence = str(refused.value)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvRefused, match=r"was not found\.$"):
        read_contacts_csv(tmp_path / "none.csv")
    with pytest.raises(CsvRefused, match=r"cannot be read: is a directory\.$"):
        read_contacts_csv(tmp_path)


def test_a_sandbox_serves_what_the_file_holds(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, ADA, "99,Bo,,,,,,,,,Dana Whitlock,,,,,", "98,Cy,,,,,,,,,Terri Scott,,,,,")
    with hubspot_sandbox.running(csv=path) as hubspot:
        api = Api(hubspot.url, hubspot.grant().token)
        body = api.list(properties="firstname,hubspot_owner_id")
        assert ids(body) == ["98", "99", "151"]
        owners = {each["properties"]["firstname"]: each["properties"]["hubspot_owner_id"] for each in body["results"]}
        assert owners["Bo"] == "710011"
        assert owners["Ada"] == owners["Cy"]
        assert api.get(f"/crm/owners/2026-09/{owners['Ada']}").json()["lastName"] == "Scott"
        api.close()
