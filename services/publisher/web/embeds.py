"""Embeds: an operator's card or a board's list within another site's page, without script, and oEmbed that names them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from services.publisher.store import listing, operators
from services.publisher.store.listing import ItemFilter
from services.publisher.web.api import allow_any_origin
from services.publisher.web.dependencies import BureauDep, get_presenter
from services.publisher.web.overview import OverviewDep
from services.publisher.web.portal import not_found, project_for_today
from shared.clock import now
from shared.contracts import Board
from shared.identifiers import canonical_uscc
from shared.web.pages import PagesDep
from shared.web.security_headers import content_security_policy
from shared.web.session import DatabaseDep

ROWS = 8
WIDTH, HEIGHT = 480, 360
MIN_WIDTH = 240
FRAME = Markup('<iframe src="{}" width="{}" height="{}" title="消费投诉公示" sandbox="allow-popups" style="border:0"></iframe>')
PATH = re.compile(r"/(?:(?P<operators>operators)|(?P<boards>boards))/(?P<code>[0-9A-Za-z]{1,18})", re.ASCII)
router = APIRouter(include_in_schema=False)


@router.get("/embed/operators/{code}")
async def operator_card(request: Request, code: str, database: DatabaseDep, overview: OverviewDep, pages: PagesDep) -> Response:
    """Show an operator's newest month within a frame."""
    async with database.snapshot() as connection:
        found = await operators.fetch_operator(connection, code)
        if found is None:
            raise not_found()
        months = await operators.fetch_months(connection, found.key, 1)
    return _frame(
        request, pages, "embeds/operator.html", operator=found, month=months[0] if months else None, overview=overview,
        address=pages.site.permalink(f"/operators/{found.uscc or found.key}"),
    )  # fmt: skip


@router.get("/embed/boards/{board}")
async def board_list(
    request: Request, board: Board, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, pages: PagesDep
) -> Response:
    """Show the newest items of a board within a frame."""
    async with database.snapshot() as connection:
        criteria = ItemFilter(today=bureau.today(now()))
        rows = await listing.fetch_board_items(connection, board, criteria, limit=ROWS)
    return _frame(
        request, pages, "embeds/board.html", board=board, rows=project_for_today(rows, bureau), overview=overview,
        address=pages.site.permalink(f"/boards/{board}"),
    )  # fmt: skip


def _frame(request: Request, pages: PagesDep, template: str, **context: Any) -> Response:
    """Answer with a page that any site may frame; it has no form, no session and no script."""
    presenter = get_presenter(request)
    request.state.content_security_policy = content_security_policy(frame_ancestors="*")
    html = pages.html(presenter.language, template, presenter=presenter, **context)
    return HTMLResponse(html, headers={"Cache-Control": "public, max-age=60", "Vary": "Accept-Language, Cookie"})


@router.get("/oembed", dependencies=[Depends(allow_any_origin)])
async def oembed(
    pages: PagesDep, url: Annotated[str, Query(max_length=500)], maxwidth: Annotated[int, Query(ge=1, le=10_000)] = WIDTH,
    maxheight: Annotated[int, Query(ge=1, le=10_000)] = HEIGHT, format: str = "json",  # noqa: A002 its name in oEmbed
) -> dict[str, Any]:  # fmt: skip
    """Return how a page of an operator or a board is embedded (oEmbed 1.0, type `rich`); 404 for other addresses."""
    if format != "json":
        raise HTTPException(HTTPStatus.NOT_IMPLEMENTED)
    parts = urlsplit(url)
    match = PATH.fullmatch(parts.path)
    is_ours = url.startswith(pages.site.public + "/")
    if match is None or not is_ours or not _exists(match):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    width, height = max(MIN_WIDTH, min(maxwidth, WIDTH)), min(maxheight, HEIGHT)
    address = pages.site.permalink(f"/embed{parts.path}")
    return {
        "version": "1.0", "type": "rich", "provider_name": pages.site.bureau_zh, "provider_url": pages.site.permalink("/"),
        "title": "消费投诉公示", "width": width, "height": height, "cache_age": 60,
        "html": str(FRAME.format(address, width, height)),
    }  # fmt: skip


def _exists(match: re.Match[str]) -> bool:
    code = match["code"]
    return code in set(Board) if match["boards"] else canonical_uscc(code) == code
