"""The sandbox as a phone system: it places calls, and tells one receiver what becomes of them.

Each event is a POST by the Standard Webhooks convention (https://www.standardwebhooks.com), in the order of the events.
"""

import json
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from hubspot_sandbox import errors
from hubspot_sandbox.moments import iso
from hubspot_sandbox.options import Options
from hubspot_sandbox.outgoing import Reply, post
from hubspot_sandbox.standard_webhooks import signed_headers

RINGING, ANSWERED, ENDED, MISSED = "ringing", "answered", "ended", "missed"
KEPT = 20
NO_RECEIVER = "Nobody is told of calls: start the sandbox with --ring-url URL and --ring-secret SECRET."


@dataclass(frozen=True)
class Told:
    """One event of a call. `reply` is done once the receiver has answered, or could not."""

    state: str
    at_ms: int
    reply: Future[Reply]

    @property
    def answer(self) -> Reply | None:
        return self.reply.result() if self.reply.done() else None


@dataclass
class PhoneCall:
    id: str
    number: str  # "" is withheld
    to: str
    told: list[Told] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.told[-1].state

    @property
    def is_over(self) -> bool:
        return self.state in (ENDED, MISSED)


class Switchboard:
    """`calls` are newest first. Its time is the machine's, as a phone system's is, not the portal's."""

    def __init__(self, options: Callable[[], Options]) -> None:
        self.calls: list[PhoneCall] = []
        self._options = options
        self._line = ThreadPoolExecutor(1, "sandbox-ring")  # one, so that events arrive in their order

    @property
    def has_receiver(self) -> bool:
        return bool(self._options().ring_url and self._options().ring_secret)

    def ring(self, number: str, to: str) -> PhoneCall:
        """Ring `to` from `number`, "" for a withheld one."""
        if not self.has_receiver:
            raise errors.validation(NO_RECEIVER)
        call = PhoneCall(f"call-{secrets.token_hex(6)}", number, to)
        self._tell(call, RINGING)
        self.calls = [call, *self.calls][:KEPT]
        return call

    def answer(self, call_id: str) -> PhoneCall:
        call = self._known(call_id)
        if call.state != RINGING:
            raise errors.envelope(409, f"The call does not ring: it is {call.state}.", "CONFLICT")
        self._tell(call, ANSWERED)
        return call

    def hang_up(self, call_id: str) -> PhoneCall:
        """End a call; one that nobody has answered is missed."""
        call = self._known(call_id)
        if call.is_over:
            raise errors.envelope(409, f"The call is over: it is {call.state}.", "CONFLICT")
        self._tell(call, MISSED if call.state == RINGING else ENDED)
        return call

    def _known(self, call_id: str) -> PhoneCall:
        for call in self.calls:
            if call.id == call_id:
                return call
        raise errors.not_found()

    def _tell(self, call: PhoneCall, state: str) -> None:
        at_ms = time.time_ns() // 1_000_000
        event = {"call_id": call.id, "direction": "inbound", "state": state, "from": call.number, "to": call.to}
        body = json.dumps({**event, "at": iso(at_ms)}).encode()
        signature = signed_headers(self._options().ring_secret, f"msg_{secrets.token_hex(12)}", at_ms, body)
        reply = self._line.submit(
            post, self._options().ring_url, body, {"Content-Type": "application/json"} | signature
        )
        call.told.append(Told(state, at_ms, reply))
