"""The queue of reports that are to be compared with others (table `intake.match_queue`)."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

# Reports in a row: a comparison takes whole rows, in a transaction of some tenths of a second.
ROW = 400
ENQUEUE = "INSERT INTO intake.match_queue (reports) SELECT unnest($1::bytea[])"


async def enqueue(connection: asyncpg.Connection, packed: Sequence[bytes]) -> None:
    """Queue reports, each an id with its digests (`pack_keys`)."""
    rows = [b"".join(packed[start : start + ROW]) for start in range(0, len(packed), ROW)]
    if rows:
        await connection.execute(ENQUEUE, rows)


# One comparison at a time in all processes: of two reports that are compared at once neither would see the other.
LOCK_COMPARISON = "SELECT pg_advisory_xact_lock(hashtextextended('intake.match_queue', 0))"
TRY_LOCK_COMPARISON = "SELECT pg_try_advisory_xact_lock(hashtextextended('intake.match_queue', 0))"


async def lock_comparison(connection: asyncpg.Connection) -> None:
    """Wait until no other transaction compares reports, and keep others out until this one ends."""
    await connection.execute(LOCK_COMPARISON)


async def try_lock_comparison(connection: asyncpg.Connection) -> bool:
    """Keep others out, or return False where another transaction compares reports."""
    return bool(await connection.fetchval(TRY_LOCK_COMPARISON))


TAKE = """
DELETE FROM intake.match_queue
 WHERE id = (SELECT min(id) FROM intake.match_queue)
RETURNING reports
"""


async def take(connection: asyncpg.Connection) -> bytes:
    """Take the oldest row off the queue; return its reports, empty where there is none."""
    return await connection.fetchval(TAKE) or b""


COUNT = "SELECT coalesce(sum(octet_length(reports) / 64), 0)::bigint FROM intake.match_queue"


async def count_waiting(connection: asyncpg.Connection) -> int:
    """Return how many reports wait to be compared."""
    return int(await connection.fetchval(COUNT))
