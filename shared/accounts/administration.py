"""What the owner of the database does about accounts, each act with an entry in their journal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.accounts.person import Person, Role
from shared.accounts.store import add_person, hash_password
from shared.database.search_path import use_schema
from shared.errors import PermanentError
from shared.stream.journal import JournalEntry, append_entries


class UnknownAccount(PermanentError):
    """There is no such account: `gongshi accounts list` lists them."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is listed. `staff_number`: of the person whose account it is; `sessions`: how many are open."""

    name: str
    display_name: str
    staff_number: str | None
    role: Role
    active: bool
    created_at: datetime
    sessions: int
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open session of an account."""

    name: str
    opened_at: datetime
    expires_at: datetime


async def _journal(connection: asyncpg.Connection, now: datetime, entry: JournalEntry) -> None:
    await use_schema(connection, "accounts")
    await append_entries(connection, now, [entry])


FIND = "SELECT display_name, role FROM accounts.people WHERE name = $1"


async def _find(connection: asyncpg.Connection, name: str) -> asyncpg.Record:
    known = await connection.fetchrow(FIND, name)
    if known is None:
        raise UnknownAccount
    return known


async def set_account(
    connection: asyncpg.Connection,
    person: Person,
    password: str,
    staff_number: str | None = None,
    office: str | None = None,
    *,
    actor: str,
    now: datetime,
) -> Person:
    """Add an account, or give an existing one a new password, which ends its sessions.

    Raises `WeakPassword`, `RoleImmutable`, `asyncpg.CheckViolationError` for a name or staff number that is none, and for a
    drafter without an office.
    """
    async with connection.transaction():
        known = await connection.fetchrow(FIND, person.name)
        added = await add_person(connection, person.name, person.display_name, person.role, password, staff_number, office)
        action = "account_renewed" if known else "account_added"
        detail = {"role": person.role, "staff_number": staff_number} | ({"office": office} if office else {})
        await _journal(connection, now, JournalEntry(actor, action, person.name, detail=detail))
    return added


SET_PASSWORD = "UPDATE accounts.people SET password_hash = $2 WHERE name = $1"  # noqa: S105 - a statement


async def set_password(connection: asyncpg.Connection, name: str, password: str, *, actor: str, now: datetime) -> None:
    """Give an account a new password, which ends its sessions. Raises `UnknownAccount`, `WeakPassword`."""
    async with connection.transaction():
        known = await _find(connection, name)
        password_hash = await asyncio.to_thread(hash_password, password, name, known["display_name"])
        await connection.execute(SET_PASSWORD, name, password_hash)
        await _journal(connection, now, JournalEntry(actor, "password_reset", name))


DISABLE = "UPDATE accounts.people SET active = false WHERE name = $1 AND active RETURNING name"


async def disable(connection: asyncpg.Connection, name: str, *, actor: str, now: datetime) -> bool:
    """Disable an account and end its sessions; return whether it was active. Raises `UnknownAccount`."""
    async with connection.transaction():
        await _find(connection, name)
        was_active = await connection.fetchval(DISABLE, name) is not None
        if was_active:
            await _journal(connection, now, JournalEntry(actor, "account_disabled", name))
    return was_active


REMOVE_FACTOR = "DELETE FROM accounts.second_factors WHERE person = $1 RETURNING person"


async def remove_second_factor(connection: asyncpg.Connection, name: str, *, actor: str, now: datetime) -> bool:
    """Take the second factor of an account out of use, as it is lost; return whether it had one. Raises `UnknownAccount`."""
    async with connection.transaction():
        await _find(connection, name)
        had_one = await connection.fetchval(REMOVE_FACTOR, name) is not None
        if had_one:
            await _journal(connection, now, JournalEntry(actor, "second_factor_reset", name))
    return had_one


END_SESSIONS = "WITH ended AS (DELETE FROM accounts.sessions WHERE person = $1 RETURNING 1) SELECT count(*) FROM ended"


async def end_sessions(connection: asyncpg.Connection, name: str, *, actor: str, now: datetime) -> int:
    """End the sessions of an account; return how many there were. Raises `UnknownAccount`."""
    async with connection.transaction():
        await _find(connection, name)
        ended = int(await connection.fetchval(END_SESSIONS, name))
        await _journal(connection, now, JournalEntry(actor, "sessions_ended", name, detail={"sessions": ended}))
    return ended


LIST = """
SELECT p.name, p.display_name, p.staff_number, p.role, p.active, p.created_at,
       (SELECT count(*) FROM accounts.sessions s WHERE s.person = p.name AND s.expires_at > now()) AS sessions,
       EXISTS (SELECT FROM accounts.second_factors f WHERE f.person = p.name AND f.confirmed_at IS NOT NULL)
       AS has_second_factor
  FROM accounts.people p
 ORDER BY p.name
"""


async def list_accounts(connection: asyncpg.Connection) -> list[Account]:
    """Return every account, ordered by name."""
    return [Account(**{**dict(row), "role": Role(row["role"])}) for row in await connection.fetch(LIST)]


SESSIONS = """
SELECT person AS name, opened_at, expires_at
  FROM accounts.sessions
 WHERE expires_at > now()
   AND ($1::text IS NULL OR person = $1)
 ORDER BY opened_at DESC
"""


async def list_sessions(connection: asyncpg.Connection, name: str | None = None) -> list[OpenSession]:
    """Return the open sessions, of one account where given, the newest first."""
    return [OpenSession(**dict(row)) for row in await connection.fetch(SESSIONS, name)]
