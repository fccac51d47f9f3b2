"""What somebody of the role ops does about accounts in a session: the database asks for the session, and does no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from shared.accounts.person import Person, Role
from shared.errors import PermanentError
from shared.keys import generate_key, key_hash

VALID_FOR = timedelta(days=3)


class AccountExists(PermanentError):
    """There is an account of this name already."""


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account as ops see it. `sessions`: open ones; `invited_until`: its link is good till then.

    `locked_out`: who tries its name from an unknown browser is not heard for some minutes.
    """

    name: str
    display_name: str
    staff_number: str | None
    role: Role
    active: bool
    created_at: datetime
    sessions: int
    invited_until: datetime | None
    locked_out: bool


LIST = "SELECT * FROM accounts.list_people($1)"


async def list_people(connection: asyncpg.Connection, token: str) -> list[ListedAccount]:
    """Return every account, by name. Raises `asyncpg.InsufficientPrivilegeError` but in a session of ops, as all here."""
    rows = await connection.fetch(LIST, key_hash(token))
    return [ListedAccount(**{**dict(row), "role": Role(row["role"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class ListedSession:
    """An open session. `expires_at`: when it ends if it is not used before."""

    opened_at: datetime
    expires_at: datetime


SESSIONS = "SELECT opened_at, expires_at FROM accounts.list_sessions($1, $2)"


async def list_sessions(connection: asyncpg.Connection, token: str, name: str) -> list[ListedSession]:
    """Return the open sessions of an account, the newest first."""
    return [ListedSession(**dict(row)) for row in await connection.fetch(SESSIONS, key_hash(token), name)]


INVITE = "SELECT accounts.invite_person($1, $2, $3, $4, $5, $6, $7, $8)"


async def invite_person(
    connection: asyncpg.Connection, token: str, person: Person, staff_number: str, office: str | None, now: datetime
) -> str:
    """Add an account and return the secret of the link that sets its password, which is never stored.

    Raises `AccountExists`, `asyncpg.CheckViolationError` for a name or staff number that is none, and where a drafter has no
    office or another role has one.
    """
    secret = generate_key()
    values = (person.name, person.display_name, person.role, staff_number, office, key_hash(secret), now + VALID_FOR)
    try:
        await connection.execute(INVITE, key_hash(token), *values)
    except asyncpg.UniqueViolationError as error:
        raise AccountExists from error
    return secret


RENEW = "SELECT accounts.renew_invitation($1, $2, $3, $4)"


async def renew_invitation(connection: asyncpg.Connection, token: str, name: str, now: datetime) -> str | None:
    """Void the password of an account, and return the secret of a new link; None for the own account and an unknown one."""
    secret = generate_key()
    renewed = await connection.fetchval(RENEW, key_hash(token), name, key_hash(secret), now + VALID_FOR)
    return secret if renewed else None


INVITED = "SELECT name, display_name, role FROM accounts.invited_person($1)"


async def find_invited(connection: asyncpg.Connection, secret: str) -> Person | None:
    """Return who is invited by a link, or None when it has served or expired."""
    row = await connection.fetchrow(INVITED, key_hash(secret))
    return Person(row["name"], row["display_name"], Role(row["role"])) if row else None


ACCEPT = "SELECT accounts.accept_invitation($1, $2)"


async def accept_invitation(connection: asyncpg.Connection, secret: str, password_hash: str) -> bool:
    """Store the password of who is invited; return whether the link was still good."""
    return bool(await connection.fetchval(ACCEPT, key_hash(secret), password_hash))


DISABLE = "SELECT accounts.disable_person($1, $2)"


async def disable_person(connection: asyncpg.Connection, token: str, name: str) -> bool:
    """Disable an account and end its sessions; return False for the own account and where it was disabled."""
    return bool(await connection.fetchval(DISABLE, key_hash(token), name))


END = "SELECT accounts.end_sessions_of($1, $2)"


async def end_sessions_of(connection: asyncpg.Connection, token: str, name: str) -> int:
    """End the sessions of an account; return how many there were."""
    return int(await connection.fetchval(END, key_hash(token), name))


LIFT = "SELECT accounts.lift_lock_out($1, $2)"


async def lift_lock_out(connection: asyncpg.Connection, token: str, name: str) -> bool:
    """Forget the attempts of strangers by the name of an account; return whether there were any."""
    return bool(await connection.fetchval(LIFT, key_hash(token), name))
