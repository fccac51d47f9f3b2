"""The charts and the tile map of the portal, from released months and closed months of the city."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.publisher.store.figures import PeriodFigure
from services.publisher.web.presenter import FormPresenter
from shared.charts.spec import Restatement, Series, Trend
from shared.contracts import PublicItem
from shared.rates import round_half_up, share
from shared.reference import Region, districts
from shared.web.formats import MISSING
from shared.web.i18n import Text, _
from shared.web.periods import month_name

STEP_COUNT = 5
PER_RESIDENTS = 10_000
ROUND_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def city_trend(newest_first: Sequence[PeriodFigure], presenter: FormPresenter, place: str = "") -> Trend | None:
    """Return the complaints of the city, or of a `place` by its name, month by month; None with fewer than two months."""
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
        note=_("%(place)s，件，按收到日期；仅列已完成统计的月份", place=place or _("全市")),
        row_head=_("月份"),
        ticks=tuple(month_name(month.period, presenter.language) for month in months),
        rows=tuple(month.period for month in months),
        series=(Series(_("投诉"), tuple(float(month.measures.complaints) for month in months)),),
        restated=restated,
        half=True,
    )


def operator_trend(newest_first: Sequence[PublicItem], presenter: FormPresenter) -> Trend | None:
    """Return an operator's complaints and resolved complaints over its released months; None with fewer than two."""
    items = [item for item in reversed(newest_first) if item.period and item.content]
    if len(items) < 2:  # noqa: PLR2004 one point is no line
        return None
    return Trend(
        title=_("近%(count)s个月投诉与解决", count=len(items)),
        note=_("件，按收到日期；只列已公示月份"),
        row_head=_("月份"),
        ticks=tuple(month_name(item.period or "", presenter.language) for item in items),
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
    """Districts at their schematic positions; `tiles` as the component takes them, `steps` the bounds of the ramp.

    `hidden`: how many districts have a count that is not shown.
    """

    tiles: list[dict[str, Any]]
    steps: Text
    header: list[Any]
    rows: list[list[str]]
    hidden: int


def tile_map(
    figures_by_region: Mapping[str, PeriodFigure], presenter: FormPresenter, hidden: Collection[str] = ()
) -> TileMap | None:
    """Return complaints per 10,000 residents by district; None where no district has a figure. `hidden`: those not shown."""
    schematic = {region.tile: region for region in districts() if region.tile and region.residents}
    rates = {r.code: _rate(r, figures_by_region) for r in schematic.values() if r.code in figures_by_region}
    if not rates:
        return None
    width = _round_step(float(max(rates.values())) / STEP_COUNT)
    # Steps closer than one decimal would make tiles of other colours read the same.
    places = 1 if width >= 1 else 2
    rates = {code: round_half_up(value, places) for code, value in rates.items()}
    columns = max(column for _row, column in schematic)
    tiles = [
        _tile(schematic.get((row, column)), figures_by_region, rates, width, presenter)
        for row in range(1, max(row for row, _column in schematic) + 1)
        for column in range(1, columns + 1)
    ]
    return TileMap(
        tiles=tiles,
        steps=_(
            "分档%(bounds)s", bounds=presenter.translate(_("、")).join(f"{width * step:g}" for step in range(1, STEP_COUNT))
        ),
        header=[_("地区"), _("投诉（件）"), _("常住人口（万人）"), _("每万人（件）")],
        rows=[
            _row(region, figures_by_region, rates, presenter)
            if region.code in rates
            else [presenter.region(region.code), MISSING, presenter.formats.ratio(region.residents, PER_RESIDENTS, 0), MISSING]
            for region in schematic.values()
            if region.code in rates or region.code in hidden
        ],
        hidden=sum(region.code in hidden for region in schematic.values()),
    )


def _rate(region: Region, figures_by_region: Mapping[str, PeriodFigure]) -> Decimal:
    return share(figures_by_region[region.code].measures.complaints * PER_RESIDENTS, region.residents or PER_RESIDENTS)


def _tile(
    region: Region | None,
    figures_by_region: Mapping[str, PeriodFigure],
    rates: Mapping[str, Decimal],
    width: float,
    presenter: FormPresenter,
) -> dict[str, Any]:
    """Return a tile as the component takes it. Its step follows from the rate as written: equal rates have one colour."""
    if region is None:
        return {"name": "", "url": "", "rate": "", "count": "", "step": 0}
    rate = rates.get(region.code)
    return {
        "name": presenter.region(region.code),
        "url": f"/boards/basic?region={region.code}",
        "rate": MISSING if rate is None else presenter.formats.decimal(rate),
        "count": "" if rate is None else presenter.value("complaints", figures_by_region[region.code].measures.complaints),
        "step": 0 if rate is None else min(STEP_COUNT, int(rate / Decimal(str(width))) + 1),
    }


def _row(
    region: Region,
    figures_by_region: Mapping[str, PeriodFigure],
    rates: Mapping[str, Decimal],
    presenter: FormPresenter,
) -> list[str]:
    return [
        presenter.region(region.code),
        presenter.formats.count(figures_by_region[region.code].measures.complaints),
        presenter.formats.ratio(region.residents, PER_RESIDENTS, 0),
        presenter.formats.decimal(rates[region.code]),
    ]


def _round_step(width: float) -> float:
    """Return the next round width of a step."""
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * nice for nice in ROUND_STEPS if power * nice >= width - 1e-9)
