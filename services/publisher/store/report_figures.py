"""What reports are drafted from: figures of closed periods, and what is public of operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.report_figures import MonthCount, Numbers
from shared.contracts import Measures, SubjectKind
from shared.rates import SuccessDenominator


@dataclass(frozen=True, slots=True)
class SubjectFigure:
    """The numbers of a subject in a period."""

    kind: SubjectKind
    subject: str
    period: str
    numbers: Numbers
    as_of: datetime


PERIOD_FIGURES = """
SELECT subject_kind, subject, period, measures, as_of
  FROM publisher.figures
 WHERE period = ANY ($1::text[])
   AND subject_kind <> 'operator'
   AND subject_kind = ANY ($2::text[])
"""


async def fetch_figures(
    connection: asyncpg.Connection, periods: Sequence[str], kinds: Sequence[SubjectKind], by: SuccessDenominator
) -> list[SubjectFigure]:
    """Return the figures of all subjects of some kinds, operators not among them, in some periods.

    `by`: what a success rate of them is a share of.
    """
    rows = await connection.fetch(PERIOD_FIGURES, periods, kinds)
    return [
        SubjectFigure(
            SubjectKind(row["subject_kind"]),
            row["subject"],
            row["period"],
            Numbers.of(Measures.model_validate_json(row["measures"])).counted_by(by),
            row["as_of"],
        )
        for row in rows
    ]


OPEN_MONTHS = """
SELECT m.month
  FROM unnest($1::text[]) AS m(month)
 WHERE NOT EXISTS (SELECT FROM publisher.closings c WHERE c.month = m.month)
 ORDER BY m.month
"""


async def fetch_open_months(connection: asyncpg.Connection, months: Sequence[str]) -> list[str]:
    """Return those of the months that are not closed."""
    return [row["month"] for row in await connection.fetch(OPEN_MONTHS, months)]


@dataclass(frozen=True, slots=True)
class OperatorSums:
    """An operator's counts over some of its public months."""

    key: str
    name: str
    numbers: Numbers


OPERATOR_SUMS = """
SELECT s.operator_key AS key, o.name, s.complaints, s.accepted, s.resolved, s.mediations, s.mediation_successes, s.closed
  FROM (SELECT p.operator_key,
               sum((p.body #>> '{content,complaints}')::integer)::integer AS complaints,
               sum((p.body #>> '{content,accepted}')::integer)::integer AS accepted,
               sum((p.body #>> '{content,resolved}')::integer)::integer AS resolved,
               sum((p.body #>> '{content,mediations}')::integer)::integer AS mediations,
               sum((p.body #>> '{content,mediation_successes}')::integer)::integer AS mediation_successes,
               CASE WHEN count(p.body #>> '{content,closed}') = count(*)
                    THEN sum((p.body #>> '{content,closed}')::integer)::integer END AS closed
          FROM publisher.public_items p
         WHERE p.board = 'basic'
           AND p.period = ANY ($1::text[])
           AND p.state <> 'withdrawn'
           AND ($2::text IS NULL OR p.industry = $2)
           AND ($3::text IS NULL OR p.operator_key = $3)
         GROUP BY p.operator_key
        HAVING sum((p.body #>> '{content,complaints}')::integer) >= $4) s
  JOIN publisher.public_operators o ON o.key = s.operator_key
 WHERE (o.name, s.operator_key) > ($6, $7)
 ORDER BY o.name, s.operator_key
 LIMIT $5
"""


async def fetch_operator_sums(
    connection: asyncpg.Connection,
    months: Sequence[str],
    *,
    industry: str | None = None,
    key: str | None = None,
    least: int = 1,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[OperatorSums]:
    """Return the sums of operators with at least so many public complaints in some months, by name, after (name, key)."""
    rows = await connection.fetch(OPERATOR_SUMS, months, industry, key, least, limit, *after)
    counts = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
    return [
        OperatorSums(row["key"], row["name"], Numbers(**{name: row[name] or 0 for name in counts}, closed=row["closed"]))
        for row in rows
    ]


OPERATOR_MONTHS = """
SELECT p.period AS month, (p.body #>> '{content,complaints}')::integer AS complaints
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.operator_key = $1
   AND p.period = ANY ($2::text[])
   AND p.state <> 'withdrawn'
 ORDER BY p.period
"""


async def fetch_operator_months(connection: asyncpg.Connection, key: str, months: Sequence[str]) -> list[MonthCount]:
    """Return the complaints of an operator's public months."""
    return [MonthCount(**dict(row)) for row in await connection.fetch(OPERATOR_MONTHS, key, months)]


# Reports at work whose figures are of one of the periods: there are some tens of them.
OPEN_REPORTS = """
SELECT v.item_id
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.kind = ANY ($1::text[])
   AND v.state IN ('draft', 'returned', 'approved')
   AND v.purpose = 'publish'
   AND v.form #>> '{content,report_figures}' IS NOT NULL
 ORDER BY v.item_id
"""


async def fetch_open_reports(connection: asyncpg.Connection, kinds: Sequence[str]) -> list[str]:
    """Return the items of kinds whose version at work has figures."""
    return [row["item_id"] for row in await connection.fetch(OPEN_REPORTS, kinds)]


SET_CHECKS = """
UPDATE publisher.versions
   SET checks = $3, failing = $4, warning = $5
 WHERE (item_id, version) = ($1, $2)
   AND state IN ('draft', 'returned', 'approved')
"""


async def set_checks(
    connection: asyncpg.Connection, item_id: str, version: int, checks: str, failing: int, warning: int
) -> None:
    """Give an open version other checks (JSON); its content and its approvals stay."""
    await connection.execute(SET_CHECKS, item_id, version, checks, failing, warning)
