"""Everything about a sandbox that can be chosen, in one place: the fields of `Options` are the fixture's, the options
of the command line (`index_lag_s` is `--index-lag-s`), what the control API shows and changes, a table of the README.
A fact that HubSpot leaves uncertain is an option marked `Uncertain`, and the more awkward choice is its default.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hubspot_sandbox.bodies import ControlBody
from hubspot_sandbox.standard_webhooks import key_of


@dataclass(frozen=True)
class Shell:
    """The default from the command line, where it is another than in the fixture."""

    default: object


@dataclass(frozen=True)
class Uncertain:
    """HubSpot's documentation does not settle it, nor has anybody observed it; `section` is of the fact sheet."""

    section: str


@dataclass(frozen=True)
class Fixed:
    """It cannot change while the sandbox runs."""


def _webhook_secret(text: str) -> str:
    key_of(text)
    return text


class Options(ControlBody):
    portal_id: Annotated[int, Fixed()] = Field(62515, ge=1, description="the account's id")
    app_name: str = Field("Callbook", description="who asks for consent")
    client_id: str = Field("sandbox-client", description="the app's client id")
    client_secret: str = Field("sandbox-secret", description="the app's client secret, known to all")
    redirect_uris: tuple[str, ...] = Field((), description="where a consent may lead; none named: any loopback address")
    rotate_refresh_tokens: bool = Field(default=False, description="a refresh gives a new refresh token")
    latency_ms: float = Field(0, ge=0, description="how long every answer takes, at the least")
    per_record_ms: float = Field(0, ge=0, description="how much longer it takes for each record it carries")
    jitter_ms: float = Field(0, ge=0, description="and by how much more at random, by a fixed seed")
    general_limit: Annotated[int, Shell(110)] = Field(0, ge=0, description="requests per rolling 10 s, 0 for no limit")
    search_limit: Annotated[int, Shell(5)] = Field(0, ge=0, description="searches per rolling second, 0 for no limit")
    associations_limit: Annotated[int, Shell(100), Uncertain("4.2")] = Field(
        0, ge=0, description="requests for associations per rolling 10 s, 0 for no limit"
    )
    daily_limit: int = Field(0, ge=0, description="requests of the general budget per day (UTC), 0 for no limit")
    others_per_s: float = Field(
        0, ge=0, le=10_000, description="what other apps take of the general budget each second"
    )
    refused_requests_count: Annotated[bool, Uncertain("4.2")] = Field(
        default=True, description="whether a request that was answered 429 is taken out of the budget all the same"
    )
    retry_after_on_429: Annotated[bool, Uncertain("4.2")] = Field(
        default=False, description="whether a 429 says when to come back"
    )
    max_url_characters: int = Field(8_000, ge=1, description="a path and query longer than this is answered 414")
    unknown_after: Literal["sought", "ignored", "refused"] = Field(
        "sought", description="what the list does with an `after` it never gave out: seek it, begin anew, or 400"
    )
    list_order: Literal["id", "created", "newest_first", "shuffled"] = Field(
        "id", description="how lists of records are ordered; by anything but the id nothing can be sought"
    )
    index_lag_s: Annotated[float, Shell(3)] = Field(0, ge=0, description="how long until search shows a change")
    unknown_filter_property: Annotated[Literal["empty", "refuse"], Uncertain("3.5")] = Field(
        "empty", description="what a search for a property that does not exist gives: nothing, or 400"
    )
    search_from_epoch_fails: bool = Field(
        default=True, description="whether a search for all since 1970 is answered 500"
    )
    search_slack_ms: int = Field(
        0, ge=0, description="how far results of a search may lie outside its moments, and out of their order"
    )
    code_life_s: Annotated[float, Uncertain("2.1")] = Field(
        60, gt=0, description="how long an authorization code lives"
    )
    access_tokens_survive_uninstall_s: Annotated[float, Uncertain("2.4")] = Field(
        1800, ge=0, description="how long an access token goes on working after the app was uninstalled"
    )
    developer_key: str = Field("sandbox-developer-key", description="the hapikey that configures push webhooks")
    webhook_delay_s: float = Field(0.2, ge=0, description="how long push events are gathered before they are delivered")
    webhook_timeout_s: float = Field(5, gt=0, description="how long the receiver has for its answer")
    webhooks_shuffled: float = Field(1, ge=0, le=1, description="the share of flushes whose events are out of order")
    webhooks_doubled: float = Field(0.1, ge=0, le=1, description="the share of push events that are delivered twice")
    webhook_ids_repeated: float = Field(0.1, ge=0, le=1, description="the share of push events with an earlier eventId")
    webhook_seed: Annotated[int, Fixed()] = Field(1, description="the same seed shuffles and doubles alike")
    merges_tell_deletions: Annotated[bool, Uncertain("14.2")] = Field(
        default=False, description="whether a merge pushes a deletion of each of the merged, too"
    )
    journal_delay_s: Annotated[float, Shell(5), Uncertain("15")] = Field(
        0, ge=0, description="how long until the journal has a change"
    )
    journal_lost_offset: Annotated[Literal["refused", "not_found", "gone", "nothing_new"], Uncertain("15")] = Field(
        "refused", description="what the journal answers to an offset it does not know (any more): 400, 404, 410 or 204"
    )
    journal_tells_calculated: Annotated[bool, Uncertain("15")] = Field(
        default=False, description="whether a calculated property that changes is an UPDATE in the journal"
    )
    journal_tells_gdpr_as_delete: Annotated[bool, Uncertain("15")] = Field(
        default=False, description="whether a GDPR deletion is a DELETE in the journal, too"
    )
    oversized_pages_are_refused: Annotated[bool, Uncertain("3.1")] = Field(
        default=True, description="whether a `limit` above the maximum is answered 400; else it is cut to the maximum"
    )
    merged_object_ids_are_null_on_contacts: Annotated[bool, Uncertain("3.7")] = Field(
        default=False, description="whether hs_merged_object_ids stays empty on a merged contact"
    )
    archiving_again_is_not_found: Annotated[bool, Uncertain("3.4")] = Field(
        default=False, description="whether archiving an archived record is answered 404, else 204"
    )
    single_associations_are_missing_in_2026_09: Annotated[bool, Uncertain("8")] = Field(
        default=True, description="whether only the v4 paths have the list of one record's associations"
    )
    association_ids_are_numbers: Annotated[bool, Uncertain("8")] = Field(
        default=True, description="whether toObjectId is a number under the 2026-09 paths, else a string"
    )
    gdpr_deleted_are_listed_as_archived: Annotated[bool, Uncertain("3.8")] = Field(
        default=True, description="whether archived=true lists contacts that a GDPR deletion took"
    )
    control_from_anywhere: Annotated[bool, Fixed()] = Field(
        default=False, description="the page and the control API answer other machines too"
    )
    ring_url: str = Field(
        "", pattern=r"^(https?://[^/\s]+.*)?$", description="who is told of calls, a POST each; without it nobody is"
    )
    ring_secret: Annotated[str, AfterValidator(_webhook_secret)] = Field(
        "", description="what those POSTs are signed with, by the Standard Webhooks convention (whsec_ and base64)"
    )

    def changed(self, **changes: object) -> "Options":
        """Give these options with some changed. Raises pydantic's `ValidationError`."""
        return type(self).model_validate({**self.model_dump(), **changes})

    def allows_redirect(self, uri: str) -> bool:
        return uri in self.redirect_uris if self.redirect_uris else _is_loopback(uri)


@dataclass(frozen=True)
class Choice:
    """One field of `Options`, as the command line and the documentation need it."""

    name: str
    type: Any
    default: Any
    shell_default: Any
    help: str
    uncertain: str | None
    fixed: bool

    @property
    def flag(self) -> str:
        """What may be given several times is named in the singular."""
        name = self.name.removesuffix("s") if isinstance(self.default, tuple) else self.name
        return f"--{name.replace('_', '-')}"


def choices() -> list[Choice]:
    found = []
    for name, info in Options.model_fields.items():
        marks = {type(mark): mark for mark in info.metadata}
        shell, uncertain = marks.get(Shell), marks.get(Uncertain)
        found.append(
            Choice(
                name,
                info.annotation,
                info.default,
                info.default if shell is None else shell.default,
                info.description or "",
                None if uncertain is None else uncertain.section,
                Fixed in marks,
            )
        )
    return found


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
