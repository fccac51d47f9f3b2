"""Accounts and sessions in PostgreSQL. Passwords are argon2id hashes, session tokens are kept as SHA-256 only."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import timedelta

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.accounts.person import Person, Role
from shared.errors import PermanentError, TransientError

SESSION_LENGTH = timedelta(hours=10)
FAILURES_ALLOWED = 10
FAILURE_WINDOW = timedelta(minutes=15)
LEAST_PASSWORD = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class WeakPassword(PermanentError):
    """A password needs at least ten characters."""


class RoleFixed(PermanentError):
    """A role is for good: who approved an item must not decide on it later. Add another account for another role."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has another role. {self.__doc__}")


class TooManyFailures(TransientError):
    """Too many failed attempts; try again in a quarter of an hour."""


ADD = """
INSERT INTO accounts.people (name, display_name, role, password_hash)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE
   SET display_name = excluded.display_name, role = excluded.role, password_hash = excluded.password_hash, active = true
"""


async def add(connection: asyncpg.Connection, name: str, display_name: str, role: Role, password: str) -> Person:
    """Add a person, or give an existing one a new password. Raises `RoleFixed` where the person has another role."""
    if len(password) < LEAST_PASSWORD:
        raise WeakPassword
    password_hash = await asyncio.to_thread(_hasher.hash, password)
    try:
        await connection.execute(ADD, name, display_name, role, password_hash)
    except asyncpg.RestrictViolationError as error:
        raise RoleFixed(name) from error
    return Person(name, display_name, role)


FIND = "SELECT name, display_name, role, password_hash FROM accounts.people WHERE name = $1 AND active"
COUNT_FAILURES = "SELECT count(*) FROM accounts.failures WHERE name = $1 AND at > now() - $2::interval"
FAIL = "INSERT INTO accounts.failures (name) VALUES ($1)"


async def sign_in(connection: asyncpg.Connection, name: str, password: str) -> Person | None:
    """Return the person when name and password are right. Raises `TooManyFailures` after ten wrong attempts."""
    if await connection.fetchval(COUNT_FAILURES, name, FAILURE_WINDOW) >= FAILURES_ALLOWED:
        raise TooManyFailures
    row = await connection.fetchrow(FIND, name)
    right = await asyncio.to_thread(_verify, row["password_hash"] if row else _DECOY, password)
    if row is None or not right:
        await connection.execute(FAIL, name)
        return None
    return Person(row["name"], row["display_name"], Role(row["role"]))


_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def _verify(password_hash: str, password: str) -> bool:
    """Check a password; an unknown name costs the same time as a wrong password."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


OPEN = "INSERT INTO accounts.sessions (token_hash, person, expires_at) VALUES ($1, $2, now() + $3::interval)"


async def open_session(connection: asyncpg.Connection, person: Person) -> str:
    """Open a session and return its token, which is never stored."""
    token = secrets.token_urlsafe(32)
    await connection.execute(OPEN, _digest(token), person.name, SESSION_LENGTH)
    return token


WHO = """
SELECT p.name, p.display_name, p.role
  FROM accounts.sessions s
  JOIN accounts.people p ON p.name = s.person
 WHERE s.token_hash = $1
   AND s.expires_at > now()
   AND p.active
"""


async def person_of(connection: asyncpg.Connection, token: str) -> Person | None:
    """Return whose session this is, or None when it is unknown or has ended."""
    row = await connection.fetchrow(WHO, _digest(token))
    return Person(row["name"], row["display_name"], Role(row["role"])) if row else None


CLOSE = "DELETE FROM accounts.sessions WHERE token_hash = $1 OR expires_at < now()"


async def close_session(connection: asyncpg.Connection, token: str) -> None:
    """End a session, and sweep those that have expired."""
    await connection.execute(CLOSE, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
