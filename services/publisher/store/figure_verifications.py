"""Recounts of all figures, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from shared.contracts import FiguresVerified

UPSERT = """
INSERT INTO publisher.figure_verifications AS v (day, verified_at, complaints, figures, differences)
SELECT DISTINCT ON (day) day, verified_at, complaints, figures, differences
  FROM unnest($1::date[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS n(day, verified_at, complaints, figures, differences)
 ORDER BY day, verified_at DESC
    ON CONFLICT (day) DO UPDATE
   SET verified_at = excluded.verified_at,
       complaints = excluded.complaints,
       figures = excluded.figures,
       differences = excluded.differences
 WHERE v.verified_at < excluded.verified_at
"""


async def upsert_verifications(connection: asyncpg.Connection, verifications: Sequence[FiguresVerified]) -> None:
    """Store recounts; of several on one day the newest stays."""
    await connection.execute(
        UPSERT,
        [each.day for each in verifications],
        [each.verified_at for each in verifications],
        [each.complaints for each in verifications],
        [each.figures for each in verifications],
        [each.differences for each in verifications],
    )


@dataclass(frozen=True, slots=True)
class ShownVerification:
    """A recount. `seal` is the number of the first seal of the journals after it, which has it; None before that one."""

    day: date
    verified_at: datetime
    complaints: int
    figures: int
    differences: int
    seal: int | None


NEWEST = """
SELECT v.day, v.verified_at, v.complaints, v.figures, v.differences, s.number AS seal
  FROM publisher.figure_verifications AS v
  LEFT JOIN LATERAL (
    SELECT number
      FROM publisher.seals
     WHERE sealed_at > v.verified_at
     ORDER BY sealed_at
     LIMIT 1
  ) AS s ON true
 ORDER BY v.day DESC
 LIMIT $1
"""


async def fetch_verifications(connection: asyncpg.Connection, limit: int) -> list[ShownVerification]:
    """Return the newest recounts, the newest first."""
    return [ShownVerification(**dict(row)) for row in await connection.fetch(NEWEST, limit)]
