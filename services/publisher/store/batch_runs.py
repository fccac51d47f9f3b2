"""Batches that are approved or released part by part: how far each is, and how it ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

# Parts take a second or so, and each touches the runs behind it: what nothing touched for so long died with its process.
STALLED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class BatchRun:
    """A run over a batch: of so many versions so many are done; `refusal` is why it ended before the last."""

    run_id: int
    step: str
    person: str
    versions: int
    done: int
    started_at: datetime
    touched_at: datetime
    ended_at: datetime | None
    refusal: str | None

    def is_running(self, at: datetime) -> bool:
        """Return whether it goes on."""
        return self.ended_at is None and at - self.touched_at < STALLED_AFTER

    @property
    def seconds(self) -> float:
        """How long it took so far."""
        return ((self.ended_at or self.touched_at) - self.started_at).total_seconds()


INSERT = """
INSERT INTO publisher.batch_runs (batch_id, step, person, versions, started_at, touched_at)
VALUES ($1, $2, $3, $4, $5, $5)
RETURNING run_id
"""


async def insert(connection: asyncpg.Connection, batch_id: int, step: str, person: str, versions: int, at: datetime) -> int:
    """Insert a run over so many versions of a batch; return its number."""
    return int(await connection.fetchval(INSERT, batch_id, step, person, versions, at))


ADVANCE = "UPDATE publisher.batch_runs SET done = done + $2, touched_at = $3 WHERE run_id = $1"


async def advance(connection: asyncpg.Connection, run_id: int, count: int, at: datetime) -> None:
    """Record that so many more are done, in the transaction in which they are."""
    await connection.execute(ADVANCE, run_id, count, at)


TOUCH = "UPDATE publisher.batch_runs SET touched_at = $2 WHERE run_id = ANY ($1::bigint[])"


async def touch(connection: asyncpg.Connection, run_ids: Collection[int], at: datetime) -> None:
    """Record that these go on, though nothing more of them is done."""
    if run_ids:
        await connection.execute(TOUCH, list(run_ids), at)


END = "UPDATE publisher.batch_runs SET ended_at = $2, touched_at = $2, refusal = $3 WHERE run_id = $1"


async def end(connection: asyncpg.Connection, run_id: int, at: datetime, refusal: str | None = None) -> None:
    """Record that a run ended, and why before the last version."""
    await connection.execute(END, run_id, at, refusal)


LATEST = """
SELECT run_id, step, person, versions, done, started_at, touched_at, ended_at, refusal
  FROM publisher.batch_runs
 WHERE batch_id = $1
 ORDER BY run_id DESC
 LIMIT 1
"""


async def fetch_latest(connection: asyncpg.Connection, batch_id: int) -> BatchRun | None:
    """Return the newest run over a batch."""
    row = await connection.fetchrow(LATEST, batch_id)
    return BatchRun(**dict(row)) if row else None
