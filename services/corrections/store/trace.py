"""Applications about an item, without who applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class TracedApplication:
    """An application: its receipt and item, when it came and is due, and the decision, if there is one."""

    receipt: str
    item_id: str
    kind: str
    filed_at: datetime
    due_on: date
    decision: str | None
    decided_at: datetime | None


FIND = """
SELECT a.receipt, a.item_id, a.kind, a.filed_at, a.due_on, d.decision, d.decided_at
  FROM corrections.applications a
  LEFT JOIN corrections.decisions d USING (application_id)
 WHERE a.receipt = $1 OR a.item_id = ANY ($2::text[])
 ORDER BY a.filed_at
"""


async def find_applications(connection: asyncpg.Connection, receipt: str, item_ids: Sequence[str]) -> list[TracedApplication]:
    """Return the application with this receipt number, and those about these items."""
    return [TracedApplication(**dict(row)) for row in await connection.fetch(FIND, receipt, item_ids)]
