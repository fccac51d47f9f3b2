"""Operator names whose stored key is not the one that they have by now: the comparable form of names has changed since."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from shared.database.counted import execute_counted


@dataclass(frozen=True, slots=True)
class StoredName:
    """A registered name, the key under which it is stored, and the credit codes that claim it."""

    name_key: str
    name: str
    claimed_by: tuple[str, ...]


FETCH_NAMES = """
SELECT name_key, name, claimed_by
  FROM intake.operator_names
 WHERE name_key > $1
 ORDER BY name_key
 LIMIT $2
"""


async def fetch_names(connection: asyncpg.Connection, after: str, limit: int) -> list[StoredName]:
    """Return at most `limit` names in the order of their keys, those behind `after`."""
    rows = await connection.fetch(FETCH_NAMES, after, limit)
    return [StoredName(row["name_key"], row["name"], tuple(row["claimed_by"])) for row in rows]


# What people decided differently about two names that are one by now is a question again.
KEEP_DECISION = """
UPDATE intake.operator_names AS n
   SET assigned_to = CASE WHEN n.assigned_to IS NULL THEN o.assigned_to END,
       assigned_by = CASE WHEN n.assigned_to IS NULL THEN o.assigned_by END,
       assigned_at = CASE WHEN n.assigned_to IS NULL THEN o.assigned_at END
  FROM intake.operator_names AS o
 WHERE o.name_key = $1
   AND n.name_key = $2
   AND o.assigned_to IS NOT NULL
   AND o.assigned_to IS DISTINCT FROM n.assigned_to
"""


async def keep_decision(connection: asyncpg.Connection, old: str, new: str) -> None:
    """Let what a person decided about a name hold for its new key."""
    await connection.execute(KEEP_DECISION, old, new)


MOVE_COMPLAINTS = """
WITH found AS (
    SELECT complaint_id
      FROM intake.complaints
     WHERE name_key = $1
     ORDER BY complaint_id
     LIMIT $3
       FOR UPDATE
)
UPDATE intake.complaints AS c
   SET name_key = $2
  FROM found
 WHERE c.complaint_id = found.complaint_id
"""


async def move_complaints(connection: asyncpg.Connection, old: str, new: str, limit: int) -> int:
    """Put at most `limit` complaints of a name under another key; return how many."""
    return await execute_counted(connection, MOVE_COMPLAINTS, old, new, limit)


DELETE_FROM_QUEUE = "DELETE FROM intake.following WHERE name_key = $1"
DELETE_NAME = "DELETE FROM intake.operator_names WHERE name_key = $1"


async def delete_name(connection: asyncpg.Connection, name_key: str) -> None:
    """Delete a name of which there are no complaints any more."""
    await connection.execute(DELETE_FROM_QUEUE, name_key)
    await connection.execute(DELETE_NAME, name_key)
