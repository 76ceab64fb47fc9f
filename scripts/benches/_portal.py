"""The HubSpot that is measured against: the sandbox in a process of its own, with HubSpot's limits, and answers that
take as long as HubSpot's do.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from callbook.hubspot.contacts import MODIFIED, PATH
from tests.e2e.processes import Program
from tests.e2e.stack import running_sandbox

UP_WITHIN_S = 600.0  # a million contacts are made up first
TIMEOUT_S = 300
LIMITS = {"general-limit": 110, "search-limit": 5, "associations-limit": 100}


@dataclass(frozen=True)
class Manner:
    """How HubSpot answers; the index lags by the sandbox's own default, and by as much as `believed_lag_s` for what the
    service knows.
    """

    latency_ms: float = 150
    per_record_ms: float = 1
    index_lag_s: float = 3
    believed_lag_s: float = 0

    @property
    def options(self) -> list[str]:
        manner = {"latency-ms": self.latency_ms, "per-record-ms": self.per_record_ms, "index-lag-s": self.index_lag_s}
        return [word for name, value in (LIMITS | manner).items() for word in (f"--{name}", str(value))]


@dataclass(frozen=True)
class Changes:
    """How many contacts change, come, go, and are merged in pairs."""

    changed: int
    created: int
    archived: int
    merged: int

    @classmethod
    def among(cls, contacts: int) -> "Changes":
        """500, 30, 50 and 20 of 100,000."""
        share = contacts / 100_000
        return cls(*(max(1, round(count * share)) for count in (500, 30, 50, 20)))


@dataclass(frozen=True)
class Changed:
    """The ids of what was done; `survivors` are the new contacts that merges made of `swallowed`."""

    changed: tuple[int, ...]
    created: tuple[int, ...]
    archived: tuple[int, ...]
    swallowed: tuple[tuple[int, int], ...]
    survivors: tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """What was asked of HubSpot: the requests answered by endpoint, whatever the answer, and the worst of them."""

    by_endpoint: Mapping[str, int]
    throttled: int
    busiest_second: int

    def of(self, *endpoints: str) -> int:
        return sum(self.by_endpoint.get(each, 0) for each in endpoints)


class Portal:
    def __init__(self, url: str, program: Program, manner: Manner) -> None:
        self.url, self.program, self.manner = url, program, manner
        self._http = requests.Session()
        self._http.trust_env = False  # loopback is asked directly

    def forget(self) -> None:
        """Requests are counted from nothing again."""
        self._ask("DELETE", "statistics")

    def asked(self) -> Asked:
        told = self._ask("GET", "statistics")
        by_endpoint = {name: sum(counts.values()) for name, counts in told["by_endpoint"].items()}
        return Asked(by_endpoint, told["throttled"], told["busiest_second"])

    def let_seek(self, *, sought: bool) -> None:
        """Whether the list can be entered at any id."""
        self._ask("PATCH", "options", unknown_after="sought" if sought else "ignored")

    def token(self) -> str:
        return str(self._ask("POST", "grants")["access_token"])

    def contacts(self) -> dict[int, str]:
        """All there are, each with the moment of its last change; read at once, as nobody else may."""
        manner = {"general_limit": LIMITS["general-limit"], "latency_ms": self.manner.latency_ms}
        self._ask("PATCH", "options", **dict.fromkeys(manner, 0))
        found: dict[int, str] = {}
        headers, params = {"Authorization": f"Bearer {self.token()}"}, {"limit": "100", "properties": MODIFIED}
        while params.get("after") != "":
            page = self._http.get(f"{self.url}{PATH}", headers=headers, params=params, timeout=TIMEOUT_S).json()
            found |= {int(each["id"]): each["properties"][MODIFIED] for each in page["results"]}
            params["after"] = page.get("paging", {}).get("next", {}).get("after", "")
        self._ask("PATCH", "options", **manner)
        return found

    def change(self, ids: Sequence[int], count: Changes, job: str) -> Changed:
        """Does `count` to some of `ids`; who is changed or created has `job`. Then waits until search shows it."""
        chosen = iter(random.Random(1).sample(ids, count.changed + count.archived + 2 * count.merged))  # noqa: S311 - the same each time
        changed = tuple(next(chosen) for _ in range(count.changed))
        archived = tuple(next(chosen) for _ in range(count.archived))
        swallowed = tuple((next(chosen), next(chosen)) for _ in range(count.merged))
        for each in changed:
            self._ask("PATCH", f"contacts/{each}", properties={"jobtitle": job})
        created = [
            self._ask("POST", "contacts", properties={"lastname": f"New {n}", "jobtitle": job})
            for n in range(count.created)
        ]
        for each in archived:
            self._ask("DELETE", f"contacts/{each}")
        merged = [self._ask("POST", "contacts/merge", primary_id=one, other_id=other) for one, other in swallowed]
        self._until_indexed()
        return Changed(changed, _ids(created), archived, swallowed, _ids(merged))

    def edit_at_once(self, ids: Sequence[int], job: str) -> None:
        """All in one millisecond. Then waits until search shows it."""
        self._ask("PATCH", "contacts", properties={"jobtitle": job}, ids=list(ids))
        self._until_indexed()

    def _until_indexed(self) -> None:
        time.sleep(max(self.manner.index_lag_s, self.manner.believed_lag_s) + 0.1)

    def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._http.request(method, f"{self.url}/__sandbox/{path}", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def close(self) -> None:
        self._http.close()


def _ids(records: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    return tuple(int(each["id"]) for each in records)


@contextmanager
def running_portal(folder: Path, contacts: int, manner: Manner) -> Iterator[Portal]:
    options = ["--contacts", str(contacts), *manner.options]
    with running_sandbox(folder, *options, within_s=UP_WITHIN_S) as (program, url):
        portal = Portal(url, program, manner)
        try:
            yield portal
        finally:
            portal.close()
