"""Operators of whom something is public: one by its code, some by their name, their months and what was changed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import Registration
from services.publisher.store.listing import like
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
    return [Registration(**dict(row)) for row in await connection.fetch(SEARCH, q, like(q), region, limit)]


# Who has the first words in the name comes first; where there are fewer words than that, the order is by name.
NAMED = """
SELECT key, name, uscc, address, scope, region, industry
  FROM publisher.public_operators
 WHERE name ILIKE ANY ($1::text[]) OR uscc = ANY ($2::text[])
 ORDER BY (uscc = ANY ($2::text[])) IS TRUE DESC, name ILIKE ($1::text[])[1] DESC, name ILIKE ($1::text[])[2] DESC, name
 LIMIT $3
"""


async def named(connection: asyncpg.Connection, words: Sequence[str], limit: int) -> list[Registration]:
    """Return operators with one of the words in the name or as their code, those of the first word first."""
    rows = await connection.fetch(NAMED, [like(word) for word in words], [word.upper() for word in words], limit)
    return [Registration(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Sums:
    """What an operator's released months add up to."""

    complaints: int
    accepted: int


SUMS = """
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


async def sums(connection: asyncpg.Connection, keys: Sequence[str], since: str) -> dict[str, Sums]:
    """Return the sums of operators from a month on; of whom nothing was released is left out."""
    rows = await connection.fetch(SUMS, keys, since)
    return {row["operator_key"]: Sums(row["complaints"], row["accepted"]) for row in rows}


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


@dataclass(frozen=True, slots=True)
class Changes:
    """How many of an operator's items are corrected or withdrawn."""

    corrected: int
    withdrawn: int


CHANGES = """
SELECT count(*) FILTER (WHERE p.state = 'corrected') AS corrected,
       count(*) FILTER (WHERE p.state = 'withdrawn') AS withdrawn
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 WHERE p.operator_key = $1
   AND p.state <> 'released'
   AND r.released_at >= $2
"""


async def changes(connection: asyncpg.Connection, key: str, since: datetime) -> Changes:
    """Return how many items of an operator were corrected or withdrawn since a moment, as they stand now."""
    row = await connection.fetchrow(CHANGES, key, since)
    if row is None:
        raise AssertionError("an aggregate has one row")
    return Changes(**dict(row))
