"""Figures as they were said at a moment, from what replaced them since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.stats.domain.figures import ZERO_MEASURES
from services.stats.domain.subjects import CountedKind
from shared.contracts import Measures

# From the close of a period on, each change of its figure is a restatement with what the figure was: the first one after the
# moment has it, and where there is none nothing changed since. A figure that was never said is that of no complaint.
PAST = """
SELECT (SELECT count(*) FROM stats.closed_months WHERE month = ANY ($4::date[]) AND closed_at < $5) AS closed,
       coalesce(
           (SELECT before
              FROM stats.restatements
             WHERE subject_kind = $1 AND subject = $2 AND period = $3 AND restated_at >= $5
             ORDER BY version
             LIMIT 1),
           (SELECT measures FROM stats.figures WHERE subject_kind = $1 AND subject = $2 AND period = $3)
       ) AS measures
"""


@dataclass(frozen=True, slots=True)
class PastFigure:
    """What a figure was; `is_kept`: whether the period was closed by then, before which figures are not kept."""

    is_kept: bool
    measures: Measures


async def fetch_past_figure(
    connection: asyncpg.Connection, kind: CountedKind, subject: str, period: str, months: tuple[date, ...], until: datetime
) -> PastFigure:
    """Return the figure of a calendar period with these months as it was just before a moment."""
    [record] = await connection.fetch(PAST, kind, subject, period, list(months), until)
    measures = record["measures"]
    return PastFigure(record["closed"] == len(months), Measures.model_validate_json(measures) if measures else ZERO_MEASURES)
