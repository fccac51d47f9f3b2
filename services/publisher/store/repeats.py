"""Withdrawals that the topic tells a second time."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from shared.contracts import PublicItem

# Several publishers may look at the same time; each takes others.
DUE = """
SELECT p.release_seq, p.body
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 WHERE p.state = 'withdrawn' AND r.released_at <= $1
   AND NOT EXISTS (SELECT FROM publisher.repeated_withdrawals d WHERE d.release_seq = p.release_seq)
 ORDER BY p.release_seq
 LIMIT $2
   FOR NO KEY UPDATE OF p SKIP LOCKED
"""
INSERT_REPEATED = """
INSERT INTO publisher.repeated_withdrawals (release_seq, repeated_at)
SELECT seq, $2 FROM unnest($1::bigint[]) AS n(seq)
    ON CONFLICT (release_seq) DO NOTHING
"""


async def take_withdrawals(connection: asyncpg.Connection, until: datetime, limit: int, at: datetime) -> list[PublicItem]:
    """Return withdrawn items that nobody has repeated, withdrawn up to `until`, and note that they are repeated now."""
    rows = await connection.fetch(DUE, until, limit)
    await connection.execute(INSERT_REPEATED, [row["release_seq"] for row in rows], at)
    return [PublicItem.model_validate_json(row["body"]) for row in rows]
