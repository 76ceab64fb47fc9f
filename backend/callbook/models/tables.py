"""The tables, each with what has to stay true of it. Their columns are written in SQL by the migrations, once more."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, IntegerField, TextField

from callbook.models.rows import (
    Cached,
    JsonField,
    MaybeJsonField,
    MaybeMomentField,
    MomentField,
    Owned,
    Owner,
    Table,
)


class User(Table):
    """A HubSpot user of one portal. `seq` and `event_number` only rise; `cache_epoch` names the cache in use. Who is
    `forgotten` is nobody any more, and waits to be deleted with all their rows.
    """

    portal_id = BigIntegerField()
    hubspot_user_id = BigIntegerField()
    email = TextField(null=True)
    portal_name = TextField()
    ui_domain = TextField()
    portal_region = TextField(null=True)
    default_country = TextField(null=True)
    interval_minutes = IntegerField(default=20)
    next_sync_at = MaybeMomentField()
    last_seen_at = MomentField()
    cache_epoch = IntegerField(default=1)
    purged_epoch = IntegerField(default=0)
    phones_stale = BooleanField(default=False)
    seq = BigIntegerField(default=0)
    seq_pruned = BigIntegerField(default=0)
    event_number = BigIntegerField(default=0)
    events_pruned = BigIntegerField(default=0)
    forgotten = BooleanField(default=False)
    created_at = MomentField()

    class Meta:
        table_name = "users"

    @property
    def owner(self) -> Owner:
        return Owner(self.id, self.cache_epoch)


class Connection(Owned):
    """A user's authorization. Tokens are sealed; `refresh_owner` holds the right to refresh until `refresh_until`."""

    state = TextField()
    state_since = MomentField()
    scopes = TextField()
    access_token = TextField()
    access_expires_at = MomentField()
    refresh_token = TextField()
    refresh_owner = TextField(null=True)
    refresh_until = MaybeMomentField()

    class Meta:
        table_name = "connections"


class Revocation(Owned):
    """A refresh token still to be revoked at HubSpot after Unauthorize."""

    refresh_token = TextField()
    attempts = IntegerField(default=0)
    retry_at = MomentField()

    class Meta:
        table_name = "revocations"


class Session(Owned):
    token_hash = TextField(unique=True)
    created_at = MomentField()
    expires_at = MomentField()

    class Meta:
        table_name = "sessions"


class Ticket(Owned):
    """One opening of the event socket."""

    ticket_hash = TextField(unique=True)
    session_id = BigIntegerField()
    expires_at = MomentField()

    class Meta:
        table_name = "tickets"


class Login(Table):
    """One walk through HubSpot's consent, from `/auth/start` until its one-time code is redeemed."""

    state_hash = TextField(unique=True)
    extension_id = TextField()
    challenge = TextField()
    hubspot_verifier = TextField()
    expires_at = MomentField()
    returned_at = MaybeMomentField()
    code_hash = TextField(null=True, unique=True)
    code_expires_at = MaybeMomentField()
    redeemed_at = MaybeMomentField()
    user_id = BigIntegerField(null=True)

    class Meta:
        table_name = "logins"


class Contact(Cached):
    source = TextField()
    hubspot_id = BigIntegerField(null=True)
    name = TextField()
    company = TextField(null=True)
    job_title = TextField(null=True)
    email = TextField(null=True)
    properties = JsonField()
    region = TextField(null=True)
    company_id = BigIntegerField(null=True)
    hubspot_owner_id = BigIntegerField(null=True)
    last_contacted_at = MaybeMomentField()
    sort_key = TextField()
    letter = TextField()
    search_text = TextField()
    has_number = BooleanField()
    modified_at = MaybeMomentField()
    read_at = MomentField()
    primary = BooleanField(column_name="primary_store")
    absent_run = BigIntegerField(null=True)
    seq = BigIntegerField()
    deleted_at = MaybeMomentField()

    class Meta:
        table_name = "contacts"


class Phone(Cached):
    contact_id = BigIntegerField()
    position = IntegerField()
    property = TextField()
    written = TextField()
    e164 = TextField(null=True)
    extension = TextField(null=True)

    class Meta:
        table_name = "phones"


class Choice(Cached):
    """Whom the user has picked for a number that leads to several; `extension` is "" where there is none."""

    e164 = TextField()
    extension = TextField()
    contact_id = BigIntegerField()

    class Meta:
        table_name = "choices"


class Company(Cached):
    """A company that contacts name. Without a name: one that HubSpot did not give when it was asked."""

    company_id = BigIntegerField()
    name = TextField(null=True)
    search_text = TextField()
    phone = TextField(null=True)
    e164 = TextField(null=True)
    extension = TextField(null=True)
    region = TextField(null=True)

    class Meta:
        table_name = "companies"


class HubSpotOwner(Cached):
    """Whom contacts belong to, in HubSpot's sense. Without a name: one that HubSpot did not give when it was asked."""

    owner_id = BigIntegerField()
    name = TextField(null=True)
    email = TextField(null=True)
    hubspot_user_id = BigIntegerField(null=True)

    class Meta:
        table_name = "owners"


LIVE = ("queued", "running", "waiting", "paused")


class Run(Cached):
    """One sync run. Only the holder of `fence` may write; once `lease_until` has passed another worker may take the
    run, which raises the fence. `paused_ms` is how long it was paused before, `paused_at` since when it is.
    """

    object_type = TextField(default="contacts")
    kind = TextField()
    trigger = TextField()
    state = TextField()
    requested_at = MomentField()
    started_at = MaybeMomentField()
    finished_at = MaybeMomentField()
    watermark_at = MaybeMomentField()
    changed_since_at = MaybeMomentField()
    property_set = TextField()
    accept_removals = BooleanField(default=False)
    lease_owner = TextField(null=True)
    lease_until = MaybeMomentField()
    fence = IntegerField(default=0)
    attempt = IntegerField(default=0)
    retry_at = MaybeMomentField()
    checkpoint = JsonField()
    problem = TextField(null=True)
    total = IntegerField(null=True)
    read = IntegerField(default=0)
    added = IntegerField(default=0)
    updated = IntegerField(default=0)
    removed = IntegerField(default=0)
    unchanged = IntegerField(default=0)
    failed = IntegerField(default=0)
    requests = IntegerField(default=0)
    throttled = IntegerField(default=0)
    remote_total = IntegerField(null=True)
    local_total = IntegerField(null=True)
    removal_held = IntegerField(default=0)
    paused_at = MaybeMomentField()
    paused_ms = BigIntegerField(default=0)
    pace = MaybeJsonField()

    class Meta:
        table_name = "runs"


class Budget(Table):
    """What is known of one of a portal's request budgets. `version` rises with every change of `ledger`."""

    portal_id = BigIntegerField()
    family = TextField()
    version = BigIntegerField()
    ledger = JsonField()

    class Meta:
        table_name = "budgets"


class Problem(Cached):
    """A record that could not be read or stored."""

    object_type = TextField()
    remote_id = TextField()
    category = TextField()
    run_id = BigIntegerField()
    seen_at = MomentField()

    class Meta:
        table_name = "problems"


class Call(Owned):
    """`caller` is kept where it has a name, with `names` and `number_text` folded for the search. `carrier_name` is
    what the phone system calls the caller. `hung_up`: it has said that the call is over, and nothing makes it go on
    again. `ends_at` is of test calls: when the server itself ends it.
    """

    call_id = TextField()
    direction = TextField()
    state = TextField()
    number = TextField()
    e164 = TextField(null=True)
    started_at = MomentField()
    answered_at = MaybeMomentField()
    ended_at = MaybeMomentField()
    caller = MaybeJsonField()
    carrier_name = TextField(null=True)
    names = TextField(null=True)
    number_text = TextField()
    hung_up = BooleanField(default=False)
    ends_at = MaybeMomentField()

    class Meta:
        table_name = "calls"


class Search(Cached):
    """A live search at HubSpot: of a number that called (no `taken_at` until a worker has it), or of what the user has
    asked for (no `e164`).
    """

    e164 = TextField(null=True)
    asked_at = MomentField()
    taken_at = MaybeMomentField()

    class Meta:
        table_name = "searches"


class Line(Owned):
    """A number or an extension whose calls are the user's; nobody else has it."""

    line = TextField(unique=True)

    class Meta:
        table_name = "lines"


class Delivery(Table):
    """A phone system's message that has been acted upon, for as long as it could be sent again."""

    id_hash = TextField(unique=True)
    routed = BooleanField()
    received_at = MomentField()

    class Meta:
        table_name = "deliveries"


class Unrouted(Table):
    """How many events of calls were for nobody, by day of UTC."""

    day = TextField(unique=True)
    count = BigIntegerField()

    class Meta:
        table_name = "unrouted"


class Event(Owned):
    """What a user's browsers should hear, in the order of `number`."""

    number = BigIntegerField()
    kind = TextField()
    at = MomentField()
    data = JsonField()

    class Meta:
        table_name = "events"
