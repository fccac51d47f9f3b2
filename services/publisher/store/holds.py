"""Holds: what a reviewer or the gatekeeper keeps from being released, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

INSERT = "INSERT INTO publisher.holds (item_id, reason, held_by, held_at) VALUES ($1, $2, $3, $4)"


async def insert(connection: asyncpg.Connection, item_id: str, reason: str, person: str, at: datetime) -> None:
    """Hold an item; its scheduled release ends. Raises `asyncpg.IntegrityConstraintViolationError` where it is held already."""
    await connection.execute(INSERT, item_id, reason, person, at)


LIFT = "UPDATE publisher.holds SET lifted_by = $2, lifted_at = $3 WHERE item_id = $1 AND lifted_at IS NULL RETURNING reason"


async def lift(connection: asyncpg.Connection, item_id: str, person: str, at: datetime) -> str | None:
    """Lift the hold of an item; return its reason, None where there is none.

    Raises `asyncpg.CheckViolationError` where the person neither held it nor is a gatekeeper.
    """
    reason: str | None = await connection.fetchval(LIFT, item_id, person, at)
    return reason


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force, with the title of the item's version at work."""

    item_id: str
    version: int
    board: str
    title: str | None
    reason: str
    held_by: str
    held_at: datetime


HOLDS = """
SELECT h.item_id, v.version, i.board, v.title, h.reason, h.held_by, h.held_at
  FROM publisher.holds h
  JOIN publisher.items i USING (item_id)
  CROSS JOIN LATERAL (
       SELECT n.version, n.form ->> 'title' AS title
         FROM publisher.versions n
        WHERE n.item_id = h.item_id
        ORDER BY n.version DESC
        LIMIT 1) AS v
 WHERE h.lifted_at IS NULL
   AND ($1::text IS NULL OR h.item_id = $1)
 ORDER BY h.held_at, h.item_id
 LIMIT $2
"""


async def list_holds(connection: asyncpg.Connection, limit: int) -> list[Hold]:
    """Return the holds in force, the oldest first."""
    return [Hold(**dict(row)) for row in await connection.fetch(HOLDS, None, limit)]


async def fetch_hold(connection: asyncpg.Connection, item_id: str) -> Hold | None:
    """Return the hold of an item."""
    row = await connection.fetchrow(HOLDS, item_id, 1)
    return Hold(**dict(row)) if row else None
