"""Pages of a region and of an industry, and the page that defines every figure."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.publisher.store import figures, listing, report_figures
from services.publisher.store.figure_verifications import fetch_verifications
from services.publisher.store.listing import ItemFilter
from services.publisher.store.small_cells import fetch_hidden_cells
from services.publisher.web.charts import city_trend
from services.publisher.web.dependencies import BureauDep, ChartsDep, PresenterDep, render
from services.publisher.web.overview import OverviewDep
from services.publisher.web.page_cache import CachedRoute
from services.publisher.web.portal import newest_denominator, not_found, project_for_today
from shared.clock import now
from shared.contracts import Board, SubjectKind
from shared.rates import sum_known
from shared.reference import industries, regions
from shared.web.session import DatabaseDep

MONTHS = 12
NEWEST = 5
PAGE = 50
SHOWN_VERIFICATIONS = 7
WINDOWS = {"month": 1, "quarter": 3, "year": MONTHS}
router = APIRouter(include_in_schema=False, route_class=CachedRoute)


@router.get("/regions/{code}")
async def region_page(
    request: Request, code: str, database: DatabaseDep, bureau: BureauDep, charts: ChartsDep, overview: OverviewDep,
    presenter: PresenterDep,
) -> Response:  # fmt: skip
    """Show a region: its newest month, its months, its major complaints."""
    region = regions().get(code)
    if region is None:
        raise not_found()
    criteria = ItemFilter(region=code, today=bureau.today(now()))
    async with database.snapshot() as connection:
        found = await figures.fetch_region_months(connection, code, MONTHS)
        least = bureau.rules(now()).rates.small_cell
        hidden = await fetch_hidden_cells(connection, SubjectKind.REGION, [month.period for month in found], least)
        rows = await listing.fetch_board_items(connection, Board.MAJOR, criteria, limit=NEWEST)
    months = [month for month in found if code not in hidden.within([month.period])]
    trend = city_trend(months, presenter, presenter.region(code))
    return render(
        request, "portal/region.html", region=region, months=months,
        hidden=[month.period for month in found if month not in months], by=newest_denominator(months, bureau),
        overview=overview, rules=bureau.rules(now()),
        rows=project_for_today(rows, bureau), chart=await charts.draw(trend, presenter.formats) if trend else None,
    )  # fmt: skip


@router.get("/industries/{code}")
async def industry_page(
    request: Request, code: str, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep,
    window: str = "quarter", cursor: str = "",
) -> Response:  # fmt: skip
    """Show the operators of an industry side by side, by name; rates where there are enough complaints to compare."""
    if code not in industries():
        raise not_found()
    chosen = [each.month for each in overview.months[: WINDOWS.get(window, WINDOWS["quarter"])]]
    name, _separator, key = cursor.rpartition("~")
    async with database.snapshot() as connection:
        rows = await report_figures.fetch_operator_sums(connection, chosen, industry=code, after=(name, key), limit=PAGE)
    totals = overview.industry_months(chosen, code)
    return render(
        request, "portal/industry.html", code=code, months=chosen, rows=rows, cursor=cursor, overview=overview,
        window=window if window in WINDOWS else "quarter", windows=list(WINDOWS), rules=bureau.rules(now()),
        totals={name: sum_known(getattr(each, name) for each in totals) for name in SUMMED} if totals else None,
        by=bureau.success_denominator(chosen[0] if chosen else None, now()),
        next_cursor=f"{rows[-1].name}~{rows[-1].key}" if len(rows) == PAGE else "",
    )  # fmt: skip


SUMMED = ("operators", "complaints", "accepted", "resolved", "mediations", "mediation_successes", "closed")


@router.get("/methods")
async def methods_page(request: Request, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show how every figure is defined, by the rules in force, and what the daily recounts found."""
    async with database.snapshot() as connection:
        verifications = await fetch_verifications(connection, SHOWN_VERIFICATIONS)
    return render(request, "portal/methods.html", rules=bureau.rules(now()), verifications=verifications)
