"""Releases that take effect at a set time: what waits for its time, what is due, and what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg


class Cause(StrEnum):
    """Why a scheduled release did not take effect."""

    CHANGED = "changed"
    RETURNED = "returned"
    REJECTED = "rejected"
    CHECK_FAILED = "check_failed"
    DISPUTED = "disputed"
    HELD = "held"
    NOTICE_MISSING = "notice_missing"
    GATE_CLOSED = "gate_closed"


INSERT = """
INSERT INTO publisher.scheduled_releases (item_id, version, digest, release_at, scheduled_by, scheduled_at)
SELECT n.*, $4, $5, $6
  FROM unnest($1::text[], $2::integer[], $3::bytea[]) AS n
"""


async def insert(
    connection: asyncpg.Connection,
    contents: Sequence[tuple[str, int, bytes]],
    *,
    release_at: datetime,
    person: str,
    at: datetime,
) -> None:
    """Insert the gatekeeper's release of contents (item id, version, digest) that takes effect at a time.

    Raises `asyncpg.IntegrityConstraintViolationError` where the person may not release, or one of them waits already.
    """
    ids, numbers, digests = (list(column) for column in zip(*contents, strict=True))
    await connection.execute(INSERT, ids, numbers, digests, release_at, person, at)


@dataclass(frozen=True, slots=True)
class Due:
    """A scheduled release whose time has come."""

    schedule_id: int
    item_id: str
    digest: str
    scheduled_by: str


# All of one person: a release has one. By the clock that is behind, the service's or the database's: the gate asks both.
DUE = """
SELECT s.schedule_id, s.item_id, encode(s.digest, 'hex') AS digest, s.scheduled_by
  FROM publisher.scheduled_releases s
 WHERE s.outcome IS NULL
   AND s.release_at <= least($1, now())
   AND s.schedule_id <> ALL ($3::bigint[])
   AND s.scheduled_by = (
       SELECT f.scheduled_by
         FROM publisher.scheduled_releases f
        WHERE f.outcome IS NULL
          AND f.release_at <= least($1, now())
          AND f.schedule_id <> ALL ($3::bigint[])
        ORDER BY f.release_at, f.schedule_id
        LIMIT 1)
 ORDER BY s.release_at, s.schedule_id
 LIMIT $2
"""


async def fetch_due(connection: asyncpg.Connection, at: datetime, limit: int, resting: Collection[int] = ()) -> list[Due]:
    """Return scheduled releases of one person whose time has come, the oldest first, without those that are `resting`."""
    return [Due(**dict(row)) for row in await connection.fetch(DUE, at, limit, list(resting))]


WAIT = """
SELECT min(release_at) - least($1, now())
  FROM publisher.scheduled_releases
 WHERE outcome IS NULL
   AND schedule_id <> ALL ($2::bigint[])
"""


async def fetch_wait(connection: asyncpg.Connection, at: datetime, resting: Collection[int] = ()) -> timedelta | None:
    """Return how long it is until the next scheduled release is due, None where none waits; not of those that are `resting`."""
    wait: timedelta | None = await connection.fetchval(WAIT, at, list(resting))
    return wait


DISPUTED = """
SELECT DISTINCT item_id
  FROM publisher.applications
 WHERE item_id = ANY ($1::text[])
   AND ruled_at IS NULL
   AND kind = 'correction'
"""


async def fetch_disputed(connection: asyncpg.Connection, item_ids: Sequence[str]) -> set[str]:
    """Return those of the items on which an operator's application waits for its decision."""
    return {row["item_id"] for row in await connection.fetch(DISPUTED, item_ids)}


STOP = """
UPDATE publisher.scheduled_releases
   SET outcome = 'stopped', cause = $2, ended_at = $3
 WHERE schedule_id = $1
   AND outcome IS NULL
RETURNING item_id
"""


async def stop(connection: asyncpg.Connection, schedule_id: int, cause: Cause, at: datetime) -> bool:
    """End a scheduled release that cannot take effect; return whether it had not ended yet."""
    return await connection.fetchval(STOP, schedule_id, cause, at) is not None


CANCEL = """
UPDATE publisher.scheduled_releases
   SET outcome = 'cancelled', ended_at = $2
 WHERE item_id = $1
   AND outcome IS NULL
RETURNING version
"""


async def cancel(connection: asyncpg.Connection, item_id: str, at: datetime) -> int | None:
    """Cancel what is scheduled of an item; return its version, None where nothing is."""
    version: int | None = await connection.fetchval(CANCEL, item_id, at)
    return version


@dataclass(frozen=True, slots=True)
class Schedule:
    """A scheduled release with the title of its content; of one that was stopped the cause."""

    item_id: str
    version: int
    board: str
    title: str | None
    release_at: datetime
    scheduled_by: str
    scheduled_at: datetime
    cause: Cause | None
    ended_at: datetime | None


WAITING = """
SELECT s.item_id, s.version, i.board, v.form ->> 'title' AS title, s.release_at, s.scheduled_by, s.scheduled_at, s.cause,
       s.ended_at
  FROM publisher.scheduled_releases s
  JOIN publisher.items i USING (item_id)
  JOIN publisher.versions v USING (item_id, version)
 WHERE s.outcome IS NULL
 ORDER BY s.release_at, s.schedule_id
 LIMIT $1
"""
# Those after which nobody has decided yet: the newest of an item whose version is still at work.
STOPPED = """
SELECT s.item_id, s.version, i.board, v.form ->> 'title' AS title, s.release_at, s.scheduled_by, s.scheduled_at, s.cause,
       s.ended_at
  FROM publisher.scheduled_releases s
  JOIN publisher.items i USING (item_id)
  JOIN publisher.versions v ON v.item_id = s.item_id AND v.state IN ('draft', 'returned', 'approved')
 WHERE s.outcome = 'stopped'
   AND NOT EXISTS (
       SELECT FROM publisher.scheduled_releases l WHERE l.item_id = s.item_id AND l.schedule_id > s.schedule_id)
 ORDER BY s.ended_at DESC, s.item_id
 LIMIT $1
"""


async def list_waiting(connection: asyncpg.Connection, limit: int) -> list[Schedule]:
    """Return what waits for its time, the next first."""
    return [_schedule(row) for row in await connection.fetch(WAITING, limit)]


async def list_stopped(connection: asyncpg.Connection, limit: int) -> list[Schedule]:
    """Return the scheduled releases that were stopped and whose items nobody has decided on since, the newest first."""
    return [_schedule(row) for row in await connection.fetch(STOPPED, limit)]


WAITING_OR_HELD = """
SELECT item_id, release_at FROM publisher.scheduled_releases WHERE item_id = ANY ($1::text[]) AND outcome IS NULL
UNION ALL
SELECT item_id, NULL FROM publisher.holds WHERE item_id = ANY ($1::text[]) AND lifted_at IS NULL
"""


async def fetch_waiting_or_held(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return by item id when it is released, for those that wait for their time; None for those that are held."""
    return {row["item_id"]: row["release_at"] for row in await connection.fetch(WAITING_OR_HELD, item_ids)}


OF_ITEMS = """
SELECT DISTINCT ON (s.item_id)
       s.item_id, s.version, i.board, NULL AS title, s.release_at, s.scheduled_by, s.scheduled_at, s.cause, s.ended_at
  FROM publisher.scheduled_releases s
  JOIN publisher.items i USING (item_id)
 WHERE s.item_id = ANY ($1::text[])
   AND (s.outcome IS NULL OR s.outcome = 'stopped')
 ORDER BY s.item_id, s.schedule_id DESC
"""


async def fetch_of_items(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, Schedule]:
    """Return by item id the newest scheduled release that waits or was stopped."""
    return {row["item_id"]: _schedule(row) for row in await connection.fetch(OF_ITEMS, item_ids)}


def _schedule(row: asyncpg.Record) -> Schedule:
    fields = dict(row)
    return Schedule(**{**fields, "cause": Cause(fields["cause"]) if fields["cause"] else None})
