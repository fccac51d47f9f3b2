"""The current figures and the operators that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import MonthFigure, Registration
from shared.contracts import FigureChanged, Measures

UPSERT_FIGURES = """
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
       smallest = CASE WHEN excluded.restated_from IS NOT NULL THEN least(
                         f.smallest, nullif(f.complaints_at_close, 0), nullif(f.complaints, 0),
                         nullif(excluded.complaints, 0), nullif((f.restated_from ->> 'complaints')::integer, 0),
                         nullif((excluded.restated_from ->> 'complaints')::integer, 0)) END,
       measures = excluded.measures,
       restated_from = excluded.restated_from,
       as_of = excluded.as_of
 WHERE f.version < excluded.version
"""


async def upsert_figures(connection: asyncpg.Connection, figures: Sequence[FigureChanged]) -> None:
    """Upsert figures whose version is newer than the stored one; each figure key at most once."""
    await connection.execute(
        UPSERT_FIGURES,
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


UPSERT_OPERATORS = """
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


async def upsert_operators(connection: asyncpg.Connection, operators: Sequence[Registration]) -> None:
    """Upsert the registration of operators; each key at most once. A field that a newer report omits stays."""
    await connection.execute(
        UPSERT_OPERATORS,
        [o.key for o in operators],
        [o.name for o in operators],
        [o.uscc for o in operators],
        [o.address for o in operators],
        [o.scope for o in operators],
        [o.region for o in operators],
        [o.industry for o in operators],
    )


MONTH_FIGURES = """
SELECT f.period, f.version, f.measures, f.as_of, o.key, o.name, o.uscc, o.address, o.scope, o.region, o.industry
  FROM publisher.figures f
  JOIN publisher.operators o ON o.key = f.subject
 WHERE f.subject_kind = 'operator'
   AND f.period_kind = 'month'
   AND f.period = ANY ($1::text[])
   AND ($2::text[] IS NULL OR f.subject = ANY ($2::text[]))
 ORDER BY o.name, o.key
"""


async def fetch_month_figures(
    connection: asyncpg.Connection, months: Sequence[str], operators: Sequence[str] | None = None
) -> list[MonthFigure]:
    """Return the figures of operators in months, ordered by name; of all operators unless `operators` (keys) is given."""
    return [_month_figure(row) for row in await connection.fetch(MONTH_FIGURES, months, operators)]


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


CITY_MONTHS = """
SELECT f.subject, f.period, f.measures, f.restated_from, f.as_of
  FROM publisher.figures f
  JOIN publisher.closings c ON c.month = f.period
 WHERE f.subject_kind = 'all' AND f.period_kind = 'month'
   AND EXISTS (
       SELECT FROM publisher.public_items p
        WHERE p.board = 'basic' AND p.period = f.period AND p.state <> 'withdrawn')
 ORDER BY f.period DESC
 LIMIT $1
"""


async def fetch_city_months(connection: asyncpg.Connection, limit: int) -> list[PeriodFigure]:
    """Return the city's figures of the newest closed months of which an item is public, newest first."""
    return [_period_figure(row) for row in await connection.fetch(CITY_MONTHS, limit)]


REGION_MONTHS = """
SELECT f.subject, f.period, f.measures, f.restated_from, f.as_of
  FROM publisher.figures f
  JOIN publisher.closings c ON c.month = f.period
 WHERE f.subject_kind = 'region' AND f.period_kind = 'month' AND f.subject = $1
   AND EXISTS (
       SELECT FROM publisher.public_items p
        WHERE p.board = 'basic' AND p.period = f.period AND p.state <> 'withdrawn')
 ORDER BY f.period DESC
 LIMIT $2
"""


async def fetch_region_months(connection: asyncpg.Connection, region: str, limit: int) -> list[PeriodFigure]:
    """Return a region's figures of the newest closed months of which an item is public, newest first."""
    return [_period_figure(row) for row in await connection.fetch(REGION_MONTHS, region, limit)]


REGION_FIGURES = """
SELECT subject, period, measures, restated_from, as_of
  FROM publisher.figures
 WHERE subject_kind = 'region' AND period_kind = 'month' AND period = $1
"""


async def fetch_region_figures(connection: asyncpg.Connection, month: str) -> dict[str, PeriodFigure]:
    """Return the figures of regions in a month by region code."""
    return {row["subject"]: _period_figure(row) for row in await connection.fetch(REGION_FIGURES, month)}


def _period_figure(row: asyncpg.Record) -> PeriodFigure:
    restated_from = row["restated_from"]
    return PeriodFigure(
        row["subject"],
        row["period"],
        Measures.model_validate_json(row["measures"]),
        Measures.model_validate_json(restated_from) if restated_from else None,
        row["as_of"],
    )
