"""The counts by which small cells of public tables are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import asyncpg

from services.publisher.domain.small_cells import ROOT, Count, HiddenCells, hidden_subjects
from shared.contracts import SubjectKind
from shared.reference import categories, regions

DISTRICT_DIGITS = 6
STREET_DIGITS = 9

MONTH_COUNTS = """
SELECT period, subject, complaints_at_close, complaints AS now,
       coalesce(least(smallest, nullif((restated_from ->> 'complaints')::integer, 0)), complaints) AS smallest
  FROM publisher.figures
 WHERE subject_kind = $1
   AND period_kind = 'month'
   AND period = ANY ($2::text[])
"""


async def fetch_hidden_cells(
    connection: asyncpg.Connection, kind: SubjectKind, months: Sequence[str], least: int
) -> HiddenCells:
    """Return which regions, industries or categories are not shown in which of the months; `least`: the threshold."""
    counts: dict[str, dict[str, Count]] = defaultdict(dict)
    subject_of, parent_of = _TREES[kind]
    for row in await connection.fetch(MONTH_COUNTS, kind, list(months)):
        of_month, subject = counts[row["period"]], subject_of(row["subject"])
        known = of_month.get(subject, Count(0, 0))
        of_month[subject] = Count(
            known.at_close + row["complaints_at_close"], known.now + row["now"], known.smallest + row["smallest"]
        )
    return HiddenCells({month: hidden_subjects(of_month, parent_of, least) for month, of_month in counts.items()})


def _region_parent(code: str) -> str:
    """Return the region that one lies in: by the reference data, of streets and communities by their digits."""
    if code in regions():
        return regions()[code].parent or ROOT
    if code.isdigit() and len(code) > DISTRICT_DIGITS:
        return code[: STREET_DIGITS if len(code) > STREET_DIGITS else DISTRICT_DIGITS]
    return ROOT


def _same(code: str) -> str:
    return code


def _whole(_code: str) -> str:
    return ROOT


def _root_category(code: str) -> str:
    """Return the category that reports add a category up in."""
    return (categories()[code].parent if code in categories() else None) or code


# The subject that a code is shown as, and its parent.
_TREES: Mapping[SubjectKind, tuple[Callable[[str], str], Callable[[str], str]]] = {
    SubjectKind.REGION: (_same, _region_parent),
    SubjectKind.INDUSTRY: (_same, _whole),
    SubjectKind.CATEGORY: (_root_category, _whole),
}
