"""Operators of whom something is public: by code, by search, their released months and their changed items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import Registration
from services.publisher.domain.search import search_code, search_pattern
from shared.contracts import PublicItem
from shared.names import fold_name

ONE = "SELECT key, name, uscc, address, scope, region, industry FROM publisher.public_operators WHERE key = $1 OR uscc = $1"


async def fetch_operator(connection: asyncpg.Connection, code: str) -> Registration | None:
    """Return the public operator with this USCC or key."""
    row = await connection.fetchrow(ONE, code)
    return Registration(**dict(row)) if row else None


# LIKE finds names that contain the words, similarity names spelt like them; both use the trigram index.
SEARCH_OPERATORS = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE (uscc = upper($1) OR search_name LIKE $2 OR search_name % $1)
   AND ($3::text IS NULL OR region = $3)
 ORDER BY (uscc = upper($1)) IS TRUE DESC, (search_name LIKE $2) DESC, similarity(search_name, $1) DESC, name
 LIMIT $4
"""


async def search_operators(connection: asyncpg.Connection, q: str, region: str | None, limit: int) -> list[Registration]:
    """Return operators by code, part of the name or a similar name, best match first."""
    return [
        Registration(**dict(row))
        for row in await connection.fetch(SEARCH_OPERATORS, fold_name(q), search_pattern(q), region, limit)
    ]


# Names with the first word come first, then those with the second; the rest is ordered by name.
SEARCH_ANY_WORD = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE search_name LIKE ANY ($1::text[]) OR uscc = ANY ($2::text[])
 ORDER BY (uscc = ANY ($2::text[])) IS TRUE DESC, search_name LIKE ($1::text[])[1] DESC,
          search_name LIKE ($1::text[])[2] DESC, name
 LIMIT $3
"""


async def search_any_word(connection: asyncpg.Connection, words: Sequence[str], limit: int) -> list[Registration]:
    """Return operators whose name contains one of the words or whose code is one, matches of the first word first."""
    rows = await connection.fetch(
        SEARCH_ANY_WORD, [search_pattern(word) for word in words], [search_code(word) for word in words], limit
    )
    return [Registration(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class MonthSums:
    """Sums over an operator's released months."""

    complaints: int
    accepted: int


SUM_MONTHS = """
SELECT operator_key,
       sum((body #>> '{content,complaints}')::integer) AS complaints,
       sum((body #>> '{content,accepted}')::integer) AS accepted
  FROM publisher.public_items
 WHERE operator_key = ANY ($1::text[])
   AND board = 'basic'
   AND period >= $2
   AND state <> 'withdrawn'
 GROUP BY operator_key
"""


async def sum_months(connection: asyncpg.Connection, keys: Sequence[str], since: str) -> dict[str, MonthSums]:
    """Return the sums of operators from a month on, by key; operators without a released month are left out."""
    rows = await connection.fetch(SUM_MONTHS, keys, since)
    return {row["operator_key"]: MonthSums(row["complaints"], row["accepted"]) for row in rows}


MONTHS = """
SELECT body
  FROM publisher.public_items
 WHERE operator_key = $1
   AND board = 'basic'
   AND period IS NOT NULL
   AND state <> 'withdrawn'
 ORDER BY period DESC
 LIMIT $2
"""


async def fetch_months(connection: asyncpg.Connection, key: str, limit: int) -> list[PublicItem]:
    """Return the released months of an operator, newest first."""
    return [PublicItem.model_validate_json(row["body"]) for row in await connection.fetch(MONTHS, key, limit)]


COUNT_CORRECTIONS = """
SELECT count(*)
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 WHERE p.operator_key = $1
   AND p.state = 'corrected'
   AND r.released_at >= $2
"""


async def count_corrections(connection: asyncpg.Connection, key: str, since: datetime) -> int:
    """Return how many public items of an operator were corrected by a release since a time."""
    return int(await connection.fetchval(COUNT_CORRECTIONS, key, since))
