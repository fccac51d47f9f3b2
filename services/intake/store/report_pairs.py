"""Pairs of reports: what the program found of them, and what holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.domain.disputes import group_linked
from services.intake.domain.duplicates import Band, Judgement

Pair = tuple[UUID, UUID]
LINKED, UNDECIDED, SEPARATE = "linked", "undecided", "separate"
VERDICTS = {Band.LINK: LINKED, Band.ASK: UNDECIDED, Band.SEPARATE: SEPARATE}


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair, smaller id first. `decided_by`: a clerk, or None where the program did."""

    first_id: UUID
    second_id: UUID
    band: Band
    agreements: tuple[str, ...]
    likeness: int
    verdict: str
    decided_by: str | None
    decided_at: datetime

    @property
    def pair(self) -> Pair:
        """The ids."""
        return self.first_id, self.second_id


OF_COMPLAINTS = """
SELECT first_id, second_id, band, agreements, likeness, verdict, decided_by, decided_at
  FROM intake.report_pairs
 WHERE first_id = ANY ($1::uuid[])
 UNION
SELECT first_id, second_id, band, agreements, likeness, verdict, decided_by, decided_at
  FROM intake.report_pairs
 WHERE second_id = ANY ($1::uuid[])
"""


async def fetch_of(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[Pair, StoredPair]:
    """Return the stored pairs that have one of the complaints in them."""
    rows = map(_from_row, await connection.fetch(OF_COMPLAINTS, list(complaint_ids)))
    return {row.pair: row for row in rows}


UPSERT = """
INSERT INTO intake.report_pairs AS p (first_id, second_id, band, agreements, likeness, verdict, decided_at)
SELECT r.first_id, r.second_id, r.band, string_to_array(r.agreements, ','), r.likeness, r.verdict, $7
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[])
       AS r(first_id, second_id, band, agreements, likeness, verdict)
 ORDER BY r.first_id, r.second_id
    ON CONFLICT (first_id, second_id) DO UPDATE
   SET band = excluded.band,
       agreements = excluded.agreements,
       likeness = excluded.likeness,
       verdict = CASE WHEN p.decided_by IS NULL THEN excluded.verdict ELSE p.verdict END,
       decided_at = CASE WHEN p.decided_by IS NULL THEN excluded.decided_at ELSE p.decided_at END
"""


async def upsert(connection: asyncpg.Connection, judged: Iterable[tuple[Pair, Judgement, str]], now: datetime) -> None:
    """Store what the program found, with its verdict; that of a clerk stays."""
    rows = list(judged)
    await connection.execute(
        UPSERT,
        [first for (first, _), _, _ in rows],
        [second for (_, second), _, _ in rows],
        [judgement.band.value for _, judgement, _ in rows],
        [",".join(judgement.agreements) for _, judgement, _ in rows],
        [judgement.likeness for _, judgement, _ in rows],
        [verdict for _, _, verdict in rows],
        now,
    )


DECIDE = """
UPDATE intake.report_pairs
   SET verdict = $3, decided_by = $4, decided_at = $5
 WHERE first_id = $1
   AND second_id = $2
   AND verdict <> $3
RETURNING first_id
"""


async def decide(connection: asyncpg.Connection, pair: Pair, verdict: str, *, by: str, at: datetime) -> bool:
    """Let a clerk's verdict hold; False where there is no such pair or it holds already."""
    return await connection.fetchval(DECIDE, *pair, verdict, by, at) is not None


# What a clerk takes out of a complaint is out of it whole: apart from all that is linked with it, directly or not.
SEPARATE_OTHERS = """
INSERT INTO intake.report_pairs AS p (first_id, second_id, band, agreements, likeness, verdict, decided_by, decided_at)
SELECT least($1, o.complaint_id), greatest($1, o.complaint_id), 'separate', '{}', 0, 'separate', $3, $4
  FROM unnest($2::uuid[]) AS o(complaint_id)
 WHERE o.complaint_id <> $1
 ORDER BY 1, 2
    ON CONFLICT (first_id, second_id) DO UPDATE
   SET verdict = 'separate', decided_by = excluded.decided_by, decided_at = excluded.decided_at
 WHERE p.verdict <> 'separate'
"""


async def separate_others(connection: asyncpg.Connection, pair: Pair, *, by: str, at: datetime) -> None:
    """Take the second of two reports that a clerk told apart out of what it is still linked with through others.

    The first stays where it is: where both are linked with a third, the second leaves.
    """
    links = await fetch_links_around(connection, pair)
    groups = group_linked(pair, links)
    group = next(each for each in groups if pair[1] in each)
    if pair[0] in group:
        await connection.execute(SEPARATE_OTHERS, pair[1], group, by, at)


# Linked reports, and those that are linked with them, and so on.
COMPONENTS = """
WITH RECURSIVE reached(complaint_id) AS (
    SELECT unnest($1::uuid[])
     UNION
    SELECT CASE WHEN p.first_id = r.complaint_id THEN p.second_id ELSE p.first_id END
      FROM reached AS r
     CROSS JOIN LATERAL (
           SELECT first_id, second_id FROM intake.report_pairs WHERE first_id = r.complaint_id AND verdict = 'linked'
            UNION ALL
           SELECT first_id, second_id FROM intake.report_pairs WHERE second_id = r.complaint_id AND verdict = 'linked') AS p
)
SELECT p.first_id, p.second_id
  FROM intake.report_pairs AS p
  JOIN reached AS r ON r.complaint_id = p.first_id
 WHERE p.verdict = 'linked'
"""


async def fetch_links_around(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> list[Pair]:
    """Return all links of the complaints, and of those that are linked with them, directly or not."""
    rows = await connection.fetch(COMPONENTS, list(complaint_ids))
    return [(UUID(int=row["first_id"].int), UUID(int=row["second_id"].int)) for row in rows]


LIST = """
SELECT first_id, second_id, band, agreements, likeness, verdict, decided_by, decided_at
  FROM intake.report_pairs
 WHERE verdict = $1
   AND (NOT $2 OR decided_by IS NOT NULL)
   AND (decided_at, first_id, second_id) < ($3, $4, $5)
 ORDER BY decided_at DESC, first_id DESC, second_id DESC
 LIMIT $6
"""
Place = tuple[datetime, UUID, UUID]


async def list_pairs(
    connection: asyncpg.Connection, verdict: str, before: Place, limit: int, *, by_clerks: bool = False
) -> list[StoredPair]:
    """Return pairs of a verdict, the newest first, those before a place."""
    return [_from_row(row) for row in await connection.fetch(LIST, verdict, by_clerks, *before, limit)]


COUNT_UNDECIDED = "SELECT count(*) FROM intake.report_pairs WHERE verdict = 'undecided'"


async def count_undecided(connection: asyncpg.Connection) -> int:
    """Return how many pairs wait for a clerk."""
    return int(await connection.fetchval(COUNT_UNDECIDED))


def _from_row(row: asyncpg.Record) -> StoredPair:
    return StoredPair(
        UUID(int=row["first_id"].int), UUID(int=row["second_id"].int), Band(row["band"]), tuple(row["agreements"]),
        row["likeness"], row["verdict"], row["decided_by"], row["decided_at"],
    )  # fmt: skip
