"""Items by natural key: which exist, which complaint revisions are new, which items are similar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from shared.contracts import Board

EXISTING_KEYS = "SELECT natural_key FROM publisher.items WHERE board = $1 AND natural_key = ANY ($2::text[])"


async def existing_keys(connection: asyncpg.Connection, board: Board, keys: Sequence[str]) -> set[str]:
    """Return which of these natural keys have an item on the board."""
    if not keys:
        return set()
    return {row["natural_key"] for row in await connection.fetch(EXISTING_KEYS, board, keys)}


NEWER_THAN_DRAFTED = """
SELECT n.natural_key
  FROM unnest($1::text[], $2::integer[]) AS n(natural_key, revision)
 WHERE NOT EXISTS (
       SELECT FROM publisher.items i
        WHERE i.board = 'major'
          AND i.natural_key = n.natural_key
          AND i.source_revision >= n.revision)
"""


async def newer_than_drafted(connection: asyncpg.Connection, revisions: Mapping[str, int]) -> set[str]:
    """Return the complaint ids whose revision is newer than every revision that their item was decided on."""
    if not revisions:
        return set()
    rows = await connection.fetch(NEWER_THAN_DRAFTED, list(revisions), list(revisions.values()))
    return {row["natural_key"] for row in rows}


SET_REVISIONS = """
UPDATE publisher.items i
   SET source_revision = n.revision
  FROM unnest($1::text[], $2::integer[]) AS n(natural_key, revision)
 WHERE i.board = 'major'
   AND i.natural_key = n.natural_key
   AND (i.source_revision IS NULL OR i.source_revision < n.revision)
"""


async def set_revisions(connection: asyncpg.Connection, revisions: Mapping[str, int]) -> None:
    """Record the newest revision of each complaint that its item was decided on, whatever was decided.

    A complaint that moves to another operator changes its partition, so an older revision may arrive after a newer one.
    """
    await connection.execute(SET_REVISIONS, list(revisions), list(revisions.values()))


# One look-up per row, independent of statistics: on a fresh system that nothing has analysed yet, the planner scanned the
# whole board for each batch.
SIMILAR_ITEMS = """
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


async def fetch_similar_items(
    connection: asyncpg.Connection, majors: Sequence[tuple[str, str, str | None]]
) -> dict[str, list[str]]:
    """Return for each natural key the other items of the major board on the same operator and amount.

    `majors` are (natural key, operator key, amount).
    """
    found: dict[str, list[str]] = {}
    rows = await connection.fetch(SIMILAR_ITEMS, [m[0] for m in majors], [m[1] for m in majors], [m[2] for m in majors])
    for row in rows:
        found.setdefault(row["natural_key"], []).append(row["item_id"])
    return found
