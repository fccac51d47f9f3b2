"""The page of a screen: the operators of its region in the newest month, and the newest items."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher.bureau import BureauContext
from services.publisher.domain.orientation import Orientation
from services.publisher.store import gate, listing, screens
from services.publisher.store.listing import ItemFilter, Totals
from services.publisher.store.public_items import StoredItem
from services.publisher.store.screens import Screen
from services.publisher.web.dependencies import BureauDep
from services.publisher.web.overview import OverviewDep
from services.publisher.web.portal import project_for_today
from services.publisher.web.release_numbers import ReleaseNumber
from services.publisher.web.screens.failures import SelfReloadingRoute, render_unknown
from services.publisher.web.screens.lease import issue_lease
from services.publisher.web.screens.player import identify_player
from services.publisher.web.screens.rendering import render_screen
from services.publisher.web.screens.urgent import is_urgent
from shared.clock import now
from shared.contracts import Board
from shared.web.session import DatabaseDep

ROWS_PER_TABLE = 7
TABLES_PER_PAGE = 4
MAX_CARDS = 4
# So many fit without scrolling, with titles and texts of two lines each.
CARDS_PER_VIEW = 2
NEWS_PERIOD = timedelta(days=30)
# A page without a running script shows its next view, or itself anew, after this long and at least twice a lease.
REFRESH_S = 20
MAX_RECALLS = 100

router = APIRouter(prefix="/screens", route_class=SelfReloadingRoute)


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows as of release `seq`: urgent items, at most four tables of operators, their totals, cards of news."""

    urgent: list[StoredItem]
    rows: list[StoredItem]
    totals: Totals
    news: list[StoredItem]
    seq: int

    @property
    def next_cursor(self) -> str:
        """The cursor of the next operators by name; empty after the last ones."""
        if len(self.rows) < ROWS_PER_TABLE * TABLES_PER_PAGE:
            return ""
        item = self.rows[-1].item
        return f"{item.operator.name}~{item.item_id}" if item.operator else ""


@router.get("/{screen_id}")
@router.get("/{screen_id}/key/{secret}")
async def screen_page(
    request: Request, screen_id: str, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep,
    orientation: Orientation | None = None, cursor: str = "", view: int = 1, after: ReleaseNumber = None,
) -> Response:  # fmt: skip
    """Return a screen's page, for anybody but its player a preview; with `after`, a release number, also the recalls since."""
    at = now()
    player = await identify_player(request, database, bureau, screen_id)
    if player is None:
        return render_unknown(request, screen_id)
    screen = player.screen
    async with database.snapshot() as connection:
        content = await _fetch_content(connection, screen, bureau, at, overview.latest or "", cursor)
        recalls = await screens.fetch_recalls(connection, after, MAX_RECALLS) if after is not None else []
    lease = issue_lease(bureau, player, content.seq, at)
    if lease.token:
        request.app.state.broadcaster.leased.add(screen_id)
    rows = project_for_today(content.rows, bureau)
    tables = [rows[start : start + ROWS_PER_TABLE] for start in range(0, len(rows), ROWS_PER_TABLE)]
    pages = len(content.urgent) + len(tables) + math.ceil(len(content.news) / CARDS_PER_VIEW)
    ends = [row.item.expires_on for row in rows if row.item.expires_on]
    response = render_screen(
        request, screen.language, "screens/page.html", lease=lease, screen=screen, player=player,
        orientation=orientation.value if orientation else screen.orientation or Orientation.LANDSCAPE.value,
        place=screen.name, now=at, as_of=overview.as_of, lease_until=lease.until,
        preview_code="" if lease.token else player.code,
        refresh_s=min(REFRESH_S, lease.seconds // 2), seq=content.seq, recalls=recalls,
        urgent=project_for_today(content.urgent, bureau), tables=tables, totals=content.totals, month=overview.latest,
        cards=project_for_today(content.news, bureau), public_until=min(ends, default=None),
        cards_per_view=CARDS_PER_VIEW, rules=bureau.rules(at), overview=overview,
        page=max(1, min(view, pages)), pages=pages, next_cursor=content.next_cursor,
    )  # fmt: skip
    player.keep_secret(request, response)
    return response


@router.get("/{screen_id}/pair/{secret}")  # noqa: FAST003 - read where the player is identified
async def pair_player(request: Request, screen_id: str, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Have the player keep the secret of its address, and send it to its page, whose address has none."""
    player = await identify_player(request, database, bureau, screen_id)
    response = RedirectResponse(f"/screens/{screen_id}", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    if player is not None and player.credential is not None:
        replace(player, in_address=False).keep_secret(request, response)
    return response


async def _fetch_content(
    connection: asyncpg.Connection, screen: Screen, bureau: BureauContext, at: datetime, month: str, cursor: str
) -> Content:
    month_filter = ItemFilter(period=month, region=screen.region, operators=screen.operators or None)
    name, _sep, item_id = cursor.rpartition("~")
    rows, totals = [], Totals(0, 0, 0, 0)
    if screen.carries(Board.BASIC):
        rows = await listing.fetch_month_items(
            connection, month_filter, after=(name, item_id), limit=ROWS_PER_TABLE * TABLES_PER_PAGE
        )
        totals = await listing.month_totals(connection, month_filter)
    news = await fetch_recent_items(connection, screen, bureau, at)
    urgent = [each for each in news if is_urgent(each.item, at)]
    return Content(urgent, rows, totals, news[len(urgent) :], await gate.last_release_seq(connection))


async def fetch_recent_items(
    connection: asyncpg.Connection, screen: Screen, bureau: BureauContext, at: datetime
) -> list[StoredItem]:
    """Return the items released or corrected within `NEWS_PERIOD` that the screen shows, urgent ones first, then the newest."""
    item_filter = ItemFilter(region=screen.region, today=bureau.today(at), operators=screen.operators or None)
    items: list[StoredItem] = []
    for board in filter(screen.carries, Board):
        # All items of the month are in the table anyway; of the basic board only corrections are news.
        fetch = listing.fetch_corrected_items if board is Board.BASIC else listing.fetch_board_items
        items += await fetch(connection, board, item_filter, limit=MAX_CARDS)
    recent = [item for item in items if at - item.item.released_at <= NEWS_PERIOD]
    return sorted(recent, key=lambda item: (is_urgent(item.item, at), item.release_seq), reverse=True)[:MAX_CARDS]
