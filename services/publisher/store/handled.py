"""Handled complaints: staged from the topic, drafted from in batches, counted by day and office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

KNOWN = "SELECT complaint_id FROM publisher.handled_complaints WHERE complaint_id = ANY ($1::uuid[])"


async def fetch_known(connection: asyncpg.Connection, complaint_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these complaints were handled once."""
    if not complaint_ids:
        return set()
    return {UUID(int=row["complaint_id"].int) for row in await connection.fetch(KNOWN, complaint_ids)}


@dataclass(frozen=True, slots=True)
class HandledRevision:
    """A revision of a complaint as it is staged; `handled`: it is a closed dispute of its own."""

    complaint_id: UUID
    revision: int
    handled: bool
    closed_on: date | None
    office: str | None
    body: bytes


STAGE = """
INSERT INTO publisher.handled_complaints AS h (complaint_id, revision, handled, closed_on, office, body, staged_at)
SELECT n.*, $7
  FROM unnest($1::uuid[], $2::integer[], $3::boolean[], $4::date[], $5::text[], $6::bytea[]) AS n
    ON CONFLICT (complaint_id) DO UPDATE
   SET revision = excluded.revision, handled = excluded.handled, closed_on = excluded.closed_on, office = excluded.office,
       left_out = NULL, body = excluded.body, staged_at = excluded.staged_at
 WHERE h.revision < excluded.revision
"""


async def stage(connection: asyncpg.Connection, revisions: Sequence[HandledRevision], at: datetime) -> None:
    """Stage the newest revisions of complaints, each complaint once; older ones than are known change nothing."""
    if revisions:
        await connection.execute(
            STAGE,
            [each.complaint_id for each in revisions],
            [each.revision for each in revisions],
            [each.handled for each in revisions],
            [each.closed_on for each in revisions],
            [each.office for each in revisions],
            [each.body for each in revisions],
            at,
        )


LOCK_WAITING = """
SELECT complaint_id, body
  FROM publisher.handled_complaints
 WHERE body IS NOT NULL
 ORDER BY staged_at, complaint_id
 LIMIT $1
   FOR UPDATE SKIP LOCKED
"""


async def lock_waiting(connection: asyncpg.Connection, limit: int) -> dict[UUID, bytes]:
    """Return the revisions that have waited longest to be drafted from, locked, by complaint."""
    rows = await connection.fetch(LOCK_WAITING, limit)
    return {UUID(int=row["complaint_id"].int): row["body"] for row in rows}


SET_DRAFTED = """
UPDATE publisher.handled_complaints h
   SET body = NULL, left_out = n.left_out
  FROM unnest($1::uuid[], $2::text[]) AS n(complaint_id, left_out)
 WHERE h.complaint_id = n.complaint_id
"""


async def set_drafted(connection: asyncpg.Connection, left_out: Mapping[UUID, str | None]) -> None:
    """Record that complaints were drafted from; those that have no item with the code of why not."""
    await connection.execute(SET_DRAFTED, list(left_out), list(left_out.values()))


COUNT_WAITING = "SELECT count(*) FROM publisher.handled_complaints WHERE body IS NOT NULL"


async def count_waiting(connection: asyncpg.Connection) -> int:
    """Return how many revisions wait to be drafted from."""
    return int(await connection.fetchval(COUNT_WAITING))
