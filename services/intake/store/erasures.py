"""Complaints whose words were erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.domain.decision import ComplaintKey, ComplaintState
from services.intake.store.complaints import to_state

INSERT = "INSERT INTO intake.erasures (complaint_id, erased_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING complaint_id"
LOCK = """
SELECT c.source_id, c.external_id, c.complaint_id, c.source_revision, c.content_hash, c.ever_accepted, c.withheld, c.revision,
       c.operator_key, c.name_key, c.duplicate_of
  FROM intake.complaints AS c
 WHERE c.complaint_id = $1
   FOR UPDATE
"""


async def insert_erasure(
    connection: asyncpg.Connection, complaint_id: UUID, at: datetime
) -> tuple[ComplaintKey, ComplaintState] | None:
    """Note that a complaint is erased; return its key and state, locked, or None where it was before or is not known."""
    row = await connection.fetchrow(LOCK, complaint_id)
    if row is None or await connection.fetchval(INSERT, complaint_id, at) is None:
        return None
    return (row["source_id"], row["external_id"]), to_state(row)


ERASED = "SELECT complaint_id FROM intake.erasures WHERE complaint_id = ANY ($1::uuid[])"


async def fetch_erased(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these complaints were erased."""
    if not complaint_ids:
        return frozenset()
    return frozenset(UUID(int=row["complaint_id"].int) for row in await connection.fetch(ERASED, list(complaint_ids)))


# One that is no report has no key: it tells of the complaint where it names its number and, there or in a header, its source.
DELETE_REFUSED = """
DELETE FROM intake.dead_letters
 WHERE key = $1
    OR (position($3::bytea IN value) > 0 AND (position($2::bytea IN value) > 0 OR strpos(headers::text, $4) > 0))
"""
CLEAR_NOTES = "UPDATE intake.case_steps SET note = NULL WHERE complaint_id = $1"


async def delete_words(connection: asyncpg.Connection, complaint_id: UUID, source: str, external_id: str) -> None:
    """Delete what was refused of a complaint, which a dead letter holds as it came, and what clerks noted of it."""
    key, number = f"{source}|{external_id}".encode(), f'"{external_id}"'.encode()
    await connection.execute(DELETE_REFUSED, key, source.encode(), number, source.encode().hex())
    await connection.execute(CLEAR_NOTES, complaint_id)
