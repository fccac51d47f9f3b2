"""What every public page says of the whole: counted after a release, kept until the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from services.publisher.office import Office
from services.publisher.store import closings, figures, gate, overview
from services.publisher.store.figures import PeriodFigure
from services.publisher.store.overview import BoardCount, MonthCount, TradeMonth
from services.publisher.web.broadcast import Broadcaster
from shared.clock import now
from shared.contracts import Board
from shared.reference import districts
from shared.stream import Store
from shared.web.session import store_of

CHART_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Overview:
    """The public state as of release `seq`. `city` are closed months of the whole city, newest first."""

    seq: int
    closings: int
    today: date
    as_of: datetime
    boards: Mapping[Board, BoardCount]
    months: Sequence[MonthCount]
    trades: Mapping[tuple[str, str | None], TradeMonth]
    kinds: Mapping[str, int]
    city: Sequence[PeriodFigure]
    regions: Mapping[str, PeriodFigure]

    @property
    def this_month(self) -> str:
        """The month of the office's day."""
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
        """How many districts and counties have figures in the newest closed month."""
        return sum(district.code in self.regions for district in districts())

    @property
    def coverage(self) -> dict[str, object]:
        """What the answers of the interface say of their completeness."""
        return {
            "items": self.items,
            "boards": {board.value: count.items for board, count in self.boards.items()},
            "months": [month.month for month in self.months],
        }

    def trade(self, months: Sequence[str], industry: str) -> list[TradeMonth]:
        """Return what all operators of an industry add up to in each of some months."""
        found = (self.trades.get((month, industry)) for month in months)
        return [trade for trade in found if trade is not None]


class Overviews:
    """Keeps the newest overview; one request at a time counts anew, others wait for it."""

    def __init__(self, office: Office, broadcaster: Broadcaster) -> None:
        self._office = office
        self._broadcaster = broadcaster
        self._told = -1
        self._kept: Overview | None = None
        self._lock = asyncio.Lock()

    async def current(self, store: Store) -> Overview:
        """Return the overview of what is public now."""
        async with store.reading() as connection:
            mark = await self._mark(connection)
        if self._kept is not None and self._is(self._kept, mark):
            return self._kept
        async with self._lock:
            if self._kept is None or not self._is(self._kept, mark):
                self._told = self._broadcaster.told
                async with store.reading() as connection:
                    self._kept = await self._count(connection)
            return self._kept

    async def _mark(self, connection: asyncpg.Connection) -> tuple[int, int, date]:
        closed = await closings.count(connection)
        return await gate.head(connection), closed, self._office.today(now())

    def _is(self, kept: Overview, mark: tuple[int, int, date]) -> bool:
        seq, closings, today = mark
        same = (kept.closings, kept.today, self._told) == (closings, today, self._broadcaster.told)
        return same and kept.seq >= seq

    async def _count(self, connection: asyncpg.Connection) -> Overview:
        seq, closed, today = await self._mark(connection)
        begins = now().astimezone(self._office.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        city = await figures.city_months(connection, CHART_MONTHS)
        trades = await overview.trades(connection)
        return Overview(
            seq=seq,
            closings=closed,
            today=today,
            as_of=await closings.last_close(connection) or now(),
            boards=await overview.boards(connection, begins, today),
            months=overview.months(trades),
            trades={(trade.month, trade.industry): trade for trade in trades},
            kinds=await overview.kinds_since(connection, begins),
            city=city,
            regions=await figures.region_month(connection, city[0].period) if city else {},
        )


async def overview_of(request: Request) -> Overview:
    """Return the overview for a page."""
    overviews: Overviews = request.app.state.overviews
    return await overviews.current(store_of(request))


OverviewOf = Annotated[Overview, Depends(overview_of)]
