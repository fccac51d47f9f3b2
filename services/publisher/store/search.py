"""The stored search forms of operators and items; those of rows that are older than the columns are filled at the start."""

from __future__ import annotations

import asyncpg
import orjson

from services.publisher.domain.search import readings_of, search_words
from shared.contracts import PublicItem
from shared.names import fold_name

BATCH = 5_000

UNFILLED_OPERATORS = "SELECT key, name FROM publisher.public_operators WHERE search_name IS NULL ORDER BY key LIMIT $1"
FILL_OPERATORS = """
UPDATE publisher.public_operators o
   SET search_name = n.search_name
  FROM unnest($1::text[], $2::text[]) AS n(key, search_name)
 WHERE o.key = n.key
"""
# Names that public items of an operator carry, and it does not any more; the first one is the newest.
UNREAD_OPERATORS = """
SELECT o.key, o.name,
       (SELECT coalesce(array_agg(n.name ORDER BY n.newest DESC), '{}')
          FROM (SELECT p.operator_name AS name, max(p.release_seq) AS newest
                  FROM publisher.public_items p
                 WHERE p.operator_key = o.key
                   AND p.operator_name <> o.name
                 GROUP BY p.operator_name) n) AS former_names
  FROM publisher.public_operators o
 WHERE o.search_readings IS NULL
 ORDER BY o.key
 LIMIT $1
"""
FILL_READINGS = """
UPDATE publisher.public_operators o
   SET search_readings = n.search_readings,
       former_names = coalesce((SELECT array_agg(e.name) FROM jsonb_array_elements_text(n.former_names) AS e(name)), '{}')
  FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS n(key, search_readings, former_names)
 WHERE o.key = n.key
"""
UNFILLED_ITEMS = "SELECT item_id, body FROM publisher.public_items WHERE search_words IS NULL ORDER BY item_id LIMIT $1"
FILL_ITEMS = """
UPDATE publisher.public_items p
   SET search_words = n.search_words
  FROM unnest($1::text[], $2::text[]) AS n(item_id, search_words)
 WHERE p.item_id = n.item_id
"""


async def fill_operators(connection: asyncpg.Connection) -> int:
    """Fill the search forms of operators without one, at most `BATCH`; return how many were filled."""
    rows = await connection.fetch(UNFILLED_OPERATORS, BATCH)
    if rows:
        await connection.execute(FILL_OPERATORS, [row["key"] for row in rows], [fold_name(row["name"]) for row in rows])
    return len(rows)


async def fill_readings(connection: asyncpg.Connection) -> int:
    """Fill the readings of operators without them, at most `BATCH`; return how many were filled."""
    rows = await connection.fetch(UNREAD_OPERATORS, BATCH)
    if rows:
        await connection.execute(
            FILL_READINGS,
            [row["key"] for row in rows],
            [readings_of(row["name"], row["former_names"]) for row in rows],
            [orjson.dumps(list(row["former_names"])).decode() for row in rows],
        )
    return len(rows)


async def fill_items(connection: asyncpg.Connection) -> int:
    """Fill the search forms of items without one, at most `BATCH`; return how many were filled."""
    rows = await connection.fetch(UNFILLED_ITEMS, BATCH)
    items = [PublicItem.model_validate_json(row["body"]) for row in rows]
    if items:
        await connection.execute(FILL_ITEMS, [item.item_id for item in items], [search_words(item) for item in items])
    return len(items)
