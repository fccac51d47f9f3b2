"""Stored positions of partitions: each belongs to the topic of one id, and to an owner under an epoch.

The epoch makes a zombie's transaction fail instead of counting twice; the id keeps a position from being used in another topic
of the same name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg
from aiokafka import TopicPartition

from shared.database.counted import execute_counted
from shared.errors import Fenced
from shared.stream.blocked_partitions import BlockCause, BlockedPartition
from shared.stream.topic_offsets import TopicOffsets


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to apply of one partition, the epoch of its newest owner, and the topic that it belongs to.

    `block_cause` and `resume_offset`: what was stored when the partition was found blocked. `overridden_at`: when an
    operator last set the position.
    """

    partition: TopicPartition
    next_offset: int
    epoch: int
    topic_id: UUID | None = None
    block_cause: BlockCause | None = None
    resume_offset: int | None = None
    overridden_at: datetime | None = None

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> Position:
        """Build from a row of `positions` joined with `standing_partitions`."""
        cause = row["cause"] and BlockCause(row["cause"])
        partition = TopicPartition(row["topic"], row["part"])
        return cls(partition, row["next_offset"], row["epoch"], row["topic_id"], cause, row["resume_offset"], row["acted_at"])

    def is_of_another_topic(self, offsets: TopicOffsets) -> bool:
        """Return whether the topic of this name is another one than that of the position."""
        return None not in {self.topic_id, offsets.topic_id} and self.topic_id != offsets.topic_id

    def bind(self, offsets: TopicOffsets) -> Position:
        """Return the position in the topic as it is now: 0 in a topic that was made anew."""
        if self.is_of_another_topic(offsets):
            return replace(self, next_offset=0, topic_id=offsets.topic_id, block_cause=None, resume_offset=None)
        return replace(self, topic_id=offsets.topic_id or self.topic_id)

    def find_blocked(self, offsets: TopicOffsets) -> BlockedPartition | None:
        """Return why consuming cannot go on at this bound position, or None if it can.

        A position that was ahead of its log stays so, however long the log grows: what it holds now is not what was applied.
        """
        offset, beginning, end = self.next_offset, offsets.beginnings[self.partition], offsets.ends[self.partition]
        if offset < beginning:
            return BlockedPartition(self.partition, BlockCause.POSITION_LOST, offset, end, beginning)
        if offset > end or self.block_cause is BlockCause.POSITION_AHEAD:
            return BlockedPartition(self.partition, BlockCause.POSITION_AHEAD, offset, end)
        return None


CLAIM = """
WITH claimed AS (
    INSERT INTO positions AS p (topic, part, topic_id, next_offset)
    SELECT t.topic, t.part, $3, t.beginning
      FROM unnest($1::text[], $2::integer[], $4::bigint[]) AS t(topic, part, beginning)
     ORDER BY t.topic, t.part
        ON CONFLICT (topic, part) DO UPDATE SET epoch = p.epoch + 1
    RETURNING topic, part, next_offset, epoch, topic_id, acted_at
)
SELECT c.topic, c.part, c.next_offset, c.epoch, c.topic_id, c.acted_at, s.cause, s.resume_offset
  FROM claimed AS c
  LEFT JOIN standing_partitions AS s USING (topic, part)
"""


async def claim_positions(
    connection: asyncpg.Connection, offsets: TopicOffsets, partitions: Collection[TopicPartition]
) -> list[Position]:
    """Claim the partitions under a new epoch and return their positions: every older owner is fenced from now on.

    A partition that was never claimed begins where its log does.
    """
    claimed = list(partitions)
    rows = await connection.fetch(
        CLAIM,
        [each.topic for each in claimed],
        [each.partition for each in claimed],
        offsets.topic_id,
        [offsets.beginnings[each] for each in claimed],
    )
    return [Position.from_row(row) for row in rows]


BIND = """
UPDATE positions AS p
   SET next_offset = b.next_offset,
       topic_id = b.topic_id
  FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::uuid[]) AS b(topic, part, next_offset, topic_id)
 WHERE p.topic = b.topic
   AND p.part = b.part
"""


async def store_bound(connection: asyncpg.Connection, positions: Sequence[Position]) -> None:
    """Store positions that were just claimed, bound to the topic as it is now."""
    await connection.execute(
        BIND,
        [each.partition.topic for each in positions],
        [each.partition.partition for each in positions],
        [each.next_offset for each in positions],
        [each.topic_id for each in positions],
    )


BLOCK = """
INSERT INTO standing_partitions AS s (topic, part, cause, resume_offset)
SELECT *
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[])
    ON CONFLICT (topic, part) DO UPDATE
       SET cause = excluded.cause,
           resume_offset = excluded.resume_offset,
           since = CASE WHEN s.cause = excluded.cause THEN s.since ELSE excluded.since END
"""
UNBLOCK = """
DELETE FROM standing_partitions AS s
 USING unnest($1::text[], $2::integer[]) AS g(topic, part)
 WHERE s.topic = g.topic
   AND s.part = g.part
"""


async def store_blocked(
    connection: asyncpg.Connection, partitions: Collection[TopicPartition], blocked: Sequence[BlockedPartition]
) -> None:
    """Store which of the claimed partitions are blocked, and why; the others go on."""
    blocked_partitions = {each.partition for each in blocked}
    consumed = [partition for partition in partitions if partition not in blocked_partitions]
    await connection.execute(UNBLOCK, [each.topic for each in consumed], [each.partition for each in consumed])
    await connection.execute(
        BLOCK,
        [each.partition.topic for each in blocked],
        [each.partition.partition for each in blocked],
        [each.cause for each in blocked],
        [each.resume_offset for each in blocked],
    )


OVERRIDES = "SELECT topic, part, acted_at FROM positions WHERE topic = $1 AND acted_at IS NOT NULL"


async def fetch_overrides(connection: asyncpg.Connection, topic: str) -> dict[TopicPartition, datetime]:
    """Return when an operator last set the position of each partition of a topic."""
    return {TopicPartition(row["topic"], row["part"]): row["acted_at"] for row in await connection.fetch(OVERRIDES, topic)}


@dataclass(frozen=True, slots=True)
class PositionAdvance:
    """How a batch advances one partition: it holds offsets `first` to `last`, both inclusive, under `epoch`."""

    partition: TopicPartition
    first: int
    last: int
    epoch: int


ADVANCE = """
UPDATE positions AS p
   SET next_offset = a.last + 1,
       moved_at = now()
  FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[]) AS a(topic, part, first, last, epoch)
 WHERE p.topic = a.topic
   AND p.part = a.part
   AND p.epoch = a.epoch
   AND p.next_offset <= a.first
"""


async def advance_positions(connection: asyncpg.Connection, advances: Sequence[PositionAdvance]) -> None:
    """Advance the positions past the batch, in its own transaction.

    Offsets may have gaps (aborted transactions, compaction), so the guard is the owner's epoch and the order, not
    equality. Raises `Fenced` when another process has claimed a partition or the batch was applied before.
    """
    advanced = await execute_counted(
        connection,
        ADVANCE,
        [each.partition.topic for each in advances],
        [each.partition.partition for each in advances],
        [each.first for each in advances],
        [each.last for each in advances],
        [each.epoch for each in advances],
    )
    if advanced != len(advances):
        raise Fenced(f"{len(advances)} partitions to advance, {advanced} advanced")
