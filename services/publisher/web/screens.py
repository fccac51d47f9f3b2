"""Display screens: the page they show, the events they follow, and what they say they have shown."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

import asyncpg
import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.publisher.domain.lease import Lease, read
from services.publisher.office import Office
from services.publisher.store import gate, listing, screens
from services.publisher.store.listing import Filter
from services.publisher.store.public import Public
from services.publisher.store.screens import Screen, Shown
from services.publisher.web.broadcast import Broadcaster, Client, News
from services.publisher.web.fields import Showing
from services.publisher.web.frame import OfficeOf, PagesOf, ShowingOf, render
from services.publisher.web.overview import OverviewOf
from services.publisher.web.portal import not_found, today_form
from shared.clock import now
from shared.contracts import Board, ItemState, PublicItem
from shared.stream import Store
from shared.web.problems import problem
from shared.web.session import StoreOf
from shared.web.templating import Pages

ROWS = 7
TABLES = 4
CARDS = 4
# So many fit without scrolling, with titles and texts of two lines each.
CARDS_A_VIEW = 2
RECENT = timedelta(days=30)
# A lease is renewed this often, so that a screen misses several renewals before it blanks.
RENEW_S = 30.0
# More missed releases than this, and a screen loads its page anew.
REPLAYED = 100
RECONNECT_MS = (1_000, 5_000)

router = APIRouter(include_in_schema=False)


class Orientation(StrEnum):
    """How the panel hangs."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


def lease_of(office: Office, screen_id: str, seq: int, at: datetime) -> Lease:
    """Return the lease that a screen gets now."""
    return Lease(screen_id, at + timedelta(minutes=office.rules(at).screens.lease_minutes), seq)


@router.get("/screens/{screen_id}")
async def page(
    request: Request, screen_id: str, store: StoreOf, office: OfficeOf, overview: OverviewOf,
    orientation: Orientation = Orientation.LANDSCAPE, cursor: str = "", view: int = 1,
) -> Response:  # fmt: skip
    """Show a screen's page: the region's operators in the newest month, and what was released lately."""
    at = now()
    async with store.reading() as connection:
        screen = await screens.screen(connection, screen_id)
        if screen is None:
            return render(request, "layouts/screen_over.html", status=HTTPStatus.NOT_FOUND, orientation=orientation.value)
        wanted = Filter(period=overview.latest or "", region=screen.region)
        name, _sep, item_id = cursor.rpartition("~")
        rows = await listing.by_name(connection, wanted, after=(name, item_id), limit=ROWS * TABLES)
        totals = await listing.totals(connection, wanted)
        latest = await news(connection, screen, office, at)
        seq = await gate.head(connection)
    lease = lease_of(office, screen_id, seq, at)
    shown = today_form(rows, office)
    tables = [shown[start : start + ROWS] for start in range(0, len(shown), ROWS)]
    last = rows[-1] if len(rows) == ROWS * TABLES else None
    return render(
        request, "screens/page.html", headers={"Cache-Control": "no-store"}, screen=screen, orientation=orientation.value,
        place=screen.name, now=at, as_of=overview.as_of, lease_until=lease.until, lease=lease.token(office.lease_key),
        lease_seconds=int((lease.until - at).total_seconds()), seq=seq, tables=tables, totals=totals, month=overview.latest,
        cards=today_form(latest, office), cards_a_view=CARDS_A_VIEW, rules=office.rules(at), overview=overview,
        page=view, pages=len(tables) + math.ceil(len(latest) / CARDS_A_VIEW),
        next_cursor=f"{last.item.operator.name}~{last.item.item_id}" if last and last.item.operator else "",
    )  # fmt: skip


async def news(connection: asyncpg.Connection, screen: Screen, office: Office, at: datetime) -> list[Public]:
    """Return what was released or corrected lately and concerns the screen, newest first."""
    wanted = Filter(region=screen.region, today=office.today(at))
    # Of the basic board all items of the month are on the screen anyway; news of it is what was corrected.
    found = await listing.corrected(connection, Board.BASIC, wanted, limit=CARDS)
    for board in set(Board) - {Board.BASIC}:
        found += await listing.of_board(connection, board, wanted, limit=CARDS)
    recent = [item for item in found if at - item.item.released_at <= RECENT]
    return sorted(recent, key=lambda item: item.release_seq, reverse=True)[:CARDS]


@router.get("/screens/{screen_id}/events")
async def events(
    request: Request, screen_id: str, store: StoreOf, office: OfficeOf, pages: PagesOf, show: ShowingOf,
    after: int = 0, last_event_id: Annotated[str | None, Header()] = None,
) -> Response:  # fmt: skip
    """Follow releases, corrections, withdrawals and the lease as server-sent events; `id` is the release number."""
    async with store.reading() as connection:
        screen = await screens.screen(connection, screen_id)
    if screen is None:
        raise not_found()
    begin = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    broadcaster: Broadcaster = request.app.state.broadcaster
    stream = _stream(broadcaster, store, office, pages, show, screen, begin)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(
    broadcaster: Broadcaster, store: Store, office: Office, pages: Pages, show: Showing, screen: Screen, begin: int
) -> AsyncIterator[bytes]:
    # Joined before the record is read: what is released in between comes twice and is told once.
    client = broadcaster.join()
    try:
        yield b"retry: %d\n\n" % random.randint(*RECONNECT_MS)  # noqa: S311 spreads reconnections
        async with store.reading() as connection:
            missed = await gate.releases_after(connection, begin, REPLAYED + 1)
            sent = await gate.head(connection)
        yield _lease(office, screen, sent)
        if len(missed) > REPLAYED:
            yield _event("resync", {"seq": sent}, sent)
        else:
            for entry in missed:
                yield _news_event(News(entry.release_seq, entry), screen, pages, show)
        while not client.dropped:
            async for chunk in _following(client, office, screen, pages, show, sent):
                yield chunk
    finally:
        broadcaster.leave(client)


async def _following(
    client: Client, office: Office, screen: Screen, pages: Pages, show: Showing, sent: int
) -> AsyncIterator[bytes]:
    """Yield what comes until the next renewal of the lease, and the renewal."""
    news = await client.next(RENEW_S)
    if news is None:
        yield _lease(office, screen, sent)
    elif news.entry is None or news.seq > sent:
        yield _news_event(news, screen, pages, show)


def _news_event(news: News, screen: Screen, pages: Pages, show: Showing) -> bytes:
    """Return a release as an event; one that does not concern the screen only moves its number on."""
    if news.entry is None:
        return _event("review", {}, None)
    item = news.entry.item
    if not _concerns(item, screen):
        return b"id: %d\n\n" % news.seq
    body = {"item_id": item.item_id, "version": item.version, "state": item.state.value, "board": item.board.value}
    return _event(news.entry.kind, {**body, **news.drawn(pages, show)}, news.seq)


def _concerns(item: PublicItem, screen: Screen) -> bool:
    """A withdrawal concerns every screen: what it withdraws is not in it any more."""
    return item.state is ItemState.WITHDRAWN or screen.region is None or item.region in {None, screen.region}


def _lease(office: Office, screen: Screen, seq: int) -> bytes:
    at = now()
    lease = lease_of(office, screen.screen_id, seq, at)
    seconds = int((lease.until - at).total_seconds())
    until = lease.until.astimezone(office.zone).strftime("%H:%M")
    body = {"token": lease.token(office.lease_key), "seconds": seconds, "until": until, "now": at.isoformat()}
    return _event("lease", body, None)


def _event(name: str, body: dict[str, object], seq: int | None) -> bytes:
    number = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(body))


class ShownItem(BaseModel):
    """One version that a screen showed, or whose withdrawal it followed."""

    model_config = ConfigDict(extra="forbid")

    item_id: str = Field(max_length=32)
    version: int = Field(ge=1, le=1_000_000)
    shown_at: AwareDatetime


class Acknowledgement(BaseModel):
    """What a screen has shown; its lease proves which screen speaks."""

    model_config = ConfigDict(extra="forbid")

    lease: str = Field(max_length=400)
    shown: list[ShownItem] = Field(min_length=1, max_length=100)


@router.post("/screens/{screen_id}/acks")
async def acknowledge(screen_id: str, said: Acknowledgement, store: StoreOf, office: OfficeOf) -> Response:
    """Keep what a screen says it has shown."""
    lease, at = read(said.lease, office.lease_key), now()
    if lease is None or lease.screen_id != screen_id or lease.until < at:
        return problem(HTTPStatus.FORBIDDEN, "lease", "the lease is not valid for this screen")
    async with store.unit() as unit:
        shown = [Shown(one.item_id, one.version, min(one.shown_at, at)) for one in said.shown]
        await screens.acknowledge(unit.connection, screen_id, shown, at)
    return Response(status_code=HTTPStatus.NO_CONTENT)
