"""The stored search forms of operators and items; those of rows that are older than the columns are filled at the start."""

from __future__ import annotations

import asyncpg

from services.publisher.domain.search import search_words
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


async def fill_items(connection: asyncpg.Connection) -> int:
    """Fill the search forms of items without one, at most `BATCH`; return how many were filled."""
    rows = await connection.fetch(UNFILLED_ITEMS, BATCH)
    items = [PublicItem.model_validate_json(row["body"]) for row in rows]
    if items:
        await connection.execute(FILL_ITEMS, [item.item_id for item in items], [search_words(item) for item in items])
    return len(items)
