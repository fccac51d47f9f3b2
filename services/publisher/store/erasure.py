"""Erasure of what was withdrawn, as the owner of the database: of each version the digest is left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

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


KEY_OF = "SELECT natural_key FROM publisher.items WHERE item_id = $1"


async def find_complaint(connection: asyncpg.Connection, item_id: str) -> UUID | None:
    """Return the complaint that an item was made of; None where it is of none, as a month or what an office drafted."""
    try:
        return UUID(str(await connection.fetchval(KEY_OF, item_id)).rpartition("/")[2])
    except ValueError:
        return None


DELETE_TEXTS = "DELETE FROM publisher.complaint_texts WHERE complaint_id = $1"
CLEAR_STAGED = "UPDATE publisher.handled_complaints SET body = NULL WHERE complaint_id = $1"


async def erase_texts(connection: asyncpg.Connection, complaint_id: UUID) -> None:
    """Delete what the publisher has of a complaint's words, for its reviewers and to draft from."""
    await connection.execute(DELETE_TEXTS, str(complaint_id))
    await connection.execute(CLEAR_STAGED, complaint_id)


ERASED_VERSIONS = "SELECT item_id, version FROM publisher.releases WHERE erased_at IS NOT NULL"


async def fetch_erased(connection: asyncpg.Connection) -> frozenset[tuple[str, int]]:
    """Return item id and version of every release that was erased."""
    return frozenset((row["item_id"], row["version"]) for row in await connection.fetch(ERASED_VERSIONS))
