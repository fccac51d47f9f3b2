"""Operators of whom something is public: one by its code, some by their name, and their months."""

from __future__ import annotations

import asyncpg

from services.publisher.domain.basic import Registration
from shared.contracts import PublicItem

ONE = "SELECT key, name, uscc, address, scope, region, industry FROM publisher.public_operators WHERE key = $1 OR uscc = $1"


async def operator(connection: asyncpg.Connection, code: str) -> Registration | None:
    """Return the operator with this USCC or key."""
    row = await connection.fetchrow(ONE, code)
    return Registration(**dict(row)) if row else None


# LIKE finds what contains the words, similarity what is spelt like them; both use the trigram index.
SEARCH = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE (uscc = upper($1) OR name ILIKE $2 OR name % $1)
   AND ($3::text IS NULL OR region = $3)
 ORDER BY (uscc = upper($1)) IS TRUE DESC, (name ILIKE $2) DESC, similarity(name, $1) DESC, name
 LIMIT $4
"""


async def search(connection: asyncpg.Connection, q: str, region: str | None, limit: int) -> list[Registration]:
    """Return operators by code, part of the name or a like name, best first."""
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return [Registration(**dict(row)) for row in await connection.fetch(SEARCH, q, pattern, region, limit)]


MONTHS = """
SELECT body
  FROM publisher.public_items
 WHERE operator_key = $1
   AND board = 'basic'
   AND state <> 'withdrawn'
 ORDER BY period DESC
 LIMIT $2
"""


async def months(connection: asyncpg.Connection, key: str, limit: int) -> list[PublicItem]:
    """Return the released months of an operator, newest first."""
    return [PublicItem.model_validate_json(row["body"]) for row in await connection.fetch(MONTHS, key, limit)]
