"""The secrets of screens: set at registration or by a pairing code, taken away, ended with the screen."""

from __future__ import annotations

from datetime import datetime

import asyncpg

PAIR = """
UPDATE publisher.screens
   SET secret_hash = $2, paired_at = $3, pairing_code = NULL, pairing_until = NULL
 WHERE screen_id = $1 AND removed_at IS NULL AND NOT is_open
RETURNING true
"""


async def set_secret(connection: asyncpg.Connection, screen_id: str, secret_hash: bytes, at: datetime) -> bool:
    """Give a screen a secret in place of the one before; return whether there is such a screen that is not open."""
    return bool(await connection.fetchval(PAIR, screen_id, secret_hash, at))


SET_CODE = """
UPDATE publisher.screens
   SET pairing_code = $2, pairing_until = $3
 WHERE screen_id = $1 AND removed_at IS NULL AND NOT is_open
RETURNING true
"""


async def set_pairing_code(connection: asyncpg.Connection, screen_id: str, code: str, until: datetime) -> bool:
    """Let the player that shows the code be paired until then; return whether there is such a screen that is not open."""
    return bool(await connection.fetchval(SET_CODE, screen_id, code, until))


CLAIM = """
UPDATE publisher.screens
   SET secret_hash = $3, paired_at = $4, pairing_code = NULL, pairing_until = NULL
 WHERE screen_id = $1 AND pairing_code = $2 AND pairing_until > $4 AND removed_at IS NULL AND NOT is_open
RETURNING true
"""


async def claim_screen(connection: asyncpg.Connection, screen_id: str, code: str, secret_hash: bytes, at: datetime) -> bool:
    """Pair the player that shows the code that staff have entered; return whether it is paired now. A code serves once."""
    return bool(await connection.fetchval(CLAIM, screen_id, code, secret_hash, at))


REMOVE = """
UPDATE publisher.screens
   SET removed_at = $2, secret_hash = NULL, pairing_code = NULL, pairing_until = NULL
 WHERE screen_id = $1 AND removed_at IS NULL
RETURNING true
"""


async def remove_screen(connection: asyncpg.Connection, screen_id: str, at: datetime) -> bool:
    """Remove a screen; return whether there was one. What it acknowledged stays in the table."""
    return bool(await connection.fetchval(REMOVE, screen_id, at))
