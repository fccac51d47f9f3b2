"""Migrations: plain SQL files, applied by dbmate under an advisory lock; a version table a schema, a login a service."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from shared.database.logins import READER, SERVICES, role_of
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
        for service in SERVICES
    },
}
# Tables from which the service itself may not update or delete a row.
APPEND_ONLY_TABLES: dict[str, tuple[str, ...]] = {
    "intake": ("journal", "case_steps"),
    "stats": ("journal", "calendars", "adjustments", "restatements"),
    "publisher": (
        "journal", "gate", "gate_stops", "gate_steps", "operator_notices",
        "approvals", "releases", "rulings", "seals", "stops", "stop_decisions",
    ),
    "accounts": ("journal",),
    "corrections": (
        "journal", "calendars", "decisions", "complaint_effects", "field_corrections", "evidence", "deadline_changes",
        "case_notes",
    ),
}  # fmt: skip
# What `gongshi verify` reads: of what intake and corrections know of persons nothing, of accounts nothing but their journal.
READER_TABLES: dict[str, tuple[str, ...]] = {
    "accounts": ("journal",),
    "intake": ("journal",),
    "corrections": ("journal", "decisions"),
    "stats": (),
    "publisher": (),
}
# What each login may call in the schema of accounts: every service has a desk with a sign-in.
ACCOUNT_FUNCTIONS = (
    "person_of_browser",
    "admit_attempt",
    "settle_attempt",
    "password_parameters",
    "open_session",
    "session_person",
    "person_of_session",
    "close_session",
    "extend_session",
    "own_sessions",
    "close_own_sessions",
    "change_password",
    "second_factor_seed",
    "own_second_factor",
    "begin_second_factor",
    "begun_seed",
    "confirm_second_factor",
    "remove_second_factor",
    "report_state",
    "withdraw_state",
)
# Each asks for a live session of the role ops, or of an auditor, but the two by which who is invited sets a password.
ADMINISTRATION_FUNCTIONS = (
    "service_states",
    "list_people",
    "list_sessions",
    "invite_person",
    "renew_invitation",
    "invited_person",
    "accept_invitation",
    "disable_person",
    "end_sessions_of",
    "lift_lock_out",
    "find_entries",
)
ACCOUNT_CALLERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(SERVICES, ACCOUNT_FUNCTIONS),
    "publisher": (*ACCOUNT_FUNCTIONS, "display_names", "is_same_person", "office_of"),
    "intake": (*ACCOUNT_FUNCTIONS, "display_names", "colleagues"),
    "corrections": (*ACCOUNT_FUNCTIONS, "display_names", "colleagues", "took_part"),
    # The operations pages are at stats, which no stranger reaches; these functions ask for a session of the right role.
    "stats": (*ACCOUNT_FUNCTIONS, *ADMINISTRATION_FUNCTIONS),
    READER: ("display_names",),
}


LOOPBACK = frozenset({None, "localhost", "127.0.0.1", "::1"})


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
"""
CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS {schema}"
GRANT = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
"""
REVOKE_CHANGES = """
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role};
"""
# No service has rights to the tables: see the functions there. Who has a session of the role ops adds and disables accounts
# by them; a role and a staff number never change. The functions act as a role that nobody signs in as, and read journals.
CLOSE_ACCOUNTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON accounts.people FROM gongshi_accounts;
GRANT UPDATE (password_hash, active) ON accounts.people TO gongshi_accounts;
GRANT INSERT (name, display_name, role, staff_number, office, password_hash) ON accounts.people TO gongshi_accounts;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA accounts FROM PUBLIC;
"""
REVOKE_ACCOUNTS = "REVOKE gongshi_accounts FROM {role}"
GRANT_FUNCTION = "GRANT USAGE ON SCHEMA accounts TO {role}; GRANT EXECUTE ON FUNCTION accounts.{table} TO {role}"
GRANT_JOURNAL = "GRANT USAGE ON SCHEMA {schema} TO gongshi_accounts; GRANT SELECT ON {schema}.journal TO gongshi_accounts"
GRANT_READING = "GRANT USAGE ON SCHEMA {schema} TO gongshi_reader; GRANT SELECT ON {table} TO gongshi_reader"
# An application holds who applies and how to call them: the columns by which decisions are found in the journal.
# Who took which step on an item, for `accounts.took_part`.
GRANT_PARTS = """
GRANT SELECT (item_id, person) ON publisher.approvals TO gongshi_accounts;
GRANT SELECT (item_id, drafted_by) ON publisher.versions TO gongshi_accounts;
GRANT SELECT (item_id, released_by) ON publisher.releases TO gongshi_accounts;
"""
GRANT_COLUMNS = "GRANT SELECT (application_id, receipt, item_id) ON corrections.applications TO gongshi_reader"
IS_MEMBER = "SELECT pg_has_role($1, 'gongshi_accounts', 'MEMBER') AND NOT rolsuper FROM pg_roles WHERE rolname = $1"
# The statement takes no parameters: the database quotes them.
ALTER_LOGIN = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
LOCK = "SELECT pg_advisory_lock(hashtext('gongshi.migrations'))"


async def migrate(database_url: str, passwords: Mapping[str, str] | None = None) -> None:
    """Bring every schema up to date, as the database's owner. Several processes may call it at once.

    passwords: by login, set for each that is given. Raises `MigrationFailed` with the output of dbmate.
    """
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(LOCK)
        await ensure_roles(connection)
        for schema in SCHEMAS:
            await connection.execute(_format(CREATE_SCHEMA, schema))
        for schema, folders in SCHEMAS.items():
            await _dbmate(database_url, schema, folders)
        await _grant(connection)
        for login, password in (passwords or {}).items():
            await connection.execute(await connection.fetchval(ALTER_LOGIN, role_of(login), password))
    finally:
        await connection.close()


async def ensure_roles(connection: asyncpg.Connection) -> None:
    """Create the roles that own functions and have rights, as far as there are none."""
    for role in (*SCHEMAS, READER):
        await connection.execute(_format(CREATE_ROLE, role))


async def _grant(connection: asyncpg.Connection) -> None:
    """Give each login its rights, and take what it had in earlier versions."""
    for schema in SCHEMAS:
        await connection.execute(_format(GRANT, schema))
        for table in APPEND_ONLY_TABLES.get(schema, ()):
            await connection.execute(_format(REVOKE_CHANGES, schema, table))
    await connection.execute(CLOSE_ACCOUNTS)
    for login, functions in ACCOUNT_CALLERS.items():
        if await connection.fetchval(IS_MEMBER, role_of(login)):
            await connection.execute(_format(REVOKE_ACCOUNTS, login))
        for function in functions:
            await connection.execute(_format(GRANT_FUNCTION, login, function))
    for schema in SERVICES:
        await connection.execute(_format(GRANT_JOURNAL, schema))
    await connection.execute(GRANT_PARTS)
    for schema, tables in READER_TABLES.items():
        named = ", ".join(f"{schema}.{table}" for table in tables) or f"ALL TABLES IN SCHEMA {schema}"
        await connection.execute(_format(GRANT_READING, schema, named))
    await connection.execute(GRANT_COLUMNS)


def _format(statement: str, schema: str, table: str = "") -> str:
    """Return the statement for a schema of the closed list `SCHEMAS`; identifiers cannot be parameters."""
    return statement.format(schema=schema, role=role_of(schema), table=table)


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
    """Return the URL with the schema first in its search path. Without `sslmode` TLS is required, but on this machine."""
    parts = urlsplit(database_url)
    query = dict(parse_qsl(parts.query)) | {"search_path": f"{schema},public"}
    if parts.hostname in LOOPBACK:
        query.setdefault("sslmode", "disable")
    return urlunsplit(parts._replace(query=urlencode(query)))


def _executable() -> str:
    installed = Path(sys.executable).parent / "dbmate"
    executable = str(installed) if installed.exists() else shutil.which("dbmate")
    if executable is None:
        raise MigrationFailed("dbmate is not installed; `make setup` installs it")
    return executable
