"""Overrides of stored positions: an operator looks at them, and sets them by a command that leaves a journal entry."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.stream.journal import JournalEntry
from shared.stream.positions import Position
from shared.stream.unit_of_work import UnitOfWork

FETCH = """
SELECT p.topic, p.part, p.next_offset, p.epoch, p.topic_id, p.acted_at, s.cause, s.resume_offset
  FROM positions AS p
  LEFT JOIN standing_partitions AS s USING (topic, part)
 ORDER BY p.topic, p.part
"""


async def fetch_positions(connection: asyncpg.Connection) -> list[Position]:
    """Return every position of a service, without claiming it."""
    return [Position.from_row(row) for row in await connection.fetch(FETCH)]


@dataclass(frozen=True, slots=True)
class PositionOverride:
    """What an operator sets: to go on at `next_offset` of the topic of this id. `lost_offsets` are given up by it."""

    action: str
    actor: str
    next_offset: int
    topic_id: UUID | None
    lost_offsets: int = 0


SET = """
UPDATE positions
   SET next_offset = $3,
       topic_id = coalesce($4, topic_id),
       epoch = epoch + 1,
       acted_at = now()
 WHERE topic = $1
   AND part = $2
"""
UNBLOCK = "DELETE FROM standing_partitions WHERE topic = $1 AND part = $2"


async def set_position(uow: UnitOfWork, position: Position, override: PositionOverride) -> None:
    """Set a position and journal it. A running consumer is fenced, notices within seconds, and goes on from there."""
    topic, part = position.partition
    await uow.connection.execute(SET, topic, part, override.next_offset, override.topic_id)
    await uow.connection.execute(UNBLOCK, topic, part)
    before, after = {"next_offset": position.next_offset}, {"next_offset": override.next_offset}
    detail = {"from": position.next_offset, "to": override.next_offset, "lost_records": override.lost_offsets}
    uow.journal(JournalEntry(override.actor, override.action, f"{topic}/{part}", before, after, detail))
