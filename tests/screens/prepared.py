"""What the prepared server knows: Dana Whitlock's account at Brightmoor Supply, its contacts, runs and calls, in the
service's own shapes. The present is `NOW`; all names and numbers are made up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from callbook.web import shapes
from callbook.web.shapes import CallerOut, CallOut, ContactOut, ContactRow, PhoneOut, RunOut, SyncState
from callbook.web.shapes.preferences import LineOut

NOW = datetime(2026, 11, 21, 14, 16, tzinfo=UTC)
HUBSPOT = 98_412


def at(hour: int, minute: int, *, days_ago: int = 0) -> datetime:
    return NOW.replace(hour=hour, minute=minute) - timedelta(days=days_ago)


ACCOUNT = shapes.Account(
    portal_id=4711,
    portal_name="Brightmoor Supply",
    ui_domain="app.hubspot.com",
    user_email="dana.whitlock@brightmoor-supply.example",
    demo=False,
)


# --- contacts


def phone(
    display: str, kind: shapes.PhoneKind = "phone", *, extension: str | None = None, home: str = "+1"
) -> PhoneOut:
    digits = "".join(filter(str.isdigit, display))
    e164 = f"+{digits}" if display.startswith("+") else f"{home}{digits}"
    return PhoneOut(kind=kind, raw=display, e164=e164, extension=extension, display=display)


def row(number: int, name: str, company: str | None, display: str | None, **changes: Any) -> ContactRow:
    values: dict[str, Any] = {
        "id": number,
        "source": "hubspot",
        "name": name,
        "company": company,
        "job_title": None,
        "letter": name.rsplit(" ", maxsplit=1)[-1][0].upper(),
        "phone": None if display is None else phone(display),
    }
    return ContactRow(**{**values, **changes})


# Ordered by last name, as the service orders them.
PEOPLE: tuple[ContactRow, ...] = (
    row(11, "Ben Carver", None, "(646) 555-0175", source="personal"),
    row(12, "Lena Castellan", "Osprey Logistics", "(708) 555-0190"),
    row(13, "Bianca Ferraro", "Portico Legal", "(415) 555-0132", job_title="VP Operations"),
    row(14, "Tomás Fuentes", "Atrio Diseño", "+34 919 93 01 18"),
    row(15, "Beatrix Kohl", "Kohl Optik GmbH", "+49 30 23125 014"),
    row(16, "Adaeze Nwosu", "Larkspur Health", "(617) 555-0128"),
    row(17, "Caleb Osei", "Tidewater Marine", "(504) 555-0119"),
    row(18, "Alma Reyes", "Reyes & Soto Architects", "(213) 555-0183"),
    row(19, "Priya Raman", "Helix Instruments", None, job_title="Buyer"),
    row(20, "Aaron Whitfield", "Halden Freight", "(312) 555-0147"),
    row(21, "Nora Zielinski", "Blue Harbour Dental", "(206) 555-0156"),
)
LONG_NAMES: tuple[ContactRow, ...] = (
    row(31, "Maximiliane von Hohenstein-Oberwesel zu Guttenberg", "Vereinigte Norddeutsche Speditionsgesellschaft mbH",
        "+49 30 23125 088"),
    row(33, "Zoë Ng", "Überlandwerk", None),
    row(32, "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessen", None,
        "(415) 555-0144", job_title="Senior Vice President of International Business Development and Partnerships"),
)  # fmt: skip


def bianca(**changes: Any) -> ContactOut:
    values: dict[str, Any] = {
        **PEOPLE[2].model_dump(),
        "first_name": "Bianca",
        "last_name": "Ferraro",
        "email": "bianca.ferraro@portico.example",
        "phones": [phone("(415) 555-0132", "mobile"), phone("(415) 555-0100", extension="214")],
        "company_line": shapes.CompanyLine(
            kind="company", raw="(415) 555-0100", e164="+14155550100", extension=None, display="(415) 555-0100"
        ),
        "owner": shapes.OwnerOut(name="Dana Whitlock", email=ACCOUNT.user_email, is_me=True),
        "last_call": call(
            3, caller(PEOPLE[2]), started_at=at(16, 8, days_ago=1), talked=timedelta(minutes=4, seconds=12)
        ),
        "hubspot_url": "https://app.hubspot.com/contacts/4711/record/0-1/60218834",
        "modified_at": NOW - timedelta(days=2),
    }
    return ContactOut(**{**values, **changes})


def ben(**changes: Any) -> ContactOut:
    values: dict[str, Any] = {
        **PEOPLE[0].model_dump(),
        "first_name": "Ben",
        "last_name": "Carver",
        "email": "ben@carver.example",
        "phones": [phone("(646) 555-0175", "mobile")],
        "company_line": None,
        "owner": None,
        "last_call": None,
        "hubspot_url": None,
        "modified_at": None,
    }
    return ContactOut(**{**values, **changes})


def remote(one: ContactRow, **changes: Any) -> shapes.RemoteRow:
    """As a search at HubSpot finds it."""
    values: dict[str, Any] = {
        "hubspot_id": str(60_218_000 + one.id),
        "contact_id": one.id,
        "name": one.name,
        "company": one.company,
        "job_title": one.job_title,
        "phones": [] if one.phone is None else [one.phone],
        "email": None,
        "hubspot_url": f"https://app.hubspot.com/contacts/4711/record/0-1/{60_218_000 + one.id}",
    }
    return shapes.RemoteRow(**{**values, **changes})


# --- runs


def run(**changes: Any) -> RunOut:
    """A first run under way."""
    values: dict[str, Any] = {
        "id": 40,
        "kind": "full",
        "trigger": "first",
        "state": "running",
        "problem": None,
        "requested_at": at(14, 10),
        "started_at": at(14, 10),
        "finished_at": None,
        "retry_at": None,
        "paused_at": None,
        "changed_since": None,
        "duration_s": None,
        "seconds_left": 360,
        "total": HUBSPOT,
        "read": 12_300,
        "added": 0,
        "updated": 0,
        "removed": 0,
        "unchanged": 0,
        "failed": 0,
        "requests": 412,
        "throttled": 0,
        "remote_total": None,
        "local_total": None,
        "removal_held": 0,
    }
    return RunOut(**{**values, **changes})


def ended(**changes: Any) -> RunOut:
    """A run of recent changes that came out right."""
    values = {
        "id": 39,
        "kind": "recent",
        "trigger": "automatic",
        "state": "finished",
        "finished_at": at(14, 12),
        "changed_since": at(13, 52),
        "duration_s": 9.0,
        "seconds_left": None,
        "total": 229,
        "read": 229,
        "added": 14,
        "updated": 212,
        "removed": 3,
        "remote_total": HUBSPOT,
        "local_total": HUBSPOT,
    }
    return run(**{**values, **changes})


def sync(*, hubspot: int = HUBSPOT, personal: int = 19, **changes: Any) -> SyncState:
    """All is well."""
    counts = shapes.CacheCounts(
        all=hubspot + personal, hubspot=hubspot, personal=personal, without_phone=hubspot // 31, number_unreadable=0
    )
    values: dict[str, Any] = {
        "connection": shapes.ConnectionOut(state="connected", since=at(13, 40), account=ACCOUNT),
        "counts": counts,
        "run": None,
        "last_run": ended(),
        "last_synced_at": at(14, 12),
        "next_sync_at": at(14, 32),
        "interval_minutes": 20,
        "event": 12,
    }
    return SyncState(**{**values, **changes})


def reconnect() -> shapes.ConnectionOut:
    return shapes.ConnectionOut(state="reconnect_needed", since=at(13, 40), account=ACCOUNT)


def demo() -> shapes.ConnectionOut:
    """A sandbox's account."""
    made_up = ACCOUNT.model_copy(update={"demo": True})
    return shapes.ConnectionOut(state="connected", since=at(13, 40), account=made_up)


# --- calls


def caller(*people: ContactRow, display: str | None = None, **changes: Any) -> CallerOut:
    numbers = [one.phone for one in people if one.phone is not None]
    number = numbers[0] if display is None else phone(display)
    candidates = [shapes.CandidateOut(**one.model_dump(), matched=one.phone or number) for one in people]
    values: dict[str, Any] = {
        "number": number.e164,
        "e164": number.e164,
        "extension": number.extension,
        "display": number.display,
        "country": "US",
        "label": "exact" if len(people) == 1 else "shared" if people else "none",
        "reason": None if people else "not_found",
        "people": len(people),
        "company": None,
        "candidates": candidates,
    }
    return CallerOut(**{**values, **changes})


def withheld() -> CallerOut:
    nobody = caller(display="(929) 555-0164")
    return nobody.model_copy(update={"number": "", "e164": None, "display": "", "country": None, "reason": "withheld"})


def call(number: int, who: CallerOut, *, talked: timedelta | None = None, **changes: Any) -> CallOut:
    started_at: datetime = changes.pop("started_at")
    values: dict[str, Any] = {
        "id": number,
        "call_id": f"call-{number}",
        "direction": "inbound",
        "state": "missed" if talked is None else "ended",
        "rings_ms": 0,
        "number": who.number,
        "started_at": started_at,
        "answered_at": None if talked is None else started_at,
        "ended_at": started_at + (talked or timedelta(seconds=20)),
        "caller": who,
    }
    return CallOut(**{**values, **changes})


def calls() -> list[CallOut]:
    """Every kind of row of the history, newest first."""
    ben, _lena, bianca, _tomas, _beatrix, adaeze, caleb, alma, _priya, aaron, _nora = PEOPLE
    unknown = caller(display="(929) 555-0164")
    return [
        call(9, caller(adaeze), started_at=at(13, 52), talked=timedelta(minutes=6, seconds=41)),
        call(8, unknown, started_at=at(13, 20)),
        call(7, caller(aaron, alma, bianca, display="(312) 555-0100"), started_at=at(11, 47),
             talked=timedelta(minutes=2, seconds=5)),
        call(6, caller(caleb), started_at=at(9, 14), talked=timedelta(seconds=38), direction="outbound"),
        call(5, caller(bianca), started_at=at(16, 8, days_ago=1), talked=timedelta(minutes=4, seconds=12)),
        call(4, withheld(), started_at=at(15, 31, days_ago=1)),
        call(3, caller(ben), started_at=at(12, 2, days_ago=1), direction="outbound", state="ended"),
    ]  # fmt: skip


# --- phones, as the server has them for the phone window: one that speaks, and one that never does

_PHONE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A phone</title>
<style>body { font: 14px Inter; display: grid; place-items: center; height: 90vh; margin: 0; color: #555 }</style>
<main><p>RingCentral’s phone</p></main>"""
_SPEAKS = "<script>parent.postMessage({ type: 'rc-dialer-status-notify', ready: true }, '*')</script>"
PHONES = {"/phone": _PHONE + _SPEAKS, "/silent-phone": _PHONE}


# --- all of it


@dataclass(frozen=True)
class Refuses:
    status: int
    kind: str


@dataclass(frozen=True)
class Answers:
    """`away` is a server that gives no answer; `consent` is what the sign-in window ends with; `refuses` names routes
    ("POST /api/sync") that are answered with a refusal.
    """

    sync: SyncState = field(default_factory=sync)
    people: Sequence[ContactRow] = PEOPLE
    contact: ContactOut = field(default_factory=bianca)
    calls: Sequence[CallOut] = field(default_factory=calls)
    problems: shapes.ProblemsOut = field(default_factory=lambda: shapes.ProblemsOut(problems=[], total=0))
    settings: shapes.PreferencesOut = field(
        default_factory=lambda: shapes.PreferencesOut(interval_minutes=20, default_country="US", effective_country="US")
    )
    lines: Sequence[LineOut] = (
        LineOut(line="+12015550111", display="(201) 555-0111"),
        LineOut(line="101", display="101"),
    )
    searched_as: shapes.SearchedAs | None = None
    remote: shapes.RemoteSearchOut = field(
        default_factory=lambda: shapes.RemoteSearchOut(contacts=[], searched="+1 929 555 0164", retry_at=None)
    )
    away: bool = False
    consent: str = "code=one-time"
    refuses: Mapping[str, Refuses] = field(default_factory=dict)

    def listing(self, query: shapes.ContactsIn) -> shapes.ContactsOut:
        """The first contacts are those prepared; the rest of a long list is counted, but nobody looks so far."""
        if query.q:
            return self._found(query)
        counts = shapes.CountsOut(**self.sync.counts.model_dump(include=set(shapes.CountsOut.model_fields)))
        people = [one for one in self.people if query.source in ("all", one.source)]
        total = max(len(people), getattr(counts, query.source)) if people else 0
        return shapes.ContactsOut(
            contacts=people[query.offset : query.offset + query.limit],
            counts=counts,
            total=total,
            next=None,
            letters=_letters(people, total) if query.letters else None,
            searched_as=None,
        )

    def history(self, query: shapes.HistoryIn) -> shapes.CallsOut:
        missed = [one for one in self.calls if one.state == "missed"]
        unknown = [one for one in self.calls if one.caller.label == "none"]
        shown = {"all": list(self.calls), "missed": missed, "unknown": unknown}[query.filter]
        counts = shapes.CallCounts(all=len(self.calls), missed=len(missed), unknown=len(unknown))
        return shapes.CallsOut(calls=shown, next=None, total=len(shown), counts=counts)

    def _found(self, query: shapes.ContactsIn) -> shapes.ContactsOut:
        words = query.q.casefold()
        digits = "".join(filter(str.isdigit, words))
        found = [one for one in self.people if words in _text(one) or (digits and digits in _digits(one))]
        shown = [one for one in found if query.source in ("all", one.source)]
        personal = sum(one.source == "personal" for one in found)
        return shapes.ContactsOut(
            contacts=shown,
            counts=shapes.CountsOut(all=len(found), hubspot=len(found) - personal, personal=personal),
            total=len(shown),
            next=None,
            letters=None,
            searched_as=self.searched_as,
        )


FIRST_PAGE = shapes.ContactsIn(letters=True)


def _text(one: ContactRow) -> str:
    return f"{one.name} {one.company or ''}".casefold()


def _digits(one: ContactRow) -> str:
    return "".join(filter(str.isdigit, one.phone.display)) if one.phone else ""


def _letters(people: Sequence[ContactRow], total: int) -> list[shapes.LetterOut]:
    """The last letter has all the rest."""
    letters = []
    offset = 0
    for letter, some in groupby(people, lambda one: one.letter):
        count = len(list(some))
        letters.append(shapes.LetterOut(letter=letter, offset=offset, count=count))
        offset += count
    if letters:
        letters[-1].count += total - offset
    return letters


def refusal(kind: str) -> shapes.Refusal:
    return shapes.Refusal(error=shapes.RefusalFacts(kind=kind, message=kind, request_id="prepared"))
