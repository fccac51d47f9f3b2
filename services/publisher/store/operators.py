"""Operators of whom something is public: by code, by search, their released months and their changed items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import Registration
from services.publisher.domain.search import like_pattern, search_code, search_pattern, search_reading
from shared.contracts import PublicItem
from shared.names import fold_name

ONE = "SELECT key, name, uscc, address, scope, region, industry FROM publisher.public_operators WHERE key = $1 OR uscc = $1"


async def fetch_operator(connection: asyncpg.Connection, code: str) -> Registration | None:
    """Return the public operator with this USCC or key."""
    row = await connection.fetchrow(ONE, code)
    return Registration(**dict(row)) if row else None


# Names and readings (pinyin, initials, former names) that contain the words; indexes of trigrams answer each of them.
SEARCH_OPERATORS = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE (uscc = upper($1) OR search_name LIKE $2 OR search_readings LIKE $2 OR search_readings LIKE $3)
   AND ($4::text IS NULL OR region = $4)
 ORDER BY (uscc = upper($1)) IS TRUE DESC, (search_name LIKE $2) DESC, similarity(search_name, $1) DESC, name
 LIMIT $5
"""
# Names that are spelt like the words, and names of which a part sounds like them: each name is compared, which takes longer.
SEARCH_SIMILAR = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE (search_name % $1 OR $2 <% search_readings)
   AND ($3::text IS NULL OR region = $3)
 ORDER BY greatest(similarity(search_name, $1), word_similarity($2, search_readings)) DESC, name
 LIMIT $4
"""


async def search_operators(connection: asyncpg.Connection, q: str, region: str | None, limit: int) -> list[Registration]:
    """Return operators by code, part of the name or a former one, pinyin or initials; else those of a similar name or sound."""
    reading, words = search_reading(q), fold_name(q)
    rows = await connection.fetch(SEARCH_OPERATORS, words, search_pattern(q), like_pattern(reading), region, limit)
    if not rows:
        rows = await connection.fetch(SEARCH_SIMILAR, words, reading or None, region, limit)
    return [Registration(**dict(row)) for row in rows]


FORMER_NAMES = "SELECT key, former_names FROM publisher.public_operators WHERE key = ANY ($1::text[]) AND former_names <> '{}'"


async def fetch_former_names(connection: asyncpg.Connection, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return the names that operators were published under before, the newest first, by key."""
    return {row["key"]: list(row["former_names"]) for row in await connection.fetch(FORMER_NAMES, keys)}


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
