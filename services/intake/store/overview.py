"""Read model of the desk: counts and positions, never content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
import orjson


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """Reports of a channel that were accepted, duplicate and refused."""

    channel: str
    accepted: int
    duplicate: int
    refused: int


COUNT_BY_CHANNEL = """
SELECT channel,
       coalesce(sum(reports) FILTER (WHERE result = 'accepted'), 0)::bigint AS accepted,
       coalesce(sum(reports) FILTER (WHERE result = 'duplicate'), 0)::bigint AS duplicate,
       coalesce(sum(reports) FILTER (WHERE result = 'refused'), 0)::bigint AS refused
  FROM intake.arrivals
 WHERE day >= $1
 GROUP BY channel
 ORDER BY sum(reports) DESC, channel
"""


async def count_by_channel(connection: asyncpg.Connection, since: date) -> list[ChannelCount]:
    """Return the counts since a day, the channel with most reports first."""
    return [ChannelCount(**row) for row in await connection.fetch(COUNT_BY_CHANNEL, since)]


COUNT_DEAD_LETTERS = """
SELECT reason, count(*) AS waiting
  FROM intake.dead_letters
 WHERE replayed_at IS NULL
   AND superseded_at IS NULL
 GROUP BY reason
 ORDER BY waiting DESC, reason
"""


async def count_dead_letters_by_reason(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the number of dead letters that wait, by reason."""
    return {row["reason"]: row["waiting"] for row in await connection.fetch(COUNT_DEAD_LETTERS)}


@dataclass(frozen=True, slots=True)
class DeadLetterSummary:
    """A dead letter without its content: its position, or the entrance that has none, and the (field, code) of its findings."""

    id: int
    entrance: str
    part: int | None
    at_offset: int | None
    reason: str
    recorded_at: datetime
    findings: tuple[tuple[str, str], ...]


FETCH_RECENT = """
SELECT id, entrance, part, at_offset, reason, recorded_at, detail
  FROM intake.dead_letters
 WHERE replayed_at IS NULL
   AND superseded_at IS NULL
 ORDER BY id DESC
 LIMIT $1
"""


async def fetch_recent_dead_letters(connection: asyncpg.Connection, limit: int) -> list[DeadLetterSummary]:
    """Return the newest dead letters that wait."""
    return [
        DeadLetterSummary(
            row["id"], row["entrance"], row["part"], row["at_offset"], row["reason"], row["recorded_at"],
            tuple((finding["field"], finding["code"]) for finding in orjson.loads(row["detail"])),
        )
        for row in await connection.fetch(FETCH_RECENT, limit)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Complaints attributed to a provisional operator (a name without a credit code), and the number of such names."""

    names: int
    complaints: int


COUNT_UNATTRIBUTED = """
SELECT count(DISTINCT name_key) AS names, count(*) AS complaints
  FROM intake.complaints
 WHERE operator_key LIKE 'N-%'
"""


async def count_unattributed(connection: asyncpg.Connection) -> Unattributed:
    """Count the complaints of provisional operators."""
    (row,) = await connection.fetch(COUNT_UNATTRIBUTED)
    return Unattributed(**row)
