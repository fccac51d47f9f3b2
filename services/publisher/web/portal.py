"""The portal: front page, boards, search, the record of changes, and what it all means."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from services.publisher.projection import as_shown
from services.publisher.store import gate, listing, operators, paging
from services.publisher.store.listing import Filter
from services.publisher.store.public import Public
from services.publisher.web.drawings import city_trend, tile_map
from services.publisher.web.fields import Showing
from services.publisher.web.frame import ChartsOf, OfficeOf, ShowingOf, render
from services.publisher.web.overview import OverviewOf
from services.publisher.web.shelf import KeptRoute
from shared.clock import now
from shared.contracts import Board
from shared.reference import districts, industries
from shared.web.session import StoreOf

PAGE = 20
NEWEST = 4
LIKE = 5
YEAR = 12
# One character is in so many names that looking for it finds nothing of use; more than so many words no name needs.
SHORTEST = 2
MOST_WORDS = 3
Words = Annotated[str, Query(max_length=100)]
router = APIRouter(include_in_schema=False, route_class=KeptRoute)


def today_form(found: list[Public], office: OfficeOf) -> list[Public]:
    """Return items as they stand today: expired past their term, marked while an application waits."""
    today = office.today(now())
    return [replace(p, item=as_shown(p.item, today, under_review=p.under_review)) for p in found]


@router.get("/")
async def front(
    request: Request, store: StoreOf, office: OfficeOf, charts: ChartsOf, overview: OverviewOf, show: ShowingOf
) -> Response:
    """Show the city's newest month, the newest items and the six boards."""
    today = office.today(now())
    async with store.reading() as connection:
        newest = [
            found
            for board in Board
            if board is not Board.BASIC and board in overview.boards
            for found in await listing.of_board(connection, board, Filter(today=today), limit=NEWEST)
        ]
    newest.sort(key=lambda found: found.release_seq, reverse=True)
    trend = city_trend(overview.city, show)
    return render(
        request, "portal/front.html", tab="home", overview=overview, newest=today_form(newest[:NEWEST], office),
        chart=await charts.draw(trend, show.formats) if trend else None, tiles=tile_map(overview.regions, show),
        rules=office.rules(now()), boards=list(Board),
    )  # fmt: skip


@router.get("/items")
async def all_items(
    request: Request, store: StoreOf, office: OfficeOf, overview: OverviewOf, before: int | None = None
) -> Response:
    """Show the items of all boards, the newest release first."""
    today = office.today(now())
    async with store.reading() as connection:
        rows = await listing.newest(connection, before=before, today=today, limit=PAGE)
        earlier = await paging.number_before_of_all(connection, today, before, PAGE) if before else None
    return render(
        request, "portal/items.html", rows=today_form(rows, office), total=overview.unexpired, overview=overview, before=before,
        next_before=rows[-1].release_seq if len(rows) == PAGE else None, previous=earlier,
    )  # fmt: skip


@router.get("/boards/{board}")
async def board_page(
    request: Request, board: Board, store: StoreOf, office: OfficeOf, overview: OverviewOf, show: ShowingOf,
    month: str = "", region: str = "", industry: str = "", q: Words = "", cursor: str = "", before: int | None = None,
) -> Response:  # fmt: skip
    """Show a board: the basic one by operator in a month, the others by the newest release."""
    wanted = Filter(board=board, region=region or None, industry=industry or None, q=q.strip() or None)
    context = {
        "tab": board.value, "board": board, "overview": overview, "wanted": wanted, "rules": office.rules(now()),
        "regions": _region_choices(show),
    }  # fmt: skip
    if board is not Board.BASIC:
        wanted = replace(wanted, today=office.today(now()))
        async with store.reading() as connection:
            rows = await listing.of_board(connection, board, wanted, before=before, limit=PAGE)
            total = await listing.count_of_board(connection, board, wanted)
            earlier = await paging.number_before(connection, board, wanted, before, PAGE) if before else None
        return render(
            request, "portal/board.html", **context, rows=today_form(rows, office), total=total,
            next_before=rows[-1].release_seq if len(rows) == PAGE else None, before=before,
            previous=earlier,
        )  # fmt: skip
    wanted = replace(wanted, period=month or overview.latest or "")
    after = _after(cursor)
    async with store.reading() as connection:
        rows = await listing.by_name(connection, wanted, after=after, limit=PAGE)
        total = await listing.count_by_name(connection, wanted)
        first = await listing.count_by_name(connection, wanted, after) if cursor else 0
        behind = await paging.name_before(connection, wanted, after, PAGE) if cursor else None
    return render(
        request, "portal/basic.html", **{**context, "wanted": wanted}, rows=today_form(rows, office), total=total,
        first=first + 1, cursor=cursor, previous="~".join(behind) if behind else None, industries=_industry_choices(show),
        next_cursor=f"{_name(rows[-1])}~{rows[-1].item.item_id}" if len(rows) == PAGE else "",
    )  # fmt: skip


def _after(cursor: str) -> tuple[str, str]:
    name, _sep, item_id = cursor.rpartition("~")
    return name, item_id


def _name(row: Public) -> str:
    return row.item.operator.name if row.item.operator else ""


def _region_choices(show: Showing) -> list[tuple[str, str]]:
    return [(region.code, show.region(region.code)) for region in districts()]


def _industry_choices(show: Showing) -> list[tuple[str, str]]:
    return [(code, show.industry(code)) for code in industries()]


@router.get("/search")
async def search(
    request: Request, store: StoreOf, office: OfficeOf, overview: OverviewOf, show: ShowingOf,
    q: Words = "", board: str = "", region: str = "", before: int | None = None,
) -> Response:  # fmt: skip
    """Search by the operator's name or code, and in titles and summaries; when nothing is found, by the words of the search."""
    words = " ".join(q.replace("\x00", "").split())
    wanted = Filter(board=Board(board) if board in set(Board) else None, region=region or None, q=words)
    asked, parts = len(words) >= SHORTEST, parts_of(words)
    async with store.reading() as connection:
        found = await operators.search(connection, words, wanted.region, PAGE) if asked else []
        keys = [operator.key for operator in found]
        rows = await listing.matching(connection, keys, wanted, before=before, limit=PAGE) if asked else []
        total = await listing.count_matching(connection, keys, wanted) if asked else 0
        like = await operators.named(connection, parts, LIKE) if parts and not (found or rows) else []
        since = overview.months[:YEAR][-1].month if overview.months else ""
        sums = await operators.sums(connection, [operator.key for operator in found or like], since)
    return render(
        request, "portal/search.html", q=words, asked=asked, parts=parts, like=like, sums=sums,
        operators=[] if before else found,
        rows=today_form(rows, office), total=total, wanted=wanted,
        overview=overview, regions=_region_choices(show), boards=list(Board),
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
    )  # fmt: skip


def parts_of(words: str) -> list[str]:
    """Return the words of a search of several that are looked for one by one: the first that are long enough."""
    several = words.split()
    return list(dict.fromkeys(word for word in several if len(word) >= SHORTEST))[:MOST_WORDS] if len(several) > 1 else []


@router.get("/changes")
async def changes(
    request: Request, store: StoreOf, office: OfficeOf, overview: OverviewOf, before: int | None = None
) -> Response:
    """Show every correction and withdrawal."""
    async with store.reading() as connection:
        rows = await gate.changes_before(connection, before, PAGE)
    return render(
        request, "portal/changes.html", rows=rows, overview=overview, rules=office.rules(now()),
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
    )  # fmt: skip


@router.get("/about")
async def about(request: Request, office: OfficeOf) -> Response:
    """Show how publication works, by the rules in force."""
    return render(request, "portal/about.html", rules=office.rules(now()), boards=list(Board))


def not_found() -> HTTPException:
    """Return the answer for an address that nothing is at."""
    return HTTPException(HTTPStatus.NOT_FOUND)
