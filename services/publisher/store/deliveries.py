"""Deliveries: what is due to which target, what came of it, and the log of attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.publisher.domain.delivery import Reply
from shared.contracts import PublicItem

LOG_TERM = timedelta(days=14)

# The newest form of each item behind the number, in the order of releases. A withdrawal has no region or operator any more: it
# goes to whom an earlier version was on its way, and so does every later version of an item that left the scope.
ENQUEUE = """
WITH target AS (
    SELECT t.target_id, t.enqueued_seq, t AS registered
      FROM publisher.targets t
     WHERE t.target_id = $1 AND t.removed_at IS NULL AND t.state <> 'disabled'
       FOR NO KEY UPDATE),
batch AS (
    SELECT p.item_id, p.release_seq, p.board, p.state, p.region,
           p.body #>> '{operator,uscc}' AS uscc, p.body ->> 'kind' AS kind, (p.body ->> 'version')::integer AS version
      FROM publisher.public_items p, target
     WHERE p.release_seq > target.enqueued_seq
     ORDER BY p.release_seq
     LIMIT $3),
chosen AS (
    SELECT b.*
      FROM batch b, target
     WHERE EXISTS (SELECT FROM publisher.deliveries d WHERE d.target_id = target.target_id AND d.item_id = b.item_id)
        OR (b.state <> 'withdrawn' AND publisher.is_in_scope(target.registered, b.board, b.kind, b.region, b.uscc))),
superseded AS (
    UPDATE publisher.deliveries d
       SET state = 'superseded'
      FROM chosen c, target
     WHERE d.target_id = target.target_id AND d.item_id = c.item_id AND d.version < c.version
       AND d.state IN ('waiting', 'failed')),
added AS (
    INSERT INTO publisher.deliveries (target_id, item_id, version, release_seq, kind, due_at)
    SELECT target.target_id, c.item_id, c.version, c.release_seq, c.state, $2
      FROM chosen c, target
        ON CONFLICT DO NOTHING),
moved AS (
    UPDATE publisher.targets t
       SET enqueued_seq = n.seq
      FROM (SELECT max(release_seq) AS seq FROM batch) n
     WHERE t.target_id = $1 AND n.seq IS NOT NULL)
SELECT count(*) FROM batch
"""


async def enqueue(connection: asyncpg.Connection, target_id: str, at: datetime, limit: int) -> int:
    """Enqueue for a target what was released behind its number; return how many items were looked at, at most `limit`."""
    return int(await connection.fetchval(ENQUEUE, target_id, at, limit))


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery whose time has come, with what is public of its item now; `sent_at`: when it may have reached the target."""

    target_id: str
    release_seq: int
    item: PublicItem
    attempts: int
    first_attempt_at: datetime | None
    sent_at: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """Target and item: of each there is one attempt at a time."""
        return self.target_id, self.item.item_id


# Withdrawals first, then what corrects, each in the order of releases. An item that is newer by now is left to the next round.
DUE = """
SELECT d.target_id, d.release_seq, p.body, d.attempts, d.first_attempt_at, d.sent_at
  FROM unnest($1::text[], $2::integer[]) AS n(target_id, slots)
 CROSS JOIN LATERAL (
       SELECT d.*
         FROM publisher.deliveries d
        WHERE d.target_id = n.target_id AND d.state = 'waiting' AND d.due_at <= $3
          AND (d.target_id, d.item_id) NOT IN (SELECT * FROM unnest($4::text[], $5::text[]))
        ORDER BY d.kind <> 'withdrawn', d.kind <> 'corrected', d.release_seq
        LIMIT n.slots) d
  JOIN publisher.public_items p ON p.item_id = d.item_id AND (p.body ->> 'version')::integer = d.version
"""


async def fetch_due(
    connection: asyncpg.Connection, slots: dict[str, int], at: datetime, in_flight: Sequence[tuple[str, str]]
) -> list[DueDelivery]:
    """Return what is due, at most `slots` for each target; not what is `in_flight` (target and item)."""
    rows = await connection.fetch(
        DUE, list(slots), list(slots.values()), at, [key[0] for key in in_flight], [key[1] for key in in_flight]
    )
    return [
        DueDelivery(target_id, release_seq, PublicItem.model_validate_json(body), attempts, first_attempt_at, sent_at)
        for target_id, release_seq, body, attempts, first_attempt_at, sent_at in rows
    ]


SENT = """
UPDATE publisher.deliveries d
   SET sent_at = $4
  FROM unnest($1::text[], $2::text[], $3::integer[]) AS n(target_id, item_id, version)
 WHERE (d.target_id, d.item_id, d.version) = (n.target_id, n.item_id, n.version) AND d.sent_at IS NULL
"""
NOT_SENT = "UPDATE publisher.deliveries SET sent_at = NULL WHERE target_id = $1 AND item_id = $2 AND version = $3"


async def set_sent(connection: asyncpg.Connection, due: Sequence[DueDelivery], at: datetime) -> None:
    """Store that versions are sent now: from now on their targets may have them, whatever is answered."""
    items = [each.item for each in due]
    targets = [each.target_id for each in due]
    await connection.execute(SENT, targets, [item.item_id for item in items], [item.version for item in items], at)


async def set_not_sent(connection: asyncpg.Connection, target_id: str, item_id: str, version: int) -> None:
    """Store that nothing of a version has left: there was no connection."""
    await connection.execute(NOT_SENT, target_id, item_id, version)


NEXT_DUE = """
SELECT min(greatest(d.due_at, t.retry_at))
  FROM publisher.targets t
 CROSS JOIN LATERAL (
       SELECT min(d.due_at) AS due_at FROM publisher.deliveries d WHERE d.target_id = t.target_id AND d.state = 'waiting') d
 WHERE t.state = 'active' AND t.removed_at IS NULL
"""


async def fetch_next_due(connection: asyncpg.Connection) -> datetime | None:
    """Return when the next delivery is due; None where none waits."""
    due: datetime | None = await connection.fetchval(NEXT_DUE)
    return due


# What arrived while a newer version was enqueued has arrived all the same.
DELIVERED = """
UPDATE publisher.deliveries
   SET state = 'delivered', attempts = attempts + 1, delivered_at = $4, first_attempt_at = coalesce(first_attempt_at, $4)
 WHERE target_id = $1 AND item_id = $2 AND version = $3
"""


async def set_delivered(connection: asyncpg.Connection, target_id: str, item_id: str, version: int, at: datetime) -> None:
    """Store that a target has acknowledged a version."""
    await connection.execute(DELIVERED, target_id, item_id, version, at)


# What a file had that was taken: all that has left for the target up to a release number.
TAKEN = """
UPDATE publisher.deliveries
   SET state = 'delivered', attempts = attempts + 1, delivered_at = $3, first_attempt_at = coalesce(first_attempt_at, $3)
 WHERE target_id = $1 AND state = 'waiting' AND sent_at IS NOT NULL AND release_seq <= $2
RETURNING 1
"""


async def set_taken(connection: asyncpg.Connection, target_id: str, release_seq: int, at: datetime) -> int:
    """Store that a target has taken the files up to a release number; return how many versions that acknowledges."""
    return len(await connection.fetch(TAKEN, target_id, release_seq, at))


MAKE_DUE = "UPDATE publisher.deliveries SET due_at = $2 WHERE target_id = $1 AND state = 'waiting' AND due_at > $2"


async def make_due(connection: asyncpg.Connection, target_id: str, at: datetime) -> None:
    """Let all that waits for a target be sent now: it is well again."""
    await connection.execute(MAKE_DUE, target_id, at)


POSTPONED = """
UPDATE publisher.deliveries
   SET attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, $4), due_at = coalesce($5, due_at),
       state = CASE WHEN state = 'waiting' AND $5::timestamptz IS NULL THEN 'failed' ELSE state END
 WHERE target_id = $1 AND item_id = $2 AND version = $3
"""


async def postpone(
    connection: asyncpg.Connection, target_id: str, item_id: str, version: int, at: datetime, due_at: datetime | None
) -> None:
    """Store an attempt that came to nothing, and when the next one is due; None: it is given up."""
    await connection.execute(POSTPONED, target_id, item_id, version, at, due_at)


RESEND = """
UPDATE publisher.deliveries d
   SET state = 'waiting', due_at = $3, first_attempt_at = NULL, attempts = 0
 WHERE d.target_id = $1
   AND d.release_seq > $2
   AND d.state IN ('delivered', 'failed', 'waiting')
   AND NOT EXISTS (SELECT FROM publisher.deliveries n
                    WHERE n.target_id = d.target_id AND n.item_id = d.item_id AND n.version > d.version)
RETURNING 1
"""


async def resend(connection: asyncpg.Connection, target_id: str, after_seq: int, at: datetime) -> int:
    """Let the newest version of every item be sent again that was released after a number; return how many."""
    return len(await connection.fetch(RESEND, target_id, after_seq, at))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the log has it."""

    message_id: str
    attempted_at: datetime
    status: int | None
    error: str | None
    milliseconds: int


INSERT_ATTEMPT = """
INSERT INTO publisher.delivery_attempts (target_id, message_id, attempted_at, status, error, milliseconds)
VALUES ($1, $2, $3, $4, $5, $6)
"""
ATTEMPTS = """
SELECT message_id, attempted_at, status, error, milliseconds
  FROM publisher.delivery_attempts
 WHERE target_id = $1
 ORDER BY attempt_id DESC
 LIMIT $2
"""
DELETE_ATTEMPTS = "DELETE FROM publisher.delivery_attempts WHERE attempted_at < $1"


async def insert_attempt(connection: asyncpg.Connection, target_id: str, message_id: str, at: datetime, reply: Reply) -> None:
    """Add an attempt to the log."""
    await connection.execute(INSERT_ATTEMPT, target_id, message_id, at, reply.status, reply.error, reply.milliseconds)


async def fetch_attempts(connection: asyncpg.Connection, target_id: str, limit: int) -> list[Attempt]:
    """Return the newest attempts at a target, the newest first."""
    return [Attempt(**dict(row)) for row in await connection.fetch(ATTEMPTS, target_id, limit)]


async def delete_old_attempts(connection: asyncpg.Connection, now: datetime) -> None:
    """Delete what the log has kept for its term."""
    await connection.execute(DELETE_ATTEMPTS, now - LOG_TERM)


# Differences between what targets should have and what was enqueued and acknowledged for them.
MISSING = """
SELECT t.target_id, p.item_id, (p.body ->> 'version')::integer AS version
  FROM publisher.targets t
  JOIN publisher.public_items p
    ON p.release_seq <= t.enqueued_seq
   AND NOT EXISTS (SELECT FROM publisher.deliveries d
                    WHERE d.target_id = t.target_id AND d.item_id = p.item_id AND d.version = (p.body ->> 'version')::integer)
   AND (EXISTS (SELECT FROM publisher.deliveries d WHERE d.target_id = t.target_id AND d.item_id = p.item_id)
        OR (p.state <> 'withdrawn'
            AND publisher.is_in_scope(t, p.board, p.body ->> 'kind', p.region, p.body #>> '{operator,uscc}')))
 WHERE t.removed_at IS NULL AND t.state <> 'disabled'
 LIMIT 100
"""
OVERDUE = """
SELECT d.target_id, d.item_id, d.version
  FROM publisher.deliveries d
  JOIN publisher.targets t USING (target_id)
 WHERE t.removed_at IS NULL
   AND (d.state = 'failed' OR (d.state = 'waiting' AND coalesce(d.first_attempt_at, d.due_at) < $1))
 LIMIT 100
"""


async def find_missing(connection: asyncpg.Connection) -> list[tuple[str, str, int]]:
    """Return (target, item, version) of what was passed over."""
    return [(row["target_id"], row["item_id"], row["version"]) for row in await connection.fetch(MISSING)]


async def find_overdue(connection: asyncpg.Connection, before: datetime) -> list[tuple[str, str, int]]:
    """Return (target, item, version) of what was given up, or has waited since before a time."""
    return [(row["target_id"], row["item_id"], row["version"]) for row in await connection.fetch(OVERDUE, before)]
