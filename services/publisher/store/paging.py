"""The position of the previous page, for lists with keyset paging."""

from __future__ import annotations

from datetime import date

import asyncpg

from services.publisher.domain.search import search_code, search_pattern
from services.publisher.store.listing import ItemFilter
from shared.contracts import Board

PREVIOUS_PAGE_NAME = """
SELECT p.operator_name, p.item_id
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.industry = $3)
   AND ($4::text IS NULL OR p.search_words LIKE $4 OR p.operator_key = $5)
   AND p.state <> 'withdrawn'
   AND (p.operator_name, p.item_id) <= ($6, $7)
 ORDER BY p.operator_name DESC, p.item_id DESC
OFFSET $8
 LIMIT 1
"""


async def previous_page_name(
    connection: asyncpg.Connection, criteria: ItemFilter, after: tuple[str, str], page: int
) -> tuple[str, str] | None:
    """Return the (name, item id) behind which the page before `after` begins; None where it is the first page."""
    conditions = (criteria.period, criteria.region, criteria.industry, search_pattern(criteria.q), search_code(criteria.q))
    row = await connection.fetchrow(PREVIOUS_PAGE_NAME, *conditions, *after, page)
    return (row["operator_name"], row["item_id"]) if row else None


PREVIOUS_PAGE_SEQ = """
SELECT p.release_seq
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::text IS NULL OR p.region = $2 OR p.region IS NULL)
   AND ($3::text IS NULL OR p.search_words LIKE $3)
   AND ($4::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $4)
   AND ($5::text IS NULL OR p.body ->> 'kind' = $5)
   AND p.state <> 'withdrawn'
   AND p.release_seq >= $6
 ORDER BY p.release_seq
OFFSET $7
 LIMIT 1
"""


async def previous_page_seq(
    connection: asyncpg.Connection, board: Board, criteria: ItemFilter, before: int, page: int
) -> int | None:
    """Return the release number before which the page in front of `before` begins; None where it is the first page."""
    conditions = (criteria.region, search_pattern(criteria.q), criteria.today, criteria.kind)
    number: int | None = await connection.fetchval(PREVIOUS_PAGE_SEQ, board, *conditions, before, page)
    return number


PREVIOUS_PAGE_SEQ_OF_ALL = """
SELECT p.release_seq
  FROM publisher.public_items p
 WHERE p.state <> 'withdrawn'
   AND ($1::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $1)
   AND p.release_seq >= $2
 ORDER BY p.release_seq
OFFSET $3
 LIMIT 1
"""


async def previous_page_seq_of_all(connection: asyncpg.Connection, today: date, before: int, page: int) -> int | None:
    """Return what `previous_page_seq` does, for the list of all boards."""
    number: int | None = await connection.fetchval(PREVIOUS_PAGE_SEQ_OF_ALL, today, before, page)
    return number
