"""How a complaint is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class TracedCount:
    """A complaint's contribution: whether it counts, where it stands, and whether the month it counts in is closed."""

    complaint_id: UUID
    revision: int
    operator_key: str
    received_on: date
    kind: str
    status: str
    outcome: str | None
    counted: bool
    duplicate: bool
    ruled_out: bool
    month_closed: bool


FIND = """
SELECT c.complaint_id, c.revision, c.operator_key, c.received_on, c.kind, c.status, c.outcome, c.counted, c.duplicate,
       c.ruled_out,
       EXISTS (SELECT FROM stats.closed_months m WHERE m.month = date_trunc('month', c.received_on)) AS month_closed
  FROM stats.contributions c
 WHERE c.complaint_id = ANY ($1::uuid[])
"""


async def find_counts(connection: asyncpg.Connection, complaint_ids: Sequence[UUID]) -> dict[UUID, TracedCount]:
    """Return the contributions of complaints, by complaint."""
    rows = await connection.fetch(FIND, complaint_ids)
    return {count.complaint_id: count for count in (TracedCount(**dict(row)) for row in rows)}
