"""Erasure of what was withdrawn, as the owner of the database: of each version the digest is left."""

from __future__ import annotations

from datetime import datetime

import asyncpg

STATE = "SELECT state FROM publisher.public_items WHERE item_id = $1"


async def fetch_public_state(connection: asyncpg.Connection, item_id: str) -> str | None:
    """Return the state of an item in public; None where it never was."""
    state: str | None = await connection.fetchval(STATE, item_id)
    return state


ERASE_RELEASES = """
UPDATE publisher.releases
   SET body = publisher.without_content(body), erased_at = $2
 WHERE item_id = $1
   AND kind <> 'withdrawn'
   AND erased_at IS NULL
RETURNING version
"""
ERASE_VERSIONS = """
UPDATE publisher.versions
   SET form = publisher.without_content(form), checks = '[]', facts = '{}', erased_at = $2
 WHERE item_id = $1
   AND purpose = 'publish'
   AND erased_at IS NULL
"""
DELETE_SUMMARY = "DELETE FROM publisher.case_summaries WHERE item_id = $1"


async def erase_item(connection: asyncpg.Connection, item_id: str, at: datetime) -> list[int]:
    """Erase every version of a withdrawn item but its withdrawal, and what a person wrote for it; return the released ones."""
    rows = await connection.fetch(ERASE_RELEASES, item_id, at)
    await connection.execute(ERASE_VERSIONS, item_id, at)
    await connection.execute(DELETE_SUMMARY, item_id)
    return sorted(row["version"] for row in rows)


ERASED_VERSIONS = "SELECT item_id, version FROM publisher.releases WHERE erased_at IS NOT NULL"


async def fetch_erased(connection: asyncpg.Connection) -> frozenset[tuple[str, int]]:
    """Return item id and version of every release that was erased."""
    return frozenset((row["item_id"], row["version"]) for row in await connection.fetch(ERASED_VERSIONS))
