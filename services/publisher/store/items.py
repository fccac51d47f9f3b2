"""Which items exist, by what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from shared.contracts import Board

AMONG = "SELECT natural_key FROM publisher.items WHERE board = $1 AND natural_key = ANY ($2::text[])"


async def among(connection: asyncpg.Connection, board: Board, keys: Sequence[str]) -> set[str]:
    """Return which of these subjects have an item on the board."""
    return {row["natural_key"] for row in await connection.fetch(AMONG, board, keys)}


NOT_OLDER = """
SELECT n.natural_key
  FROM unnest($1::text[], $2::integer[]) AS n(natural_key, revision)
 WHERE NOT EXISTS (
       SELECT FROM publisher.items i
         JOIN publisher.versions v USING (item_id)
        WHERE i.board = 'major'
          AND i.natural_key = n.natural_key
          AND (v.facts ->> 'complaint_revision')::integer >= n.revision)
"""


async def not_older(connection: asyncpg.Connection, revisions: Mapping[str, int]) -> set[str]:
    """Return the complaints whose revision is newer than any that a version was drafted from."""
    if not revisions:
        return set()
    rows = await connection.fetch(NOT_OLDER, list(revisions), list(revisions.values()))
    return {row["natural_key"] for row in rows}


# Each is looked up by itself, whatever the planner knows of the tables: on a fresh system, which nothing has analysed yet, it
# took the whole board for each batch.
ALIKE = """
SELECT a.natural_key, v.item_id
  FROM unnest($1::text[], $2::text[], $3::text[]) AS a(natural_key, operator_key, amount)
 CROSS JOIN LATERAL (
       SELECT v.item_id
         FROM publisher.versions v
        WHERE v.form #>> '{operator,key}' = a.operator_key
          AND v.form #>> '{content,amount}' = a.amount
          AND v.state IN ('draft', 'returned', 'approved', 'released')
       OFFSET 0) AS v
 CROSS JOIN LATERAL (
       SELECT
         FROM publisher.items i
        WHERE i.item_id = v.item_id
          AND i.board = 'major'
          AND i.natural_key <> a.natural_key
       OFFSET 0) AS i
 ORDER BY a.natural_key, v.item_id
"""


async def alike(connection: asyncpg.Connection, majors: Sequence[tuple[str, str, str | None]]) -> dict[str, list[str]]:
    """Return for each natural key the other items of the major board on the same operator and amount.

    `majors` are (natural key, operator key, amount).
    """
    found: dict[str, list[str]] = {}
    rows = await connection.fetch(ALIKE, [m[0] for m in majors], [m[1] for m in majors], [m[2] for m in majors])
    for row in rows:
        found.setdefault(row["natural_key"], []).append(row["item_id"])
    return found
