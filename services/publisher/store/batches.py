"""Batches of drafts that are approved and released together: what is in them, their samples, and who looked at those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.drafting import State
from services.publisher.store.versions import Version

OPEN_BATCH = """
WITH open AS (
    INSERT INTO publisher.item_batches (kind, opened_at)
    SELECT $1, $2
     WHERE NOT EXISTS (SELECT FROM publisher.item_batches WHERE kind = $1 AND closed_at IS NULL)
    RETURNING batch_id
)
SELECT batch_id FROM open
UNION ALL
SELECT batch_id FROM publisher.item_batches WHERE kind = $1 AND closed_at IS NULL
"""
ADD_FIRST_VERSIONS = """
UPDATE publisher.versions
   SET batch_id = $1
 WHERE item_id = ANY ($2::text[])
   AND version = 1
   AND state = 'draft'
"""


async def add_first_versions(connection: asyncpg.Connection, kind: str, item_ids: Sequence[str], at: datetime) -> None:
    """Put the first versions of items into the batch of their kind that is open, a new one where none is.

    Drafting is locked, so one transaction at a time opens a batch.
    """
    batch_id = await connection.fetchval(OPEN_BATCH, kind, at)
    await connection.execute(ADD_FIRST_VERSIONS, batch_id, item_ids)


@dataclass(frozen=True, slots=True)
class ItemBatch:
    """A batch: how many of its versions wait for review and for release and are public, and its sample.

    `left` were changed, returned or declined since; `faults` of the sample were sent back. `looks` of the sample has the person
    who asks.
    """

    batch_id: int
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    drafts: int
    approved: int
    released: int
    sampled: int
    looks: int
    faults: int


BATCHES = """
SELECT b.batch_id, b.kind, b.opened_at, b.closed_at, v.drafts, v.approved, v.released, s.sampled, s.looks, s.faults
  FROM publisher.item_batches b
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state = 'draft') AS drafts,
              count(*) FILTER (WHERE state = 'approved') AS approved,
              count(*) FILTER (WHERE state IN ('released', 'superseded')) AS released
         FROM publisher.versions
        WHERE batch_id = b.batch_id) v
 CROSS JOIN LATERAL (
       SELECT count(*) AS sampled,
              count(*) FILTER (WHERE n.fault) AS faults,
              count(*) FILTER (WHERE l.digest = w.digest OR w.digest IS NULL) AS looks
         FROM publisher.batch_samples n
         LEFT JOIN publisher.versions w
                ON w.item_id = n.item_id AND w.batch_id = b.batch_id AND w.state IN ('draft', 'approved')
         LEFT JOIN publisher.sample_looks l
                ON (l.batch_id, l.item_id, l.person) = (n.batch_id, n.item_id, $2)
        WHERE n.batch_id = b.batch_id) s
 WHERE ($1::bigint IS NULL OR b.batch_id = $1)
   AND ($3::bigint IS NULL OR b.batch_id < $3)
 ORDER BY b.batch_id DESC
 LIMIT $4
"""


async def list_batches(
    connection: asyncpg.Connection, person: str, *, before: int | None = None, limit: int
) -> list[ItemBatch]:
    """Return batches, the newest first; `looks` are those of the person."""
    return [ItemBatch(**dict(row)) for row in await connection.fetch(BATCHES, None, person, before, limit)]


async def fetch_batch(connection: asyncpg.Connection, batch_id: int, person: str) -> ItemBatch | None:
    """Return a batch."""
    row = await connection.fetchrow(BATCHES, batch_id, person, None, 1)
    return ItemBatch(**dict(row)) if row else None


LOCK = "SELECT kind, closed_at IS NOT NULL AS closed FROM publisher.item_batches WHERE batch_id = $1 FOR UPDATE"


async def lock_batch(connection: asyncpg.Connection, batch_id: int) -> tuple[str, bool] | None:
    """Return a batch's kind and whether it takes in no more, locked."""
    row = await connection.fetchrow(LOCK, batch_id)
    return (row["kind"], row["closed"]) if row else None


CLOSE = "UPDATE publisher.item_batches SET closed_at = $2, closed_by = $3 WHERE batch_id = $1"
# Drawn when nobody can add to the batch any more.
DRAW_SAMPLE = """
INSERT INTO publisher.batch_samples (batch_id, item_id)
SELECT $1, item_id
  FROM publisher.versions
 WHERE batch_id = $1
   AND state = 'draft'
 ORDER BY random()
 LIMIT greatest($2::integer, (SELECT ceil(count(*) * $3::integer / 100.0) FROM publisher.versions
                               WHERE batch_id = $1 AND state = 'draft')::integer)
"""


async def close_batch(
    connection: asyncpg.Connection, batch_id: int, person: str, at: datetime, *, minimum: int, percent: int
) -> None:
    """Let a batch take in no more, and draw its sample."""
    await connection.execute(CLOSE, batch_id, at, person)
    await draw_sample(connection, batch_id, minimum=minimum, percent=percent)


async def draw_sample(connection: asyncpg.Connection, batch_id: int, *, minimum: int, percent: int) -> None:
    """Draw the sample of a batch that takes in no more: so many percent, and so many at least."""
    await connection.execute(DRAW_SAMPLE, batch_id, minimum, percent)


DIGEST = """
SELECT count(*) AS versions,
       sha256(convert_to(coalesce(string_agg(item_id || ':' || version || ':' || encode(digest, 'hex'), ','
                                             ORDER BY item_id COLLATE "C"), ''), 'UTF8')) AS digest
  FROM publisher.versions
 WHERE batch_id = $1
   AND state = $2
"""


async def fetch_digest(connection: asyncpg.Connection, batch_id: int, state: State) -> tuple[int, str]:
    """Return how many versions of a batch are in a state, and a digest of all of them, in hexadecimal."""
    (row,) = await connection.fetch(DIGEST, batch_id, state)
    return row["versions"], row["digest"].hex()


CONTENTS = """
SELECT item_id, digest
  FROM publisher.versions
 WHERE batch_id = $1
   AND state = $2
 ORDER BY item_id
"""


async def fetch_contents(connection: asyncpg.Connection, batch_id: int, state: State) -> list[tuple[str, str]]:
    """Return the versions of a batch in a state as (item id, digest in hexadecimal)."""
    return [(row["item_id"], row["digest"].hex()) for row in await connection.fetch(CONTENTS, batch_id, state)]


PARTS = """
SELECT form #>> ARRAY['content', $3::text] AS value, count(*) AS versions
  FROM publisher.versions
 WHERE batch_id = $1
   AND state = $2
 GROUP BY 1
 ORDER BY 2 DESC, 1
 LIMIT 20
"""


async def count_by_field(connection: asyncpg.Connection, batch_id: int, state: State, field: str) -> list[tuple[str, int]]:
    """Return how many versions of a batch have each value of a field of their content, the most frequent first."""
    rows = await connection.fetch(PARTS, batch_id, state, field)
    return [(row["value"] or "", row["versions"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A version of a sample, whether the person has looked at this content, and whether it was sent back."""

    version: Version
    looked: bool
    fault: bool


SAMPLE = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent,
       n.fault, l.digest IS NOT DISTINCT FROM v.digest AS looked
  FROM publisher.batch_samples n
  JOIN publisher.items i USING (item_id)
 CROSS JOIN LATERAL (SELECT * FROM publisher.versions v WHERE v.item_id = n.item_id AND v.version = 1) v
  LEFT JOIN publisher.sample_looks l ON (l.batch_id, l.item_id, l.person) = (n.batch_id, n.item_id, $2)
 WHERE n.batch_id = $1
 ORDER BY v.item_id
"""


async def fetch_sample(connection: asyncpg.Connection, batch_id: int, person: str) -> list[Sampled]:
    """Return the sample of a batch."""
    rows = await connection.fetch(SAMPLE, batch_id, person)
    return [Sampled(Version.from_row(row), row["looked"], row["fault"]) for row in rows]


LOOK = """
INSERT INTO publisher.sample_looks (batch_id, item_id, person, digest, at)
SELECT n.batch_id, n.item_id, $2, v.digest, $5
  FROM publisher.batch_samples n
  JOIN unnest($3::text[], $4::bytea[]) AS s(item_id, digest) USING (item_id)
  JOIN publisher.versions v ON v.item_id = n.item_id AND v.batch_id = n.batch_id AND v.digest = s.digest
 WHERE n.batch_id = $1
    ON CONFLICT (batch_id, item_id, person) DO UPDATE SET digest = excluded.digest, at = excluded.at
"""


async def insert_looks(
    connection: asyncpg.Connection, batch_id: int, person: str, seen: Sequence[tuple[str, bytes]], at: datetime
) -> None:
    """Record that a person looked at versions of the sample: (item id, digest). What has changed meanwhile is not recorded."""
    await connection.execute(LOOK, batch_id, person, [item for item, _ in seen], [digest for _, digest in seen], at)


MARK_FAULTS = "UPDATE publisher.batch_samples SET fault = true WHERE item_id = ANY ($1::text[]) AND NOT fault"


async def mark_faults(connection: asyncpg.Connection, item_ids: Sequence[str]) -> None:
    """Record that people sent versions back, or decided not to publish them; only of a sample anything follows."""
    await connection.execute(MARK_FAULTS, item_ids)


TAKE_OUT = """
UPDATE publisher.versions
   SET batch_id = NULL
 WHERE item_id = ANY ($1::text[])
   AND state IN ('draft', 'approved')
   AND batch_id IS NOT NULL
"""


async def take_out(connection: asyncpg.Connection, item_ids: Sequence[str]) -> None:
    """Take versions that it is proposed not to publish out of their batches; of a sample that is a fault."""
    await mark_faults(connection, item_ids)
    await leave(connection, item_ids)


async def leave(connection: asyncpg.Connection, item_ids: Sequence[str]) -> None:
    """Have versions at work decided one by one, whatever batch they are in."""
    await connection.execute(TAKE_OUT, item_ids)


DISSOLVE = "UPDATE publisher.versions SET batch_id = NULL WHERE batch_id = $1 AND state IN ('draft', 'approved')"


async def dissolve(connection: asyncpg.Connection, batch_id: int) -> int:
    """Take all that is not public out of a batch, so that it is looked at one by one; return how many versions."""
    status = await connection.execute(DISSOLVE, batch_id)
    return int(status.rpartition(" ")[2])
