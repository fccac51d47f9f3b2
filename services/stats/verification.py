"""Everything that stats keeps or has said, against a recount of single complaints."""

from __future__ import annotations

from dataclasses import dataclass

from services.stats.domain.recount import Difference
from services.stats.store.verification import differing_figures, differing_sums, held
from shared.stream import Store


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and what was found to differ: nothing, if all is well."""

    complaints: int
    figures: int
    found: list[Difference]


async def differences(store: Store) -> Report:
    """Compare at one moment; figures of subjects whose changes wait to be said are left for the next time."""
    async with store.reading() as connection:
        found = await differing_sums(connection) + await differing_figures(connection)
        complaints, figures = await held(connection)
    return Report(complaints, figures, found)
