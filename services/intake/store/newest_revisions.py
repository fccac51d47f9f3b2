"""Every complaint as it was last told, page by page."""

from __future__ import annotations

from uuid import UUID

import asyncpg

LOCK_SOME = """
SELECT complaint_id, payload
  FROM intake.complaints
 WHERE complaint_id > $1
 ORDER BY complaint_id
 LIMIT $2
   FOR UPDATE
"""


async def lock_some(connection: asyncpg.Connection, after: UUID, limit: int) -> list[tuple[UUID, bytes]]:
    """Return id and newest revision of complaints with an id behind `after`, in order, locked."""
    return [(row["complaint_id"], row["payload"]) for row in await connection.fetch(LOCK_SOME, after, limit)]
