"""Counts that every public page shows: loaded after a release, cached until the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from services.publisher.bureau import BureauContext
from services.publisher.store import closings, figures, gate, overview
from services.publisher.store.figures import PeriodFigure
from services.publisher.store.overview import BoardCount, IndustryMonth, MonthCount
from services.publisher.store.small_cells import fetch_hidden_cells
from services.publisher.web.broadcast import Broadcaster
from shared.clock import now
from shared.contracts import Board, SubjectKind
from shared.reference import districts
from shared.stream import Database
from shared.web.session import get_database

CHART_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Overview:
    """The public state as of release `seq`. `city` are months of the whole city, closed and released, newest first.

    `regions` are the figures of the newest of them that are shown; `hidden_regions` have one that is not.
    """

    seq: int
    closed_months: int
    today: date
    as_of: datetime
    boards: Mapping[Board, BoardCount]
    months: Sequence[MonthCount]
    by_industry_month: Mapping[tuple[str, str | None], IndustryMonth]
    releases_by_kind: Mapping[str, int]
    city: Sequence[PeriodFigure]
    regions: Mapping[str, PeriodFigure]
    hidden_regions: frozenset[str]

    @property
    def this_month(self) -> str:
        """The month of the bureau's day."""
        return self.today.strftime("%Y-%m")

    @property
    def latest(self) -> str | None:
        """The newest month of the basic board."""
        return self.months[0].month if self.months else None

    @property
    def items(self) -> int:
        """How many items are public."""
        return sum(count.items for count in self.boards.values())

    @property
    def unexpired(self) -> int:
        """How many items are public and not expired."""
        return sum(count.unexpired for count in self.boards.values())

    @property
    def districts(self) -> int:
        """How many districts and counties have figures in the newest released month."""
        return sum(district.code in self.regions or district.code in self.hidden_regions for district in districts())

    @property
    def coverage(self) -> dict[str, object]:
        """The coverage that answers of the JSON interface carry."""
        return {
            "items": self.items,
            "boards": {board.value: count.items for board, count in self.boards.items()},
            "months": [month.month for month in self.months],
        }

    def industry_months(self, months: Sequence[str], industry: str) -> list[IndustryMonth]:
        """Return the totals of an industry in each of some months."""
        months_of_industry = (self.by_industry_month.get((month, industry)) for month in months)
        return [month_totals for month_totals in months_of_industry if month_totals is not None]


class OverviewCache:
    """Caches the newest overview; one request at a time loads a new one, others wait for it."""

    def __init__(self, bureau: BureauContext, broadcaster: Broadcaster) -> None:
        self._bureau = bureau
        self._broadcaster = broadcaster
        self._generation = -1
        self._cached: Overview | None = None
        self._lock = asyncio.Lock()

    async def current(self, database: Database) -> Overview:
        """Return the overview of what is public now."""
        async with database.snapshot() as connection:
            marker = await self._fetch_marker(connection)
        if self._cached is not None and self._is_current(self._cached, marker):
            return self._cached
        async with self._lock:
            if self._cached is None or not self._is_current(self._cached, marker):
                self._generation = self._broadcaster.generation
                async with database.snapshot() as connection:
                    self._cached = await self._load(connection)
            return self._cached

    async def _fetch_marker(self, connection: asyncpg.Connection) -> tuple[int, int, date]:
        closed_months = await closings.count_closings(connection)
        return await gate.last_release_seq(connection), closed_months, self._bureau.today(now())

    def _is_current(self, cached: Overview, marker: tuple[int, int, date]) -> bool:
        seq, closed_months, today = marker
        kept = (cached.closed_months, cached.today, self._generation)
        same = kept == (closed_months, today, self._broadcaster.generation)
        return same and cached.seq >= seq

    async def _load(self, connection: asyncpg.Connection) -> Overview:
        seq, closed_months, today = await self._fetch_marker(connection)
        month_start = now().astimezone(self._bureau.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        city = await figures.fetch_city_months(connection, CHART_MONTHS)
        industry_months = await overview.fetch_industry_months(connection)
        newest = city[0].period if city else None
        regions = await figures.fetch_region_figures(connection, newest) if newest else {}
        hidden = await self._hidden_regions(connection, newest) if newest else frozenset[str]()
        return Overview(
            seq=seq,
            closed_months=closed_months,
            today=today,
            as_of=await closings.last_close(connection) or now(),
            boards=await overview.count_by_board(connection, month_start, today),
            months=overview.sum_by_month(industry_months),
            by_industry_month={(month_totals.month, month_totals.industry): month_totals for month_totals in industry_months},
            releases_by_kind=await overview.count_by_kind(connection, month_start),
            city=city,
            regions={code: figure for code, figure in regions.items() if code not in hidden},
            hidden_regions=hidden & regions.keys(),
        )

    async def _hidden_regions(self, connection: asyncpg.Connection, month: str) -> frozenset[str]:
        least = self._bureau.rules(now()).rates.small_cell
        return (await fetch_hidden_cells(connection, SubjectKind.REGION, [month], least)).within([month])


async def get_overview(request: Request) -> Overview:
    """Return the overview for a page."""
    overviews: OverviewCache = request.app.state.overview_cache
    return await overviews.current(get_database(request))


OverviewDep = Annotated[Overview, Depends(get_overview)]
