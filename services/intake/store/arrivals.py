"""Counts of reports by day, entrance, channel and result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import asyncpg

ArrivalKey = tuple[str, str, str]

ADD_COUNTS = """
INSERT INTO intake.arrivals AS a (day, entrance, channel, result, reports)
SELECT $1, c.entrance, c.channel, c.result, c.reports
  FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS c(entrance, channel, result, reports)
 ORDER BY c.entrance, c.channel, c.result
    ON CONFLICT (day, entrance, channel, result) DO UPDATE SET reports = a.reports + excluded.reports
"""


async def add_counts(connection: asyncpg.Connection, day: date, counts: Mapping[ArrivalKey, int]) -> None:
    """Add to the counts of `day`; the key is (entrance, channel, result)."""
    await connection.execute(
        ADD_COUNTS,
        day,
        [entrance for entrance, _, _ in counts],
        [channel for _, channel, _ in counts],
        [result for _, _, result in counts],
        list(counts.values()),
    )
