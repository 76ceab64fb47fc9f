"""The first tables. Frozen: later changes are later migrations. Plain SQL that SQLite and PostgreSQL read alike."""

from typing import Any

from peewee import SqliteDatabase

TABLES = {
    "users": """
        portal_id BIGINT NOT NULL, hubspot_user_id BIGINT NOT NULL, email TEXT, portal_name TEXT NOT NULL,
        ui_domain TEXT NOT NULL, portal_region TEXT, default_country TEXT, interval_minutes INTEGER NOT NULL,
        next_sync_at BIGINT, last_seen_at BIGINT NOT NULL, cache_epoch INTEGER NOT NULL, purged_epoch INTEGER NOT NULL,
        phones_stale BOOLEAN NOT NULL, seq BIGINT NOT NULL, event_number BIGINT NOT NULL, events_pruned BIGINT NOT NULL,
        created_at BIGINT NOT NULL""",
    "connections": """
        user_id BIGINT NOT NULL, state TEXT NOT NULL, state_since BIGINT NOT NULL, scopes TEXT NOT NULL,
        access_token TEXT NOT NULL, access_expires_at BIGINT NOT NULL, refresh_token TEXT NOT NULL,
        refresh_owner TEXT, refresh_until BIGINT""",
    "revocations": """
        user_id BIGINT NOT NULL, refresh_token TEXT NOT NULL, attempts INTEGER NOT NULL, retry_at BIGINT NOT NULL""",
    "sessions": """
        user_id BIGINT NOT NULL, token_hash TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL""",
    "tickets": """
        user_id BIGINT NOT NULL, ticket_hash TEXT NOT NULL, session_id BIGINT NOT NULL, expires_at BIGINT NOT NULL""",
    "logins": """
        state_hash TEXT NOT NULL, extension_id TEXT NOT NULL, challenge TEXT NOT NULL, hubspot_verifier TEXT NOT NULL,
        expires_at BIGINT NOT NULL, returned_at BIGINT, code_hash TEXT, code_expires_at BIGINT, redeemed_at BIGINT,
        user_id BIGINT""",
    "contacts": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, source TEXT NOT NULL, hubspot_id BIGINT, name TEXT NOT NULL,
        company TEXT, job_title TEXT, email TEXT, properties TEXT NOT NULL, region TEXT,
        sort_key TEXT {bytewise} NOT NULL, letter TEXT NOT NULL, search_text TEXT NOT NULL, has_number BOOLEAN NOT NULL,
        modified_at BIGINT, read_at BIGINT NOT NULL, primary_store BOOLEAN NOT NULL, absent_run BIGINT,
        seq BIGINT NOT NULL, deleted_at BIGINT""",
    "phones": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, contact_id BIGINT NOT NULL, position INTEGER NOT NULL,
        property TEXT NOT NULL, written TEXT NOT NULL, e164 TEXT, extension TEXT""",
    "runs": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, object_type TEXT NOT NULL, kind TEXT NOT NULL,
        "trigger" TEXT NOT NULL, state TEXT NOT NULL, requested_at BIGINT NOT NULL, started_at BIGINT,
        finished_at BIGINT, watermark_at BIGINT, changed_since_at BIGINT, property_set TEXT NOT NULL,
        accept_removals BOOLEAN NOT NULL, lease_owner TEXT, lease_until BIGINT, fence INTEGER NOT NULL,
        attempt INTEGER NOT NULL, retry_at BIGINT, checkpoint TEXT NOT NULL, problem TEXT,
        total INTEGER, read INTEGER NOT NULL, added INTEGER NOT NULL, updated INTEGER NOT NULL,
        removed INTEGER NOT NULL, unchanged INTEGER NOT NULL, failed INTEGER NOT NULL, requests INTEGER NOT NULL,
        throttled INTEGER NOT NULL, remote_total INTEGER, local_total INTEGER, removal_held INTEGER NOT NULL""",
    "problems": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, object_type TEXT NOT NULL, remote_id TEXT NOT NULL,
        category TEXT NOT NULL, run_id BIGINT NOT NULL, seen_at BIGINT NOT NULL""",
    "calls": """
        user_id BIGINT NOT NULL, call_id TEXT NOT NULL, direction TEXT NOT NULL, state TEXT NOT NULL,
        number TEXT NOT NULL, started_at BIGINT NOT NULL, answered_at BIGINT, ended_at BIGINT, caller TEXT""",
    "events": """
        user_id BIGINT NOT NULL, number BIGINT NOT NULL, kind TEXT NOT NULL, at BIGINT NOT NULL, data TEXT NOT NULL""",
}

INDEXES = (
    "UNIQUE INDEX users_who ON users (portal_id, hubspot_user_id)",
    "INDEX users_due ON users (next_sync_at)",
    "UNIQUE INDEX connections_user ON connections (user_id)",
    "INDEX revocations_due ON revocations (retry_at)",
    "UNIQUE INDEX sessions_token ON sessions (token_hash)",
    "INDEX sessions_user ON sessions (user_id)",
    "UNIQUE INDEX tickets_ticket ON tickets (ticket_hash)",
    "UNIQUE INDEX logins_state ON logins (state_hash)",
    "UNIQUE INDEX logins_code ON logins (code_hash)",
    "UNIQUE INDEX contacts_remote ON contacts (user_id, epoch, hubspot_id)",
    "INDEX contacts_list ON contacts (user_id, epoch, sort_key, id) WHERE deleted_at IS NULL",
    "INDEX contacts_source ON contacts (user_id, epoch, source, sort_key, id) WHERE deleted_at IS NULL",
    "INDEX contacts_tally ON contacts (user_id, epoch, source, has_number, letter) WHERE deleted_at IS NULL",
    "INDEX contacts_absent ON contacts (user_id, absent_run) WHERE absent_run IS NOT NULL",
    "INDEX contacts_seq ON contacts (user_id, seq)",
    "INDEX phones_number ON phones (user_id, e164)",
    "INDEX phones_contact ON phones (user_id, contact_id, position)",
    "UNIQUE INDEX runs_active ON runs (user_id) WHERE state IN ('queued', 'running', 'waiting')",
    "INDEX runs_latest ON runs (user_id, epoch, id)",
    "UNIQUE INDEX problems_record ON problems (user_id, epoch, object_type, remote_id)",
    "UNIQUE INDEX calls_call ON calls (user_id, call_id)",
    "INDEX calls_latest ON calls (user_id, started_at, id)",
    "UNIQUE INDEX events_number ON events (user_id, number)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    embedded = isinstance(db, SqliteDatabase)
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if embedded else "BIGSERIAL PRIMARY KEY"
    bytewise = "" if embedded else 'COLLATE "C"'  # SQLite compares texts as bytes anyway
    for name, columns in TABLES.items():
        db.execute_sql(f"CREATE TABLE {name} (id {key}, {columns.strip().format(bytewise=bytewise)})")
    for index in INDEXES:
        db.execute_sql(f"CREATE {index}")
