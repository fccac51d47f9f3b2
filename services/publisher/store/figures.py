"""Figures as they stand, operators they are about, and months that were closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import MonthFigure, Registration
from shared.contracts import FigureChanged, Measures, MonthClosed

KEEP_FIGURES = """
INSERT INTO publisher.figures AS f
       (subject_kind, subject, period_kind, period, version, complaints, complaints_at_close, measures, restated_from, as_of)
SELECT n.subject_kind, n.subject, n.period_kind, n.period, n.version, n.complaints,
       CASE WHEN n.restated THEN coalesce((n.restated_from ->> 'complaints')::integer, 0) ELSE n.complaints END,
       n.measures, n.restated_from, n.as_of
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::boolean[], $8::jsonb[],
              $9::jsonb[], $10::timestamptz[])
    AS n(subject_kind, subject, period_kind, period, version, complaints, restated, measures, restated_from, as_of)
    ON CONFLICT (subject_kind, subject, period_kind, period) DO UPDATE
   SET version = excluded.version,
       complaints = excluded.complaints,
       complaints_at_close = CASE WHEN excluded.restated_from IS NULL THEN excluded.complaints ELSE f.complaints_at_close END,
       measures = excluded.measures,
       restated_from = excluded.restated_from,
       as_of = excluded.as_of
 WHERE f.version < excluded.version
"""


async def keep_figures(connection: asyncpg.Connection, figures: Sequence[FigureChanged]) -> None:
    """Keep the figures that are newer than what is known; each figure key at most once."""
    await connection.execute(
        KEEP_FIGURES,
        [f.subject_kind for f in figures],
        [f.subject for f in figures],
        [f.period_kind for f in figures],
        [f.period for f in figures],
        [f.version for f in figures],
        [f.figures.complaints for f in figures],
        [f.restated for f in figures],
        [f.figures.model_dump_json() for f in figures],
        [f.restated_from.model_dump_json() if f.restated and f.restated_from else None for f in figures],
        [f.as_of for f in figures],
    )


KEEP_OPERATORS = """
INSERT INTO publisher.operators AS o (key, name, uscc, address, scope, region, industry)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    ON CONFLICT (key) DO UPDATE
   SET name = excluded.name,
       uscc = excluded.uscc,
       address = coalesce(excluded.address, o.address),
       scope = coalesce(excluded.scope, o.scope),
       region = coalesce(excluded.region, o.region),
       industry = coalesce(excluded.industry, o.industry)
 WHERE (o.name, o.uscc, o.address, o.scope, o.region, o.industry) IS DISTINCT FROM
       (excluded.name, excluded.uscc, coalesce(excluded.address, o.address), coalesce(excluded.scope, o.scope),
        coalesce(excluded.region, o.region), coalesce(excluded.industry, o.industry))
"""


async def keep_operators(connection: asyncpg.Connection, operators: Sequence[Registration]) -> None:
    """Keep what is known of operators; each key at most once. What a newer report leaves out stays known."""
    await connection.execute(
        KEEP_OPERATORS,
        [o.key for o in operators],
        [o.name for o in operators],
        [o.uscc for o in operators],
        [o.address for o in operators],
        [o.scope for o in operators],
        [o.region for o in operators],
        [o.industry for o in operators],
    )


KEEP_CLOSINGS = """
INSERT INTO publisher.closings (month, operators, complaints, closed_at)
SELECT *
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::timestamptz[])
    ON CONFLICT (month) DO UPDATE
   SET operators = excluded.operators, complaints = excluded.complaints, closed_at = excluded.closed_at
"""


async def keep_closings(connection: asyncpg.Connection, closings: Sequence[MonthClosed]) -> None:
    """Keep the closes of months; each month at most once."""
    await connection.execute(
        KEEP_CLOSINGS,
        [c.month for c in closings],
        [c.operators for c in closings],
        [c.complaints for c in closings],
        [c.closed_at for c in closings],
    )


COMPLETE = """
SELECT c.month
  FROM publisher.closings c
 CROSS JOIN LATERAL (
       SELECT count(*) AS operators, coalesce(sum(f.complaints_at_close), 0) AS complaints
         FROM publisher.figures f
        WHERE f.subject_kind = 'operator' AND f.period_kind = 'month' AND f.period = c.month) held
 WHERE c.drafted_at IS NULL
   AND held.operators >= c.operators
   AND held.complaints = c.complaints
 ORDER BY c.month
"""


async def complete_months(connection: asyncpg.Connection) -> list[str]:
    """Return closed months that are not drafted yet and whose figures have all come."""
    return [row["month"] for row in await connection.fetch(COMPLETE)]


DRAFTED = "SELECT month FROM publisher.closings WHERE month = ANY ($1::text[]) AND drafted_at IS NOT NULL"


async def drafted_among(connection: asyncpg.Connection, months: Sequence[str]) -> set[str]:
    """Return which of the months have been drafted."""
    return {row["month"] for row in await connection.fetch(DRAFTED, months)}


MARK_DRAFTED = """
INSERT INTO publisher.closings (month, operators, complaints, closed_at, drafted_at)
VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (month) DO UPDATE SET drafted_at = coalesce(closings.drafted_at, excluded.drafted_at)
"""


async def mark_drafted(connection: asyncpg.Connection, month: str, figures: Sequence[MonthFigure], at: datetime) -> None:
    """Remember that a month was drafted; later changes of its figures change the drafts."""
    complaints = sum(figure.measures.complaints for figure in figures)
    await connection.execute(MARK_DRAFTED, month, len(figures), complaints, at)


OF_MONTH = """
SELECT f.period, f.version, f.measures, f.as_of, o.key, o.name, o.uscc, o.address, o.scope, o.region, o.industry
  FROM publisher.figures f
  JOIN publisher.operators o ON o.key = f.subject
 WHERE f.subject_kind = 'operator'
   AND f.period_kind = 'month'
   AND f.period = ANY ($1::text[])
   AND ($2::text[] IS NULL OR f.subject = ANY ($2::text[]))
 ORDER BY o.name, o.key
"""


async def month_figures(
    connection: asyncpg.Connection, months: Sequence[str], operators: Sequence[str] | None = None
) -> list[MonthFigure]:
    """Return the figures of operators in months, by name; those of some operators only, if told."""
    return [_month_figure(row) for row in await connection.fetch(OF_MONTH, months, operators)]


def _month_figure(row: asyncpg.Record) -> MonthFigure:
    fields = ("key", "name", "uscc", "address", "scope", "region", "industry")
    return MonthFigure(
        operator=Registration(**{name: row[name] for name in fields}),
        month=row["period"],
        version=row["version"],
        measures=Measures.model_validate_json(row["measures"]),
        as_of=row["as_of"],
    )


@dataclass(frozen=True, slots=True)
class PeriodFigure:
    """The figure of the whole city or of a region in a period."""

    subject: str
    period: str
    measures: Measures
    restated_from: Measures | None
    as_of: datetime


CITY = """
SELECT f.subject, f.period, f.measures, f.restated_from, f.as_of
  FROM publisher.figures f
  JOIN publisher.closings c ON c.month = f.period
 WHERE f.subject_kind = 'all' AND f.period_kind = 'month'
 ORDER BY f.period DESC
 LIMIT $1
"""


async def city_months(connection: asyncpg.Connection, limit: int) -> list[PeriodFigure]:
    """Return the city's figures of the newest closed months, newest first."""
    return [_period_figure(row) for row in await connection.fetch(CITY, limit)]


REGIONS = """
SELECT subject, period, measures, restated_from, as_of
  FROM publisher.figures
 WHERE subject_kind = 'region' AND period_kind = 'month' AND period = $1
"""


async def region_month(connection: asyncpg.Connection, month: str) -> dict[str, PeriodFigure]:
    """Return the figures of regions in a month by region code."""
    return {row["subject"]: _period_figure(row) for row in await connection.fetch(REGIONS, month)}


def _period_figure(row: asyncpg.Record) -> PeriodFigure:
    was = row["restated_from"]
    return PeriodFigure(
        row["subject"],
        row["period"],
        Measures.model_validate_json(row["measures"]),
        Measures.model_validate_json(was) if was else None,
        row["as_of"],
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A closed month whose figures have not all come: what is held, what is expected."""

    month: str
    operators_held: int
    operators: int
    closed_at: datetime


WAITING = """
SELECT c.month, c.operators, c.closed_at, count(f.subject)::integer AS operators_held
  FROM publisher.closings c
  LEFT JOIN publisher.figures f
    ON f.subject_kind = 'operator' AND f.period_kind = 'month' AND f.period = c.month
 WHERE c.drafted_at IS NULL
 GROUP BY c.month
 ORDER BY c.month
"""


async def waiting_months(connection: asyncpg.Connection) -> list[Waiting]:
    """Return closed months that wait for figures."""
    return [
        Waiting(row["month"], row["operators_held"], row["operators"], row["closed_at"])
        for row in await connection.fetch(WAITING)
    ]


COUNT_CLOSINGS = "SELECT count(*) FROM publisher.closings"
CLOSED_AT = "SELECT max(closed_at) FROM publisher.closings"


async def count_closings(connection: asyncpg.Connection) -> int:
    """Return how many months were closed."""
    return int(await connection.fetchval(COUNT_CLOSINGS))


async def closed_at(connection: asyncpg.Connection) -> datetime | None:
    """Return when the newest close was made, or None before the first."""
    moment: datetime | None = await connection.fetchval(CLOSED_AT)
    return moment
