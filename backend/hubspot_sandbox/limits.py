"""The request budgets of the account: one for most calls, one for search, one for associations, and a day's.

They are the account's and not the client's, so other apps eat from the general one too. Windows roll by the portal's
clock. Usage guide: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from hubspot_sandbox import errors
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options

Budget = Literal["general", "search", "associations"]
Headers = Mapping[str, str]

TEN_SECONDS_MS = 10_000
SECOND_MS = 1_000
DAY_MS = 86_400_000
TEN_SECONDLY, SECONDLY, DAILY = "TEN_SECONDLY_ROLLING", "SECONDLY", "DAILY"


class Window:
    """When requests came within the last `span_ms`."""

    def __init__(self, span_ms: int) -> None:
        self.span_ms = span_ms
        self._at_ms: deque[float] = deque()

    def add(self, at_ms: float) -> None:
        self._at_ms.append(at_ms)

    def used(self, now_ms: int) -> int:
        at_ms = self._at_ms
        if at_ms and at_ms[-1] > now_ms:  # the clock was set back
            at_ms.clear()
        while at_ms and at_ms[0] <= now_ms - self.span_ms:
            at_ms.popleft()
        return len(at_ms)

    def frees_in_ms(self, now_ms: int, most: int) -> float:
        """Give how long a full window takes until it holds fewer than `most`."""
        return self._at_ms[len(self._at_ms) - most] + self.span_ms - now_ms


class Others:
    """Other apps on the same account, which ask evenly and are never held back."""

    def __init__(self) -> None:
        self._next_ms = 0.0

    def ask(self, windows: tuple[Window, ...], now_ms: int, per_s: float) -> None:
        if not per_s:
            self._next_ms = 0.0
            return
        if not self._next_ms or self._next_ms > now_ms + SECOND_MS / per_s:
            self._next_ms = now_ms + SECOND_MS / per_s
        self._next_ms = max(self._next_ms, now_ms - max(each.span_ms for each in windows))
        while self._next_ms <= now_ms:
            for window in windows:
                window.add(self._next_ms)
            self._next_ms += SECOND_MS / per_s


@dataclass
class _Day:
    number: int = 0
    used: int = 0

    def add(self, now_ms: int) -> int:
        """Count a request and give how many there have been on its day, which begins at midnight UTC."""
        if self.number != now_ms // DAY_MS:
            self.number, self.used = now_ms // DAY_MS, 0
        self.used += 1
        return self.used


class Limits:
    def __init__(self, account_id: int, clock: Clock, options: Callable[[], Options]) -> None:
        self._clock = clock
        self._options = options
        self._group = f"publicapi:app:1:hub:{account_id}"
        self._windows: dict[Budget, Window] = {
            "general": Window(TEN_SECONDS_MS),
            "search": Window(SECOND_MS),
            "associations": Window(TEN_SECONDS_MS),
        }
        self._seconds: dict[Budget, Window] = {"general": Window(SECOND_MS), "associations": Window(SECOND_MS)}
        self._others = Others()
        self._day = _Day()

    def admit(self, budget: Budget) -> Headers:
        """Take one request out of a budget and give the headers its answer carries. Raises 429 once it is used up."""
        now_ms, rules = self._clock.now_ms(), self._options()
        if budget == "general" and rules.daily_limit and self._day.add(now_ms) > rules.daily_limit:
            refusal = errors.rate_limited(DAILY, requestId=str(uuid4()))
            raise _telling_when(refusal, DAY_MS - now_ms % DAY_MS) if rules.retry_after_on_429 else refusal
        most = _most(budget, rules)
        return self._roll(budget, most, now_ms, rules) if most else {}

    def refusal(self, budget: Budget) -> Refused:
        """Give the 429 of a budget."""
        if budget == "search":
            return errors.rate_limited(SECONDLY)
        return errors.rate_limited(TEN_SECONDLY, groupName=self._group)

    def _roll(self, budget: Budget, most: int, now_ms: int, rules: Options) -> Headers:
        window, second = self._windows[budget], self._seconds.get(budget)
        windows = (window,) if second is None else (window, second)
        if budget == "general":
            self._others.ask(windows, now_ms, rules.others_per_s)
        used = window.used(now_ms)
        admitted = used < most
        if admitted or rules.refused_requests_count:
            for each in windows:
                each.add(now_ms)
        if not admitted:
            refusal = self.refusal(budget)
            raise _telling_when(refusal, window.frees_in_ms(now_ms, most)) if rules.retry_after_on_429 else refusal
        return {} if second is None else _headers(most, most - used - 1, second.used(now_ms))


def _most(budget: Budget, rules: Options) -> int:
    if budget == "search":
        return rules.search_limit
    return rules.general_limit if budget == "general" else rules.associations_limit


def _telling_when(refusal: Refused, in_ms: float) -> Refused:
    after = {"Retry-After": str(math.ceil(in_ms / 1000))}
    return Refused(replace(refusal.answer, headers={**refusal.answer.headers, **after}))


def _headers(most: int, remaining: int, used_in_second: int) -> Headers:
    in_second = most // 10
    return {
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Remaining": str(remaining),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(TEN_SECONDS_MS),
        "X-HubSpot-RateLimit-Secondly": str(in_second),
        "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, in_second - used_in_second)),
    }
