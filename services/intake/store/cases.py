"""Complaints as the desk shows them, who handles those that were entered there, and what was done about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.contracts import ComplaintRevised


@dataclass(frozen=True, slots=True)
class StoredComplaint:
    """A complaint as it was last said: facts and redacted texts. `handler`: who handles it at the desk."""

    complaint_id: UUID
    source: str
    source_revision: int
    revised_at: datetime
    handler: str | None
    facts: ComplaintRevised

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> StoredComplaint:
        """Build from a row of `complaints` with its source and handler."""
        return cls(
            UUID(int=row["complaint_id"].int),
            row["source"],
            row["source_revision"],
            row["revised_at"],
            row["handler"],
            ComplaintRevised.model_validate_json(row["payload"]),
        )


BY_ID = """
SELECT c.complaint_id, s.name AS source, c.source_revision, c.revised_at, h.clerk AS handler, c.payload
  FROM intake.complaints c
  JOIN intake.sources s USING (source_id)
  LEFT JOIN intake.case_handlers h USING (complaint_id)
 WHERE c.complaint_id = $1
"""


async def find_by_id(connection: asyncpg.Connection, complaint_id: UUID) -> StoredComplaint | None:
    """Return a complaint."""
    row = await connection.fetchrow(BY_ID, complaint_id)
    return StoredComplaint.from_row(row) if row else None


BY_IDS = """
SELECT c.complaint_id, s.name AS source, c.source_revision, c.revised_at, h.clerk AS handler, c.payload
  FROM intake.complaints c
  JOIN intake.sources s USING (source_id)
  LEFT JOIN intake.case_handlers h USING (complaint_id)
 WHERE c.complaint_id = ANY ($1::uuid[])
"""


async def find_by_ids(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[UUID, StoredComplaint]:
    """Return complaints by their ids."""
    found = map(StoredComplaint.from_row, await connection.fetch(BY_IDS, list(complaint_ids)))
    return {complaint.complaint_id: complaint for complaint in found}


# A look-up by key for each source, of which there are few: the number alone has no index.
BY_NUMBER = """
SELECT c.complaint_id, s.name AS source, c.source_revision, c.revised_at, h.clerk AS handler, c.payload
  FROM intake.sources s
 CROSS JOIN LATERAL (
       SELECT * FROM intake.complaints c WHERE c.source_id = s.source_id AND c.external_id = $1 OFFSET 0) c
  LEFT JOIN intake.case_handlers h USING (complaint_id)
 ORDER BY c.complaint_id
 LIMIT 50
"""


async def find_by_number(connection: asyncpg.Connection, number: str) -> list[StoredComplaint]:
    """Return the complaints of every source with this number."""
    return [StoredComplaint.from_row(row) for row in await connection.fetch(BY_NUMBER, number)]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Conditions on what was entered at the desk: a status, who handles it, a part of the operator's name or its code."""

    status: str | None = None
    handler: str | None = None
    q: str | None = None


ENTERED = """
SELECT c.complaint_id, s.name AS source, c.source_revision, c.revised_at, h.clerk AS handler, c.payload
  FROM intake.sources s
  JOIN intake.complaints c USING (source_id)
  LEFT JOIN intake.case_handlers h USING (complaint_id)
 CROSS JOIN LATERAL (SELECT convert_from(c.payload, 'UTF8')::jsonb AS facts) f
 WHERE s.name = $1
   AND c.external_id < $2
   AND ($3::text IS NULL OR f.facts ->> 'status' = $3)
   AND ($4::text IS NULL OR h.clerk = $4)
   AND ($5::text IS NULL OR position(lower($5) IN lower(f.facts #>> '{operator,name}')) > 0
        OR f.facts #>> '{operator,uscc}' = upper($5))
 ORDER BY c.external_id DESC
 LIMIT $6
"""
BEHIND_ALL = "E"


async def list_entered(
    connection: asyncpg.Connection, source: str, criteria: CaseFilter, *, before: str = BEHIND_ALL, limit: int
) -> list[StoredComplaint]:
    """Return what was entered at the desk, by number, which begins with the day: the newest first, those before a number."""
    rows = await connection.fetch(ENTERED, source, before, criteria.status, criteria.handler, criteria.q, limit)
    return [StoredComplaint.from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class CaseStep:
    """What a clerk did about a complaint: a step of its handling, an edit, a note, handing it over."""

    step: str
    done_by: str
    done_at: datetime
    day: date | None = None
    ground: str | None = None
    note: str | None = None
    handed_to: str | None = None


HISTORY = """
SELECT step, done_by, done_at, day, ground, note, handed_to
  FROM intake.case_steps
 WHERE complaint_id = $1
 ORDER BY number DESC
"""


async def fetch_history(connection: asyncpg.Connection, complaint_id: UUID) -> list[CaseStep]:
    """Return what was done about a complaint at the desk, the newest first."""
    return [CaseStep(**dict(row)) for row in await connection.fetch(HISTORY, complaint_id)]


# The complaint is locked, so that steps are numbered one after the other.
LOCK = "SELECT complaint_id FROM intake.complaints WHERE complaint_id = $1 FOR UPDATE"
ADD_STEP = """
INSERT INTO intake.case_steps (complaint_id, number, step, done_by, done_at, day, ground, note, handed_to)
SELECT $1, coalesce(max(s.number), 0) + 1, $2, $3, $4, $5, $6, $7, $8
  FROM intake.case_steps s
 WHERE s.complaint_id = $1
"""


async def add_step(connection: asyncpg.Connection, complaint_id: UUID, done: CaseStep) -> None:
    """Add a step to the history of a complaint."""
    await connection.execute(LOCK, complaint_id)
    await connection.execute(
        ADD_STEP, complaint_id, done.step, done.done_by, done.done_at, done.day, done.ground, done.note, done.handed_to
    )


SET_HANDLER = """
INSERT INTO intake.case_handlers AS h (complaint_id, clerk, since)
VALUES ($1, $2, $3)
    ON CONFLICT (complaint_id) DO UPDATE SET clerk = excluded.clerk, since = excluded.since
 WHERE h.clerk IS NOT DISTINCT FROM $4
RETURNING clerk
"""


async def set_handler(
    connection: asyncpg.Connection, complaint_id: UUID, clerk: str, *, before: str | None, at: datetime
) -> bool:
    """Let a clerk handle a complaint that `before` handles; return False where somebody else handles it by now."""
    return await connection.fetchval(SET_HANDLER, complaint_id, clerk, at, before) is not None


ID_OF = """
SELECT c.complaint_id
  FROM intake.complaints c
  JOIN intake.sources s USING (source_id)
 WHERE s.name = $1 AND c.external_id = $2
"""


async def find_id(connection: asyncpg.Connection, source: str, number: str) -> UUID | None:
    """Return the id of a complaint of a source."""
    found = await connection.fetchval(ID_OF, source, number)
    return UUID(int=found.int) if found else None
