"""Targets: registering, pausing, rotating secrets; their state for the pages of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.publisher.domain.target import Place, Scope, Target, TargetState
from shared.secret_box import SecretBox

UPSERT_TARGET = """
INSERT INTO publisher.targets AS t
       (target_id, place, name, channel, address, boards, kinds, regions, operators, per_minute, secret, key_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (target_id) DO UPDATE
   SET place = excluded.place, name = excluded.name, channel = excluded.channel, address = excluded.address,
       boards = excluded.boards, kinds = excluded.kinds, regions = excluded.regions, operators = excluded.operators,
       per_minute = excluded.per_minute, enqueued_seq = 0, failures = 0, retry_at = NULL, removed_at = NULL,
       state = CASE WHEN t.removed_at IS NULL THEN t.state ELSE 'active' END,
       secret = CASE WHEN t.removed_at IS NULL THEN t.secret ELSE excluded.secret END,
       key_hash = CASE WHEN t.removed_at IS NULL THEN t.key_hash ELSE excluded.key_hash END,
       former_secret = NULL, former_until = NULL
RETURNING t.secret = $11 AS is_new
"""


async def upsert_target(connection: asyncpg.Connection, target: Target, secret: bytes, key_hash: bytes) -> bool:
    """Register a target, or change one; return whether it took the secret: one that is there already keeps its own.

    What is in its scope is looked at anew from the first release on; what it has had is not sent again.
    """
    scope = target.scope
    row = await connection.fetchrow(
        UPSERT_TARGET, target.target_id, target.place, target.name, target.channel, target.address, list(scope.boards),
        list(scope.kinds), list(scope.regions), list(scope.operators), target.per_minute, secret, key_hash,
    )  # fmt: skip
    return bool(row and row["is_new"])


TARGETS = """
SELECT t.target_id, t.place, t.name, t.channel, t.address, t.boards, t.kinds, t.regions, t.operators, t.per_minute, t.state,
       t.failures, t.retry_at, t.secret,
       CASE WHEN t.former_until > $1 THEN t.former_secret END AS former_secret
  FROM publisher.targets t
 WHERE t.removed_at IS NULL
   AND ($2::text IS NULL OR t.target_id = $2)
 ORDER BY t.target_id
"""


async def fetch_targets(
    connection: asyncpg.Connection, at: datetime, box: SecretBox | None = None, target_id: str | None = None
) -> list[Target]:
    """Return the targets, or the one; with their secrets only where a `box` opens them."""
    return [_target(row, box) for row in await connection.fetch(TARGETS, at, target_id)]


def _target(row: asyncpg.Record, box: SecretBox | None) -> Target:
    tokens = [row["secret"], row["former_secret"]]
    return Target(
        row["target_id"],
        Place(row["place"]),
        row["name"],
        row["channel"],
        row["address"],
        Scope(tuple(row["boards"]), tuple(row["kinds"]), tuple(row["regions"]), tuple(row["operators"])),
        row["per_minute"],
        TargetState(row["state"]),
        row["failures"],
        row["retry_at"],
        tuple(box.decrypt(token) for token in tokens if token) if box else (),
    )


ROTATE = """
UPDATE publisher.targets
   SET former_secret = CASE WHEN $3::timestamptz IS NULL THEN NULL ELSE secret END, former_until = $3, secret = $2
 WHERE target_id = $1 AND removed_at IS NULL
RETURNING target_id
"""


async def rotate_secret(connection: asyncpg.Connection, target_id: str, secret: bytes, former_until: datetime | None) -> bool:
    """Give a target a new secret; the one before signs too until `former_until`. Return whether there is such a target."""
    return await connection.fetchval(ROTATE, target_id, secret, former_until) is not None


SET_STATE = """
UPDATE publisher.targets
   SET state = $2, failures = 0, retry_at = NULL
 WHERE target_id = $1 AND removed_at IS NULL AND state <> $2
RETURNING target_id
"""


async def set_state(connection: asyncpg.Connection, target_id: str, state: TargetState) -> bool:
    """Change the state of a target; return whether it was another one."""
    return await connection.fetchval(SET_STATE, target_id, state) is not None


REMOVE = """
UPDATE publisher.targets
   SET removed_at = $2, retry_at = NULL
 WHERE target_id = $1 AND removed_at IS NULL
RETURNING target_id
"""


async def remove_target(connection: asyncpg.Connection, target_id: str, at: datetime) -> bool:
    """Remove a target; what it acknowledged is kept. Return whether there was one."""
    return await connection.fetchval(REMOVE, target_id, at) is not None


BEHIND = """
SELECT t.target_id
  FROM publisher.targets t
 WHERE t.removed_at IS NULL
   AND t.state <> 'disabled'
   AND t.enqueued_seq < (SELECT max(release_seq) FROM publisher.public_items)
 ORDER BY t.target_id
"""


async def fetch_behind(connection: asyncpg.Connection) -> list[str]:
    """Return the ids of the targets for which something was released that is not enqueued yet."""
    return [row["target_id"] for row in await connection.fetch(BEHIND)]


FAILED = """
UPDATE publisher.targets
   SET failures = $3, retry_at = greatest(retry_at, $2)
 WHERE target_id = $1
"""
WELL = """
UPDATE publisher.targets
   SET failures = 0, retry_at = NULL
 WHERE target_id = $1 AND (failures > 0 OR retry_at IS NOT NULL)
RETURNING target_id
"""


async def set_failing(connection: asyncpg.Connection, target_id: str, retry_at: datetime, failures: int) -> None:
    """Store that nothing can be brought to a target until `retry_at`, after so many failures; attempts at once count once."""
    await connection.execute(FAILED, target_id, retry_at, failures)


async def set_well(connection: asyncpg.Connection, target_id: str) -> bool:
    """Store that a target takes what it is sent; return whether it failed before."""
    return await connection.fetchval(WELL, target_id) is not None


BY_KEY = "SELECT target_id FROM publisher.targets WHERE target_id = $1 AND key_hash = $2 AND removed_at IS NULL"


async def has_key(connection: asyncpg.Connection, target_id: str, key_hash: bytes) -> bool:
    """Return whether a key is that of the target's own people."""
    return await connection.fetchval(BY_KEY, target_id, key_hash) is not None


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """What became of the deliveries to a target; `oldest_at` is when the oldest that waits was due first.

    `item_id`, `version` and `delivered_at` are of the last one that was acknowledged.
    """

    delivered: int = 0
    waiting: int = 0
    failed: int = 0
    withdrawals: int = 0
    oldest_at: datetime | None = None
    item_id: str | None = None
    version: int | None = None
    delivered_at: datetime | None = None


COUNTS = """
SELECT t.target_id, coalesce(n.delivered, 0) AS delivered, coalesce(n.waiting, 0) AS waiting, coalesce(n.failed, 0) AS failed,
       coalesce(n.withdrawals, 0) AS withdrawals, n.oldest_at, l.item_id, l.version, l.delivered_at
  FROM publisher.targets t
  LEFT JOIN (SELECT d.target_id,
                    count(*) FILTER (WHERE d.state = 'delivered') AS delivered,
                    count(*) FILTER (WHERE d.state = 'waiting') AS waiting,
                    count(*) FILTER (WHERE d.state = 'failed') AS failed,
                    count(*) FILTER (WHERE d.state = 'waiting' AND d.kind = 'withdrawn') AS withdrawals,
                    min(coalesce(d.first_attempt_at, d.due_at)) FILTER (WHERE d.state = 'waiting') AS oldest_at
               FROM publisher.deliveries d
              GROUP BY d.target_id) n USING (target_id)
  LEFT JOIN LATERAL (
       SELECT d.item_id, d.version, d.delivered_at
         FROM publisher.deliveries d
        WHERE d.target_id = t.target_id AND d.delivered_at IS NOT NULL
        ORDER BY d.delivered_at DESC
        LIMIT 1) l ON true
 WHERE t.removed_at IS NULL
"""


async def count_deliveries(connection: asyncpg.Connection) -> dict[str, TargetCounts]:
    """Return the counts of every target, by its id."""
    counts = {}
    for row in await connection.fetch(COUNTS):
        values: dict[str, Any] = dict(row)
        target_id = values.pop("target_id")
        counts[target_id] = TargetCounts(**values)
    return counts
