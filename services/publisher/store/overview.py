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
    """How many items of a board are public, how many of them are not expired, how many came lately, and when the newest did."""

    items: int
    unexpired: int
    lately: int
    newest: datetime


BOARDS = """
SELECT p.board,
       count(*) FILTER (WHERE p.state <> 'withdrawn') AS items,
       count(*) FILTER (WHERE p.state <> 'withdrawn' AND (p.expires_on IS NULL OR p.expires_on >= $2)) AS unexpired,
       count(*) FILTER (WHERE p.state <> 'withdrawn' AND r.released_at >= $1) AS lately,
       max(r.released_at) AS newest
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 GROUP BY p.board
"""


async def boards(connection: asyncpg.Connection, since: datetime, today: date) -> Mapping[Board, BoardCount]:
    """Return the counts of the boards that have anything; `lately` counts what was released from a moment on."""
    rows = await connection.fetch(BOARDS, since, today)
    return {Board(row["board"]): BoardCount(row["items"], row["unexpired"], row["lately"], row["newest"]) for row in rows}


@dataclass(frozen=True, slots=True)
class TradeMonth:
    """What the items of a released month add up to, of the operators of an industry or of those without one."""

    month: str
    industry: str | None
    operators: int
    complaints: int
    accepted: int
    resolved: int
    mediations: int
    mediation_successes: int
    released_at: datetime


TRADES = """
SELECT p.period AS month, p.industry, count(*) AS operators,
       sum((p.body #>> '{content,complaints}')::integer) AS complaints,
       sum((p.body #>> '{content,accepted}')::integer) AS accepted,
       sum((p.body #>> '{content,resolved}')::integer) AS resolved,
       sum((p.body #>> '{content,mediations}')::integer) AS mediations,
       sum((p.body #>> '{content,mediation_successes}')::integer) AS mediation_successes,
       max(r.released_at) AS released_at
  FROM publisher.public_items p
  JOIN publisher.releases r USING (release_seq)
 WHERE p.board = 'basic'
   AND p.state <> 'withdrawn'
 GROUP BY p.period, p.industry
 ORDER BY p.period DESC
"""


async def trades(connection: asyncpg.Connection) -> list[TradeMonth]:
    """Return the months of the basic board by industry, newest first."""
    return [TradeMonth(**dict(row)) for row in await connection.fetch(TRADES)]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many operators a released month has, their complaints, and when it was released last."""

    month: str
    operators: int
    complaints: int
    released_at: datetime


def months(trades: Sequence[TradeMonth]) -> list[MonthCount]:
    """Return the months of the basic board over all industries, in the order given."""
    by_month = {month: list(found) for month, found in groupby(trades, key=attrgetter("month"))}
    return [
        MonthCount(month, sum(t.operators for t in found), sum(t.complaints for t in found), max(t.released_at for t in found))
        for month, found in by_month.items()
    ]


KINDS = "SELECT kind, count(*) AS releases FROM publisher.releases WHERE released_at >= $1 GROUP BY kind"


async def kinds_since(connection: asyncpg.Connection, since: datetime) -> Mapping[str, int]:
    """Return how much was released, corrected and withdrawn since a moment."""
    return {row["kind"]: row["releases"] for row in await connection.fetch(KINDS, since)}


@dataclass(frozen=True, slots=True)
class Withheld:
    """How many items were decided not to be published on a ground, and how many of them lately."""

    code: str
    items: int
    lately: int


WITHHELD = """
SELECT v.return_code AS code, count(*) AS items, count(*) FILTER (WHERE v.decided_at >= $1) AS lately
  FROM publisher.versions v
 WHERE v.state = 'rejected'
   AND v.return_code IS NOT NULL
 GROUP BY v.return_code
"""


async def withheld(connection: asyncpg.Connection, since: datetime) -> Mapping[str, Withheld]:
    """Return by ground what was decided not to be published; `lately` counts from a moment on."""
    return {row["code"]: Withheld(**dict(row)) for row in await connection.fetch(WITHHELD, since)}
