"""Migrations: plain SQL files, applied by dbmate under an advisory lock, one version table per schema, one role per schema."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from shared.database.pool import ROLE_PREFIX
from shared.errors import PermanentError

ROOT = Path(__file__).parent.parent.parent
STREAM_MIGRATIONS = ROOT / "shared" / "stream" / "migrations"
CALENDAR_MIGRATIONS = ROOT / "shared" / "calendar" / "migrations"
# The services that count working days.
COUNTING = ("stats", "corrections")
SCHEMAS: dict[str, tuple[Path, ...]] = {
    "accounts": (ROOT / "shared" / "accounts" / "migrations",),
    **{
        service: (
            STREAM_MIGRATIONS,
            *([CALENDAR_MIGRATIONS] if service in COUNTING else []),
            ROOT / "services" / service / "migrations",
        )
        for service in ("intake", "stats", "publisher", "corrections")
    },
}
# Tables from which the service itself may not update or delete a row.
APPEND_ONLY_TABLES: dict[str, tuple[str, ...]] = {
    "intake": ("journal",),
    "stats": ("journal", "calendars"),
    "accounts": ("journal",),
    "publisher": ("journal", "gate", "approvals", "releases", "seals"),
    "corrections": ("journal", "calendars"),
}
ACCOUNT_READERS = ("intake", "stats", "publisher", "corrections")


class MigrationFailed(PermanentError):
    """A migration could not be applied."""


CREATE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT {role} TO CURRENT_USER;
CREATE SCHEMA IF NOT EXISTS {schema};
"""
GRANT = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
"""
REVOKE_CHANGES = """
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role};
"""
# Services read persons and store sessions; only the owner creates persons and grants roles, so that no bug makes a gatekeeper.
REVOKE_PEOPLE = "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON accounts.people FROM gongshi_accounts"
LOCK = "SELECT pg_advisory_lock(hashtext('gongshi.migrations'))"


async def migrate(database_url: str) -> None:
    """Bring every schema up to date. Several processes may call it at once.

    Raises `MigrationFailed` with the output of dbmate.
    """
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(LOCK)
        for schema in SCHEMAS:
            await connection.execute(_format(CREATE_ROLE, schema))
        for schema, folders in SCHEMAS.items():
            await _dbmate(database_url, schema, folders)
        for schema in SCHEMAS:
            await connection.execute(_format(GRANT, schema))
            for table in APPEND_ONLY_TABLES.get(schema, ()):
                await connection.execute(_format(REVOKE_CHANGES, schema, table))
        await connection.execute(REVOKE_PEOPLE)
        for reader in ACCOUNT_READERS:
            await connection.execute(f"GRANT {ROLE_PREFIX}accounts TO {ROLE_PREFIX}{reader}")
    finally:
        await connection.close()


def _format(statement: str, schema: str, table: str = "") -> str:
    """Return the statement for a schema of the closed list `SCHEMAS`; identifiers cannot be parameters."""
    return statement.format(schema=schema, role=ROLE_PREFIX + schema, table=table)


async def _dbmate(database_url: str, schema: str, folders: tuple[Path, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        _executable(),
        "--no-dump-schema",
        "--migrations-table",
        f"{schema}.schema_migrations",
        *(part for folder in folders for part in ("--migrations-dir", str(folder))),
        "migrate",
        env={**os.environ, "DATABASE_URL": _dbmate_url(database_url, schema)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise MigrationFailed(f"schema {schema}: {output.decode(errors='replace').strip()}")


def _dbmate_url(database_url: str, schema: str) -> str:
    """Return the URL with the schema first in its search path; dbmate requires TLS unless the URL disables it."""
    parts = urlsplit(database_url)
    query = dict(parse_qsl(parts.query)) | {"search_path": f"{schema},public"}
    query.setdefault("sslmode", "disable")
    return urlunsplit(parts._replace(query=urlencode(query)))


def _executable() -> str:
    installed = Path(sys.executable).parent / "dbmate"
    executable = str(installed) if installed.exists() else shutil.which("dbmate")
    if executable is None:
        raise MigrationFailed("dbmate is not installed; `make setup` installs it")
    return executable
