"""When all figures were recounted, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

# A recount that was begun so long ago ended with its process.
CLAIM = """
INSERT INTO stats.verifications AS v (day, started_at)
VALUES ($1, $2)
    ON CONFLICT (day) DO UPDATE
   SET started_at = excluded.started_at
 WHERE v.verified_at IS NULL
   AND v.started_at < excluded.started_at - interval '2 hours'
RETURNING true
"""


async def claim_verification(connection: asyncpg.Connection, day: date, now: datetime) -> bool:
    """Return whether the recount of a day is this process's to make: nobody made it, and nobody is at it."""
    return bool(await connection.fetchval(CLAIM, day, now))


@dataclass(frozen=True, slots=True)
class Verification:
    """A recount: how many complaints were recounted, how many figures compared, how many of both differ."""

    day: date
    verified_at: datetime
    complaints: int
    figures: int
    differences: int


UPSERT = """
INSERT INTO stats.verifications (day, started_at, verified_at, complaints, figures, differences)
VALUES ($1, $2, $2, $3, $4, $5)
    ON CONFLICT (day) DO UPDATE
   SET verified_at = excluded.verified_at,
       complaints = excluded.complaints,
       figures = excluded.figures,
       differences = excluded.differences
"""


async def upsert_verification(connection: asyncpg.Connection, verification: Verification) -> None:
    """Store the result of a recount; of several on one day the newest stays."""
    await connection.execute(
        UPSERT,
        verification.day,
        verification.verified_at,
        verification.complaints,
        verification.figures,
        verification.differences,
    )


NEWEST = """
SELECT day, verified_at, complaints, figures, differences
  FROM stats.verifications
 WHERE verified_at IS NOT NULL
 ORDER BY day DESC
 LIMIT 1
"""


async def fetch_newest_verification(connection: asyncpg.Connection) -> Verification | None:
    """Return the newest recount, None before the first."""
    record = await connection.fetchrow(NEWEST)
    return Verification(**dict(record)) if record else None
