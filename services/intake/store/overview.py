"""What the desk shows of what came in: counts and positions, never content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
import orjson


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """How many reports of a channel were accepted, known already, and refused; a refused one may be told by no channel."""

    channel: str
    accepted: int
    duplicate: int
    refused: int


BY_CHANNEL = """
SELECT channel,
       coalesce(sum(reports) FILTER (WHERE result = 'accepted'), 0)::bigint AS accepted,
       coalesce(sum(reports) FILTER (WHERE result = 'duplicate'), 0)::bigint AS duplicate,
       coalesce(sum(reports) FILTER (WHERE result = 'refused'), 0)::bigint AS refused
  FROM intake.arrivals
 WHERE day >= $1
 GROUP BY channel
 ORDER BY sum(reports) DESC, channel
"""


async def by_channel(connection: asyncpg.Connection, since: date) -> list[ChannelCount]:
    """Return the counts since a day, the busiest channel first."""
    return [ChannelCount(**row) for row in await connection.fetch(BY_CHANNEL, since)]


WAITING = """
SELECT reason, count(*) AS waiting
  FROM intake.dead_letters
 WHERE replayed_at IS NULL
 GROUP BY reason
 ORDER BY waiting DESC, reason
"""


async def waiting_by_reason(connection: asyncpg.Connection) -> dict[str, int]:
    """Return how many dead letters wait, by reason."""
    return {row["reason"]: row["waiting"] for row in await connection.fetch(WAITING)}


@dataclass(frozen=True, slots=True)
class RecentLetter:
    """A dead letter without what is in it: where it stood, and (field, code) of its findings."""

    id: int
    part: int
    at_offset: int
    reason: str
    recorded_at: datetime
    findings: tuple[tuple[str, str], ...]


RECENT = """
SELECT id, part, at_offset, reason, recorded_at, detail
  FROM intake.dead_letters
 WHERE replayed_at IS NULL
 ORDER BY id DESC
 LIMIT $1
"""


async def recent_letters(connection: asyncpg.Connection, most: int) -> list[RecentLetter]:
    """Return the newest dead letters that wait."""
    return [
        RecentLetter(
            row["id"], row["part"], row["at_offset"], row["reason"], row["recorded_at"],
            tuple((detail["field"], detail["code"]) for detail in orjson.loads(row["detail"])),
        )
        for row in await connection.fetch(RECENT, most)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Complaints whose operator is known by a name only, and how many names that are."""

    names: int
    complaints: int


UNATTRIBUTED = """
SELECT count(DISTINCT name_key) AS names, count(*) AS complaints
  FROM intake.complaints
 WHERE operator_key LIKE 'N-%'
"""


async def unattributed(connection: asyncpg.Connection) -> Unattributed:
    """Return how much waits for a credit code."""
    (row,) = await connection.fetch(UNATTRIBUTED)
    return Unattributed(**row)
