"""Stored positions of partitions, each owned under an epoch, so that a zombie's transaction fails instead of counting twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import TopicPartition

from shared.errors import Fenced


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to apply of one partition, and the epoch under which this process owns it."""

    partition: TopicPartition
    next_offset: int
    epoch: int


CLAIM = """
INSERT INTO positions AS p (topic, part)
SELECT t.topic, t.part
  FROM unnest($1::text[], $2::integer[]) AS t(topic, part)
 ORDER BY t.topic, t.part
    ON CONFLICT (topic, part) DO UPDATE SET epoch = p.epoch + 1
RETURNING topic, part, next_offset, epoch
"""


async def claim_positions(connection: asyncpg.Connection, partitions: Iterable[TopicPartition]) -> list[Position]:
    """Claim the partitions under a new epoch and return their positions: every older owner is fenced from now on."""
    claimed = list(partitions)
    rows = await connection.fetch(CLAIM, [p.topic for p in claimed], [p.partition for p in claimed])
    return [Position(TopicPartition(row["topic"], row["part"]), row["next_offset"], row["epoch"]) for row in rows]


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
    tag = await connection.execute(
        ADVANCE,
        [a.partition.topic for a in advances],
        [a.partition.partition for a in advances],
        [a.first for a in advances],
        [a.last for a in advances],
        [a.epoch for a in advances],
    )
    if int(tag.rsplit(" ", 1)[1]) != len(advances):
        raise Fenced(f"{len(advances)} partitions to advance, {tag}")
