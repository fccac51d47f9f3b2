"""Accounts and sessions in PostgreSQL. Passwords are stored as argon2id hashes, session tokens as SHA-256 digests."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.accounts.passwords import check_password
from shared.accounts.person import Person, Role
from shared.errors import PermanentError

SESSION_LENGTH = timedelta(hours=10)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class RoleImmutable(PermanentError):
    """A role never changes: who approved an item must not decide on it later. Add another account for another role."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has another role. {self.__doc__}")


def hash_password(password: str, *names: str) -> str:
    """Return the hash to store, which takes some 30 ms. Raises `WeakPassword`."""
    check_password(password, *names)
    return _hasher.hash(password)


UPSERT_PERSON = """
INSERT INTO accounts.people (name, display_name, role, password_hash)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE
   SET display_name = excluded.display_name, role = excluded.role, password_hash = excluded.password_hash, active = true
"""


async def add_person(connection: asyncpg.Connection, name: str, display_name: str, role: Role, password: str) -> Person:
    """Add a person, or give an existing one a new password. Raises `WeakPassword`, and `RoleImmutable` for another role."""
    password_hash = await asyncio.to_thread(hash_password, password, name, display_name)
    try:
        await connection.execute(UPSERT_PERSON, name, display_name, role, password_hash)
    except asyncpg.RestrictViolationError as error:
        raise RoleImmutable(name) from error
    return Person(name, display_name, role)


FIND_CREDENTIALS = "SELECT name, display_name, role, password_hash FROM accounts.people WHERE name = $1 AND active"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against: the person, and the hash. An unknown name has a hash that no password has."""

    person: Person | None
    password_hash: str

    def verify(self, password: str) -> Person | None:
        """Return the person where the password is right, which takes some 30 ms; an unknown name takes as long."""
        try:
            _hasher.verify(self.password_hash, password)
        except (VerificationError, InvalidHashError):
            return None
        return self.person


_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


async def find_credentials(connection: asyncpg.Connection, name: str) -> Credentials:
    """Return what a password of that name is checked against."""
    row = await connection.fetchrow(FIND_CREDENTIALS, name)
    if row is None:
        return Credentials(None, _DECOY)
    return Credentials(Person(row["name"], row["display_name"], Role(row["role"])), row["password_hash"])


INSERT_SESSION = "INSERT INTO accounts.sessions (token_hash, person, expires_at) VALUES ($1, $2, now() + $3::interval)"


async def open_session(connection: asyncpg.Connection, person: Person) -> str:
    """Open a session and return its token, which is never stored."""
    token = secrets.token_urlsafe(32)
    await connection.execute(INSERT_SESSION, _digest(token), person.name, SESSION_LENGTH)
    return token


PERSON_OF_SESSION = """
SELECT p.name, p.display_name, p.role
  FROM accounts.sessions s
  JOIN accounts.people p ON p.name = s.person
 WHERE s.token_hash = $1
   AND s.expires_at > now()
   AND p.active
"""


async def find_person_by_token(connection: asyncpg.Connection, token: str) -> Person | None:
    """Return the person of a session, or None when the token is unknown, expired, or its account is disabled."""
    row = await connection.fetchrow(PERSON_OF_SESSION, _digest(token))
    return Person(row["name"], row["display_name"], Role(row["role"])) if row else None


DELETE_SESSION = "DELETE FROM accounts.sessions WHERE token_hash = $1 OR expires_at < now()"


async def close_session(connection: asyncpg.Connection, token: str) -> None:
    """Delete a session, and all sessions that have expired."""
    await connection.execute(DELETE_SESSION, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
