"""Accounts and sessions in PostgreSQL. Passwords are stored as argon2id hashes, session tokens as SHA-256 digests.

A service reaches them by the functions of the schema `accounts` only: it learns no hash, and opens no session but for who
knows the password. The owner of the database alone has the tables.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import timedelta

import asyncpg
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import hash_secret

from shared.accounts.passwords import check_password
from shared.accounts.person import Person, Role
from shared.accounts.second_factor import SecondProof
from shared.errors import PermanentError
from shared.keys import key_hash
from shared.text import to_line

SESSION_LENGTH = timedelta(hours=10)
NO_SECOND_PROOF = SecondProof()

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class RoleImmutable(PermanentError):
    """A role and a staff number never change: who approved an item must not decide on it later.

    Another role is another account with the same staff number.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has another role or staff number, and these never change: who approved an item must not decide on it"
            " later. Another role is another account with the same staff number."
        )


def hash_password(password: str, *names: str) -> str:
    """Return the hash to store, which takes some 30 ms. Raises `WeakPassword`."""
    check_password(password, *names)
    return _hasher.hash(password)


UPSERT_PERSON = """
INSERT INTO accounts.people AS p (name, display_name, role, password_hash, staff_number, office)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO UPDATE
   SET display_name = excluded.display_name, role = excluded.role, password_hash = excluded.password_hash, active = true,
       staff_number = coalesce(excluded.staff_number, p.staff_number), office = excluded.office
"""


async def add_person(
    connection: asyncpg.Connection,
    name: str,
    display_name: str,
    role: Role,
    password: str,
    staff_number: str | None = None,
    office: str | None = None,
) -> Person:
    """Add an account, or give an existing one a new password. Accounts with one staff number are of one person.

    A drafter, and nobody else, has an office. Raises `WeakPassword`, `RoleImmutable` for another role or staff number, and
    `asyncpg.CheckViolationError`.
    """
    display_name = to_line(display_name)
    password_hash = await asyncio.to_thread(hash_password, password, name, display_name)
    try:
        await connection.execute(UPSERT_PERSON, name, display_name, role, password_hash, staff_number, office)
    except asyncpg.RestrictViolationError as error:
        raise RoleImmutable(name) from error
    return Person(name, display_name, role)


OFFICE = "SELECT accounts.office_of($1)"


async def find_office(connection: asyncpg.Connection, name: str) -> str | None:
    """Return the office that a drafter belongs to."""
    office: str | None = await connection.fetchval(OFFICE, name)
    return office


HASH_PARAMETERS = "SELECT accounts.password_parameters($1)"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the password of a name is hashed: algorithm, cost and salt. An unknown name has some, too."""

    name: str
    parameters: str

    def prove(self, password: str) -> bytes:
        """Return the SHA-256 of the encoded hash of a password, which takes some 30 ms, for an unknown name as well."""
        cost, salt = extract_parameters(self.parameters + _ANY_DIGEST), self.parameters.rpartition("$")[2]
        hashed = hash_secret(
            password.encode(),
            b64decode(salt + "=" * (-len(salt) % 4)),
            time_cost=cost.time_cost,
            memory_cost=cost.memory_cost,
            parallelism=cost.parallelism,
            hash_len=cost.hash_len,
            type=cost.type,
            version=cost.version,
        )
        return hashlib.sha256(hashed).digest()


_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA"
_ANY_DIGEST = "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


async def find_credentials(connection: asyncpg.Connection, name: str) -> Credentials:
    """Return how the password of that name is hashed."""
    return Credentials(name, await connection.fetchval(HASH_PARAMETERS, name) or _DECOY)


OPEN_PROVEN = "SELECT name, display_name, role FROM accounts.open_session($1, $2, $3, $4::interval, $5, $6)"


async def open_proven_session(
    connection: asyncpg.Connection, name: str, proof: bytes, second: SecondProof = NO_SECOND_PROOF
) -> tuple[Person, str] | None:
    """Open a session where the proof is that of the password, and `second` one of the second factor, if the account has one.

    Return the person and the token, which is never stored.
    """
    token = secrets.token_urlsafe(32)
    row = await connection.fetchrow(OPEN_PROVEN, name, proof, key_hash(token), SESSION_LENGTH, second.step, second.recovery)
    return (_person(row), token) if row else None


INSERT_SESSION = "INSERT INTO accounts.sessions (token_hash, person, expires_at) VALUES ($1, $2, now() + $3::interval)"


async def open_session(connection: asyncpg.Connection, person: Person) -> str:
    """Open a session without a password, as only the database's owner can; return its token."""
    token = secrets.token_urlsafe(32)
    await connection.execute(INSERT_SESSION, key_hash(token), person.name, SESSION_LENGTH)
    return token


PERSON_OF_SESSION = "SELECT name, display_name, role, has_second_factor FROM accounts.session_person($1)"


async def find_person_by_token(connection: asyncpg.Connection, token: str) -> Person | None:
    """Return the person of a session, or None when the token is unknown, expired, or its account is disabled."""
    row = await connection.fetchrow(PERSON_OF_SESSION, key_hash(token))
    return replace(_person(row), has_second_factor=row["has_second_factor"]) if row else None


PERSON_OF_BROWSER = "SELECT accounts.person_of_browser($1, $2)"


async def find_person_of_browser(connection: asyncpg.Connection, token: str, device: str) -> str | None:
    """Return the name of the person whose session, over or not, a browser has, or else of who signed in there last."""
    name: str | None = await connection.fetchval(PERSON_OF_BROWSER, key_hash(token), key_hash(device))
    return name


SET_SESSION = "SELECT set_config('gongshi.session', $1, true)"


async def act_in_session(connection: asyncpg.Connection, token: str) -> None:
    """Name the session in which this transaction acts: the gate takes an approval from its person only."""
    await connection.execute(SET_SESSION, key_hash(token).hex())


CLOSE_SESSION = "SELECT accounts.close_session($1)"


async def close_session(connection: asyncpg.Connection, token: str) -> None:
    """Delete a session, and all sessions that have expired."""
    await connection.execute(CLOSE_SESSION, key_hash(token))


DISPLAY_NAMES = "SELECT name, display_name FROM accounts.display_names($1)"


async def display_names(connection: asyncpg.Connection, names: list[str]) -> dict[str, str]:
    """Return the display names of people by account name."""
    return {row["name"]: row["display_name"] for row in await connection.fetch(DISPLAY_NAMES, names)}


COLLEAGUES = "SELECT name, display_name FROM accounts.colleagues($1)"


async def fetch_colleagues(connection: asyncpg.Connection, token: str) -> dict[str, str]:
    """Return the display names, by account name, of those with the role of a session's person, but for that person."""
    return {row["name"]: row["display_name"] for row in await connection.fetch(COLLEAGUES, key_hash(token))}


TOOK_PART = "SELECT accounts.took_part($1, $2)"


async def took_part(connection: asyncpg.Connection, token: str, item_id: str) -> bool:
    """Return whether the person of a session drafted, approved or released a version of an item, under any account."""
    return bool(await connection.fetchval(TOOK_PART, key_hash(token), item_id))


def _person(row: asyncpg.Record) -> Person:
    return Person(row["name"], row["display_name"], Role(row["role"]))
