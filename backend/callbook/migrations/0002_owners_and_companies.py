"""The records around a contact: its owner and its company, and the two columns that lead to them."""

from typing import Any

from peewee import SqliteDatabase

TABLES = {
    "owners": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, owner_id BIGINT NOT NULL, name TEXT, email TEXT,
        hubspot_user_id BIGINT""",
    "companies": """
        user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, company_id BIGINT NOT NULL, name TEXT,
        search_text TEXT NOT NULL, phone TEXT, e164 TEXT, extension TEXT, region TEXT""",
}

COLUMNS = {"company_id": "associatedcompanyid", "hubspot_owner_id": "hubspot_owner_id"}

INDEXES = (
    "UNIQUE INDEX owners_remote ON owners (user_id, epoch, owner_id)",
    "UNIQUE INDEX companies_remote ON companies (user_id, epoch, company_id)",
    "INDEX companies_number ON companies (user_id, e164) WHERE e164 IS NOT NULL",
    "INDEX contacts_company ON contacts (user_id, epoch, company_id) WHERE company_id IS NOT NULL",
    "INDEX contacts_owner ON contacts (user_id, epoch, hubspot_owner_id) WHERE hubspot_owner_id IS NOT NULL",
)

# What was cached before has them among its properties only. Ids are whole numbers; what is not stays out.
FILLED = {
    True: """UPDATE contacts SET {column} = CAST(json_extract(properties, '$.{name}') AS INTEGER)
        WHERE length(json_extract(properties, '$.{name}')) BETWEEN 1 AND 18
        AND json_extract(properties, '$.{name}') NOT GLOB '*[^0-9]*'""",
    False: """UPDATE contacts SET {column} = CAST(properties::json ->> '{name}' AS BIGINT)
        WHERE properties::json ->> '{name}' ~ '^[0-9]{{1,18}}$'""",
}


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    embedded = isinstance(db, SqliteDatabase)
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if embedded else "BIGSERIAL PRIMARY KEY"
    for name, columns in TABLES.items():
        db.execute_sql(f"CREATE TABLE {name} (id {key}, {columns.strip()})")
    for column, name in COLUMNS.items():
        db.execute_sql(f"ALTER TABLE contacts ADD COLUMN {column} BIGINT")
        db.execute_sql(FILLED[embedded].format(column=column, name=name))
    for index in INDEXES:
        db.execute_sql(f"CREATE {index}")
