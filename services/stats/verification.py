"""Every stored sum and emitted figure, compared with a recount of single complaints."""

from __future__ import annotations

from dataclasses import dataclass

from services.stats.domain.recount import Difference
from services.stats.store.verification import count_verified, find_figure_differences, find_sum_differences
from shared.stream import Store


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """How many complaints and figures were compared, and the differences: none, if all is well."""

    complaints: int
    figures: int
    differences: list[Difference]


async def find_differences(store: Store) -> VerificationReport:
    """Compare in one snapshot; figures of subjects with pending changes are left for the next run."""
    async with store.snapshot() as connection:
        differences = await find_sum_differences(connection) + await find_figure_differences(connection)
        complaints, figures = await count_verified(connection)
    return VerificationReport(complaints, figures, differences)
