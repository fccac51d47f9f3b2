"""The portal: front page, boards, search, the record of changes, and how publication works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from services.publisher.bureau import BureauContext
from services.publisher.kinds import KINDS
from services.publisher.projection import public_history, with_current_state
from services.publisher.store import gate, listing, operators, paging
from services.publisher.store.figures import PeriodFigure
from services.publisher.store.gate import ReleaseEntry
from services.publisher.store.listing import ItemFilter
from services.publisher.store.public_items import StoredItem
from services.publisher.web.charts import city_trend, tile_map
from services.publisher.web.dependencies import BureauDep, ChartsDep, PresenterDep, render
from services.publisher.web.overview import OverviewDep
from services.publisher.web.page_cache import CachedRoute
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.release_numbers import ReleaseNumber
from shared.clock import now
from shared.contracts import Board
from shared.names import fold_name
from shared.rates import SuccessDenominator
from shared.reference import districts, industries
from shared.web.session import DatabaseDep

PAGE = 20
NEWEST_PER_BOARD = 4
MAX_SUGGESTIONS = 5
SUMMED_MONTHS = 12
# One character matches too many names to be of use.
MIN_QUERY_LENGTH = 2
MAX_QUERY_WORDS = 3
Words = Annotated[str, Query(max_length=100)]
router = APIRouter(include_in_schema=False, route_class=CachedRoute)


def project_for_today(rows: list[StoredItem], bureau: BureauDep) -> list[StoredItem]:
    """Return items in their public form of today: expired past their term, marked while an application is pending."""
    today = bureau.today(now())
    return [replace(row, item=with_current_state(row.item, today, under_review=row.under_review)) for row in rows]


def newest_denominator(months: Sequence[PeriodFigure], bureau: BureauContext) -> SuccessDenominator:
    """Return what the success rate of the newest of some months is a share of."""
    return bureau.success_denominator(months[0].period if months else None, now())


@router.get("/")
async def front_page(
    request: Request,
    database: DatabaseDep,
    bureau: BureauDep,
    charts: ChartsDep,
    overview: OverviewDep,
    presenter: PresenterDep,
) -> Response:
    """Show the city's newest month, the newest items and the six boards."""
    today = bureau.today(now())
    async with database.snapshot() as connection:
        newest = [
            row
            for board in Board
            if board is not Board.BASIC and board in overview.boards
            for row in await listing.fetch_board_items(connection, board, ItemFilter(today=today), limit=NEWEST_PER_BOARD)
        ]
    newest.sort(key=lambda row: row.release_seq, reverse=True)
    trend = city_trend(overview.city, presenter)
    return render(
        request, "portal/front.html", tab="home", overview=overview, by=newest_denominator(overview.city, bureau),
        newest=project_for_today(newest[:NEWEST_PER_BOARD], bureau),
        chart=await charts.draw(trend, presenter.formats) if trend else None,
        tiles=tile_map(overview.regions, presenter, overview.hidden_regions),
        rules=bureau.rules(now()), boards=list(Board),
    )  # fmt: skip


@router.get("/items")
async def items_page(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, before: ReleaseNumber = None
) -> Response:
    """Show the items of all boards, the newest release first."""
    today = bureau.today(now())
    async with database.snapshot() as connection:
        rows = await listing.fetch_newest_items(connection, before=before, today=today, limit=PAGE)
        previous_before = await paging.previous_page_seq_of_all(connection, today, before, PAGE) if before else None
    return render(
        request, "portal/items.html", rows=project_for_today(rows, bureau), total=overview.unexpired,
        overview=overview, before=before, next_before=rows[-1].release_seq if len(rows) == PAGE else None,
        previous=previous_before,
    )  # fmt: skip


@router.get("/boards/{board}")
async def board_page(
    request: Request, board: Board, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, presenter: PresenterDep,
    month: str = "", region: str = "", industry: str = "", kind: str = "",
    q: Words = "", cursor: str = "", before: ReleaseNumber = None,
) -> Response:  # fmt: skip
    """Show a board: the basic one by operator in a month, the others by the newest release."""
    item_filter = ItemFilter(board=board, region=region or None, industry=industry or None, q=q.strip() or None)
    context: dict[str, Any] = {
        "tab": board.value, "board": board, "overview": overview, "item_filter": item_filter, "rules": bureau.rules(now()),
        "regions": _region_choices(presenter),
    }  # fmt: skip
    kinds = {name: each.label for name, each in KINDS.items() if each.board is board}
    context["kinds"] = list(kinds.items())
    if board is not Board.BASIC or kind in kinds:
        item_filter = replace(item_filter, today=bureau.today(now()), kind=kind if kind in kinds else None)
        context |= {"item_filter": item_filter}
        async with database.snapshot() as connection:
            rows = await listing.fetch_board_items(connection, board, item_filter, before=before, limit=PAGE)
            total = await listing.count_board_items(connection, board, item_filter)
            previous_before = await paging.previous_page_seq(connection, board, item_filter, before, PAGE) if before else None
        return render(
            request, "portal/board.html", **context, rows=project_for_today(rows, bureau), total=total,
            next_before=rows[-1].release_seq if len(rows) == PAGE else None, before=before,
            previous=previous_before,
        )  # fmt: skip
    item_filter = replace(item_filter, period=month or overview.latest or "")
    after = _parse_name_cursor(cursor)
    async with database.snapshot() as connection:
        rows = await listing.fetch_month_items(connection, item_filter, after=after, limit=PAGE)
        total = await listing.count_month_items(connection, item_filter)
        first = await listing.count_month_items(connection, item_filter, after) if cursor else 0
        previous_cursor = await paging.previous_page_name(connection, item_filter, after, PAGE) if cursor else None
    return render(
        request, "portal/basic.html", **{**context, "item_filter": item_filter},
        rows=project_for_today(rows, bureau), total=total, first=first + 1, cursor=cursor,
        previous="~".join(previous_cursor) if previous_cursor else None, industries=_industry_choices(presenter),
        next_cursor=f"{_operator_name(rows[-1])}~{rows[-1].item.item_id}" if len(rows) == PAGE else "",
    )  # fmt: skip


def _parse_name_cursor(cursor: str) -> tuple[str, str]:
    name, _sep, item_id = cursor.rpartition("~")
    return name, item_id


def _operator_name(row: StoredItem) -> str:
    return row.item.operator.name if row.item.operator else ""


def _region_choices(presenter: FormPresenter) -> list[tuple[str, str]]:
    return [(region.code, presenter.region(region.code)) for region in districts()]


def _industry_choices(presenter: FormPresenter) -> list[tuple[str, str]]:
    return [(code, presenter.industry(code)) for code in industries()]


@router.get("/search")
async def search_page(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, presenter: PresenterDep,
    q: Words = "", board: str = "", region: str = "", before: ReleaseNumber = None,
) -> Response:  # fmt: skip
    """Search by the operator's name or code, and in titles and summaries; when nothing is found, by the words of the search."""
    words = " ".join(q.replace("\x00", "").split())
    item_filter = ItemFilter(board=Board(board) if board in set(Board) else None, region=region or None, q=words)
    is_searchable, parts = len(fold_name(words)) >= MIN_QUERY_LENGTH, split_query(words)
    async with database.snapshot() as connection:
        matches = await operators.search_operators(connection, words, item_filter.region, PAGE) if is_searchable else []
        keys = [operator.key for operator in matches]
        rows = await listing.search_items(connection, keys, item_filter, before=before, limit=PAGE) if is_searchable else []
        total = await listing.count_search_items(connection, keys, item_filter) if is_searchable else 0
        suggestions = (
            await operators.search_any_word(connection, parts, MAX_SUGGESTIONS) if parts and not (matches or rows) else []
        )
        since = overview.months[:SUMMED_MONTHS][-1].month if overview.months else ""
        sums = await operators.sum_months(connection, [operator.key for operator in matches or suggestions], since)
    return render(
        request, "portal/search.html", q=words, is_searchable=is_searchable, parts=parts, suggestions=suggestions, sums=sums,
        operators=[] if before else matches,
        rows=project_for_today(rows, bureau), total=total, item_filter=item_filter,
        overview=overview, regions=_region_choices(presenter), boards=list(Board),
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
    )  # fmt: skip


def split_query(words: str) -> list[str]:
    """Return the words of a query of several words that are searched for one by one: the first that are long enough."""
    words_of_query = words.split()
    return (
        list(dict.fromkeys(word for word in words_of_query if len(fold_name(word)) >= MIN_QUERY_LENGTH))[:MAX_QUERY_WORDS]
        if len(words_of_query) > 1
        else []
    )


@router.get("/changes")
async def changes_page(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, before: ReleaseNumber = None
) -> Response:
    """Show every correction and withdrawal."""
    async with database.snapshot() as connection:
        changes = await gate.fetch_changes_before(connection, before, PAGE)
        histories = await gate.fetch_histories(connection, list({entry.item.item_id for entry in changes}))
    shown = {entry.release_seq: entry for history in histories for entry in public_entries(history)}
    rows = [shown[entry.release_seq] for entry in changes]
    return render(
        request, "portal/changes.html", rows=rows, overview=overview, rules=bureau.rules(now()),
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
    )  # fmt: skip


@router.get("/about")
async def about_page(request: Request, bureau: BureauDep) -> Response:
    """Show how publication works, by the rules in force."""
    return render(request, "portal/about.html", rules=bureau.rules(now()), boards=list(Board))


def public_entries(history: Sequence[ReleaseEntry]) -> list[ReleaseEntry]:
    """Return the releases of one item, newest first, as its history shows them."""
    versions = public_history([entry.item for entry in history])
    return [replace(entry, item=version) for entry, version in zip(history, versions, strict=True)]


def not_found() -> HTTPException:
    """Return the answer for an address that nothing is at."""
    return HTTPException(HTTPStatus.NOT_FOUND)
