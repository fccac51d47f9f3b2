"""Every stored sum and emitted figure, compared with a recount of single complaints."""

from __future__ import annotations

from dataclasses import dataclass

from services.stats.domain.recount import Difference
from services.stats.store.verification import (
    count_verified,
    find_figure_differences,
    find_sum_differences,
    find_workday_differences,
)
from shared.calendar import Calendar
from shared.calendar.adoption import fetch_calendar
from shared.stream import Database


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """How many complaints and figures were compared, and the differences: none, if all is well."""

    complaints: int
    figures: int
    differences: list[Difference]


async def find_differences(database: Database, calendar: Calendar | None = None) -> VerificationReport:
    """Compare in one snapshot; figures of subjects with pending changes are left for the next run.

    Working days are counted anew by `calendar`, by default the current one of the service.
    """
    async with database.snapshot() as connection:
        current = calendar or await fetch_calendar(connection) or Calendar.load()
        differences = await find_workday_differences(connection, current)
        differences += await find_sum_differences(connection) + await find_figure_differences(connection)
        complaints, figures = await count_verified(connection)
    return VerificationReport(complaints, figures, differences)
