"""The charts and the tile map of the portal, drawn from released months and closed months of the city."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.publisher.store.figures import PeriodFigure
from services.publisher.web.fields import Showing
from shared.charts.spec import Restatement, Series, Trend
from shared.contracts import PublicItem
from shared.reference import Region, districts
from shared.web.formats import MISSING
from shared.web.i18n import Text, _
from shared.web.periods import month_name

STEPS = 5
MYRIAD = 10_000
NICE = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def city_trend(newest_first: Sequence[PeriodFigure], show: Showing) -> Trend | None:
    """Return the city's complaints month by month; None with fewer than two months."""
    months = list(reversed(newest_first))
    if len(months) < 2:  # noqa: PLR2004 one point is no line
        return None
    restated = tuple(
        Restatement(index, float(month.restated_from.complaints))
        for index, month in enumerate(months)
        if month.restated_from and month.restated_from.complaints != month.measures.complaints
    )
    return Trend(
        title=_("近%(count)s个月投诉量", count=len(months)),
        note=_("全市，件，按收到日期；只列已结账月份"),
        row_head=_("月份"),
        ticks=tuple(month_name(month.period, show.language) for month in months),
        rows=tuple(month.period for month in months),
        series=(Series(_("投诉"), tuple(float(month.measures.complaints) for month in months)),),
        restated=restated,
        half=True,
    )


def operator_trend(newest_first: Sequence[PublicItem], show: Showing) -> Trend | None:
    """Return an operator's complaints and resolved complaints over its released months; None with fewer than two."""
    items = [item for item in reversed(newest_first) if item.period and item.content]
    if len(items) < 2:  # noqa: PLR2004 one point is no line
        return None
    return Trend(
        title=_("近%(count)s个月投诉与解决", count=len(items)),
        note=_("件，按收到日期；只列已公示月份"),
        row_head=_("月份"),
        ticks=tuple(month_name(item.period or "", show.language) for item in items),
        rows=tuple(item.period or "" for item in items),
        series=(
            Series(_("投诉"), tuple(_count(item, "complaints") for item in items)),
            Series(_("解决"), tuple(_count(item, "resolved") for item in items)),
        ),
        restated=tuple(
            Restatement(index, float(old))
            for index, item in enumerate(items)
            for field, old, _new in item.changes
            if field == "complaints" and old
        ),
    )


def _count(item: PublicItem, name: str) -> float:
    return float((item.content or {}).get(name) or 0)


@dataclass(frozen=True, slots=True)
class TileMap:
    """Districts in their schematic places; `tiles` as the component takes them, `steps` the bounds of the ramp."""

    tiles: list[dict[str, Any]]
    steps: Text
    header: list[Any]
    rows: list[list[str]]


def tile_map(of_regions: Mapping[str, PeriodFigure], show: Showing) -> TileMap | None:
    """Return complaints per 10,000 residents by district; None where no district has a figure."""
    schematic = {region.tile: region for region in districts() if region.tile and region.residents}
    rates = {r.code: _rate(r, of_regions) for r in schematic.values() if r.code in of_regions}
    if not rates:
        return None
    width = _nice(float(max(rates.values())) / STEPS)
    # Steps closer than one decimal would make tiles of other colours read the same.
    places = 1 if width >= 1 else 2
    columns = max(column for _row, column in schematic)
    tiles = [
        _tile(schematic.get((row, column)), of_regions, rates, (width, places), show)
        for row in range(1, max(row for row, _column in schematic) + 1)
        for column in range(1, columns + 1)
    ]
    return TileMap(
        tiles=tiles,
        steps=_("分档%(bounds)s", bounds=show.say(_("、")).join(f"{width * step:g}" for step in range(1, STEPS))),
        header=[_("地区"), _("投诉（件）"), _("常住人口（万人）"), _("每万人（件）")],
        rows=[_row(region, of_regions, rates, places, show) for region in schematic.values() if region.code in rates],
    )


def _rate(region: Region, of_regions: Mapping[str, PeriodFigure]) -> Decimal:
    return Decimal(of_regions[region.code].measures.complaints * MYRIAD) / (region.residents or MYRIAD)


def _tile(
    region: Region | None,
    of_regions: Mapping[str, PeriodFigure],
    rates: Mapping[str, Decimal],
    scale: tuple[float, int],
    show: Showing,
) -> dict[str, Any]:
    """Return a tile as the component takes it; `scale` is the width of a step and the decimals of a rate."""
    if region is None:
        return {"name": "", "url": "", "rate": "", "count": "", "step": 0}
    rate, (width, places) = rates.get(region.code), scale
    return {
        "name": show.region(region.code),
        "url": f"/boards/basic?region={region.code}",
        "rate": MISSING if rate is None else f"{rate:.{places}f}",
        "count": "" if rate is None else show.value("complaints", of_regions[region.code].measures.complaints),
        "step": 0 if rate is None else min(STEPS, int(float(rate) / width) + 1),
    }


def _row(
    region: Region, of_regions: Mapping[str, PeriodFigure], rates: Mapping[str, Decimal], places: int, show: Showing
) -> list[str]:
    return [
        show.region(region.code),
        show.formats.count(of_regions[region.code].measures.complaints),
        f"{(region.residents or 0) / MYRIAD:.0f}",
        f"{rates[region.code]:.{places}f}",
    ]


def _nice(width: float) -> float:
    """Return the next round width of a step."""
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * nice for nice in NICE if power * nice >= width - 1e-9)
