"""Counts over all that is public, taken once after every release and kept until the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

import asyncpg

from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class BoardCount:
    """How many items of a board are public, how many of them are not expired, how many are recent, and when the newest came."""

    items: int
    unexpired: int
    recent: int
    newest: datetime


COUNT_BY_BOARD = """
SELECT p.board,
       count(*) FILTER (WHERE p.state <> 'withdrawn') AS items,
       count(*) FILTER (WHERE p.state <> 'withdrawn' AND (p.expires_on IS NULL OR p.expires_on >= $2)) AS unexpired,
       count(*) FILTER (WHERE p.state <> 'withdrawn' AND r.released_at >= $1) AS recent,
       max(r.released_at) AS newest
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 GROUP BY p.board
"""


async def count_by_board(connection: asyncpg.Connection, since: datetime, today: date) -> Mapping[Board, BoardCount]:
    """Return the counts of the boards that have anything; `recent` counts what was released from a moment on."""
    rows = await connection.fetch(COUNT_BY_BOARD, since, today)
    return {Board(row["board"]): BoardCount(row["items"], row["unexpired"], row["recent"], row["newest"]) for row in rows}


@dataclass(frozen=True, slots=True)
class IndustryMonth:
    """What the items of a released month add up to, of the operators of an industry or of those without one.

    `closed` is None where an item does not say it.
    """

    month: str
    industry: str | None
    operators: int
    complaints: int
    accepted: int
    resolved: int
    mediations: int
    mediation_successes: int
    closed: int | None
    released_at: datetime


INDUSTRY_MONTHS = """
SELECT p.period AS month, p.industry, count(*) AS operators,
       sum((p.body #>> '{content,complaints}')::integer) AS complaints,
       sum((p.body #>> '{content,accepted}')::integer) AS accepted,
       sum((p.body #>> '{content,resolved}')::integer) AS resolved,
       sum((p.body #>> '{content,mediations}')::integer) AS mediations,
       sum((p.body #>> '{content,mediation_successes}')::integer) AS mediation_successes,
       CASE WHEN count(p.body #>> '{content,closed}') = count(*)
            THEN sum((p.body #>> '{content,closed}')::integer) END AS closed,
       max(r.released_at) AS released_at
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 WHERE p.board = 'basic'
   AND p.period IS NOT NULL
   AND p.state <> 'withdrawn'
 GROUP BY p.period, p.industry
 ORDER BY p.period DESC
"""


async def fetch_industry_months(connection: asyncpg.Connection) -> list[IndustryMonth]:
    """Return the months of the basic board by industry, newest first."""
    return [IndustryMonth(**dict(row)) for row in await connection.fetch(INDUSTRY_MONTHS)]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many operators a released month has, their complaints, and when it was released last."""

    month: str
    operators: int
    complaints: int
    released_at: datetime


def sum_by_month(industry_months: Sequence[IndustryMonth]) -> list[MonthCount]:
    """Return the months of the basic board over all industries, in the order given."""
    by_month = {month: list(found) for month, found in groupby(industry_months, key=attrgetter("month"))}
    return [
        MonthCount(
            month,
            sum(each.operators for each in found),
            sum(each.complaints for each in found),
            max(each.released_at for each in found),
        )
        for month, found in by_month.items()
    ]


COUNT_BY_KIND = "SELECT kind, count(*) AS releases FROM publisher.releases WHERE released_at >= $1 GROUP BY kind"


async def count_by_kind(connection: asyncpg.Connection, since: datetime) -> Mapping[str, int]:
    """Return how much was released, corrected and withdrawn since a moment."""
    return {row["kind"]: row["releases"] for row in await connection.fetch(COUNT_BY_KIND, since)}


@dataclass(frozen=True, slots=True)
class NonPublications:
    """How many items were decided not to be published on a ground, and how many of them recently."""

    code: str
    items: int
    recent: int


COUNT_NON_PUBLICATIONS = """
SELECT v.return_code AS code, count(*) AS items, count(*) FILTER (WHERE v.decided_at >= $1) AS recent
  FROM publisher.versions v
 WHERE v.state = 'rejected'
   AND v.return_code IS NOT NULL
   AND NOT EXISTS (SELECT FROM publisher.versions n WHERE n.item_id = v.item_id AND n.version > v.version)
 GROUP BY v.return_code
"""


async def count_non_publications(connection: asyncpg.Connection, since: datetime) -> Mapping[str, NonPublications]:
    """Return by ground what was decided not to be published; `recent` counts from a moment on."""
    return {row["code"]: NonPublications(**dict(row)) for row in await connection.fetch(COUNT_NON_PUBLICATIONS, since)}
