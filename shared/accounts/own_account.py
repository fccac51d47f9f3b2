"""What a signed-in person does about the own account: a new password, the open sessions, the end of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.keys import key_hash


@dataclass(frozen=True, slots=True)
class OwnSession:
    """An open session of the person. `expires_at`: when it ends if it is not used before; `is_this`: it is the asking one."""

    opened_at: datetime
    expires_at: datetime
    is_this: bool


EXTEND = "SELECT accounts.extend_session($1)"


async def extend_session(connection: asyncpg.Connection, token: str) -> None:
    """Let a live session live on for an hour; no-op for another one."""
    await connection.execute(EXTEND, key_hash(token))


OWN_SESSIONS = "SELECT opened_at, expires_at, is_this FROM accounts.own_sessions($1)"


async def list_own_sessions(connection: asyncpg.Connection, token: str) -> list[OwnSession]:
    """Return the open sessions of a session's person, the newest first."""
    return [OwnSession(**dict(row)) for row in await connection.fetch(OWN_SESSIONS, key_hash(token))]


CLOSE_OWN = "SELECT accounts.close_own_sessions($1)"


async def close_own_sessions(connection: asyncpg.Connection, token: str) -> None:
    """End all sessions of a session's person, this one included."""
    await connection.execute(CLOSE_OWN, key_hash(token))


CHANGE = "SELECT accounts.change_password($1, $2, $3)"


async def change_password(connection: asyncpg.Connection, token: str, proof: bytes, new_hash: str) -> bool:
    """Store the hash of a new password where the proof is that of the present one; return whether it was.

    All sessions of the person end, this one included.
    """
    return bool(await connection.fetchval(CHANGE, key_hash(token), proof, new_hash))
