"""Display screens: their page, their event stream with the signed lease, their acknowledgements."""

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

from services.publisher.domain.lease import Lease, verify_token
from services.publisher.office import Office
from services.publisher.store import gate, listing, screens
from services.publisher.store.listing import Filter
from services.publisher.store.public import StoredItem
from services.publisher.store.screens import Screen, ShownVersion
from services.publisher.web.broadcast import Broadcaster, ScreenEvent, Subscriber
from services.publisher.web.dependencies import OfficeDep, PagesDep, PresenterDep, render
from services.publisher.web.overview import OverviewDep
from services.publisher.web.portal import not_found, project_for_today
from services.publisher.web.positions import Position, parse_position
from services.publisher.web.presenter import FormPresenter
from shared.clock import now
from shared.contracts import Board, ItemState, PublicItem
from shared.stream import Store
from shared.web.parameters import StorableText
from shared.web.problems import problem_response
from shared.web.session import StoreDep
from shared.web.templating import Pages

ROWS_PER_TABLE = 7
TABLES_PER_PAGE = 4
MAX_CARDS = 4
# So many fit without scrolling, with titles and texts of two lines each.
CARDS_PER_VIEW = 2
NEWS_PERIOD = timedelta(days=30)
# A lease is renewed this often, so that a screen misses several renewals before it blanks.
LEASE_RENEWAL_S = 30.0
# A screen that missed more releases than this reloads its page.
MAX_REPLAY = 100
RECONNECT_MS = (1_000, 5_000)

router = APIRouter(include_in_schema=False)


class Orientation(StrEnum):
    """How the panel hangs."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


def issue_lease(office: Office, screen_id: str, seq: int, at: datetime) -> Lease:
    """Return a lease for the rules' `lease_minutes` from `at` on."""
    return Lease(screen_id, at + timedelta(minutes=office.rules(at).screens.lease_minutes), seq)


@router.get("/screens/{screen_id}")
async def screen_page(
    request: Request, screen_id: str, store: StoreDep, office: OfficeDep, overview: OverviewDep,
    orientation: Orientation = Orientation.LANDSCAPE, cursor: str = "", view: int = 1,
) -> Response:  # fmt: skip
    """Return a screen's page: the operators of its region in the newest month, and the newest items."""
    at = now()
    async with store.snapshot() as connection:
        screen = await screens.fetch_screen(connection, screen_id)
        if screen is None:
            return render(request, "layouts/screen_over.html", status=HTTPStatus.NOT_FOUND, orientation=orientation.value)
        item_filter = Filter(period=overview.latest or "", region=screen.region)
        name, _sep, item_id = cursor.rpartition("~")
        rows = await listing.fetch_month_items(
            connection, item_filter, after=(name, item_id), limit=ROWS_PER_TABLE * TABLES_PER_PAGE
        )
        totals = await listing.month_totals(connection, item_filter)
        latest = await recent_items(connection, screen, office, at)
        seq = await gate.last_release_seq(connection)
    lease = issue_lease(office, screen_id, seq, at)
    projected = project_for_today(rows, office)
    tables = [projected[start : start + ROWS_PER_TABLE] for start in range(0, len(projected), ROWS_PER_TABLE)]
    last = rows[-1] if len(rows) == ROWS_PER_TABLE * TABLES_PER_PAGE else None
    return render(
        request, "screens/page.html", headers={"Cache-Control": "no-store"}, screen=screen, orientation=orientation.value,
        place=screen.name, now=at, as_of=overview.as_of, lease_until=lease.until, lease=lease.token(office.lease_key),
        lease_seconds=int((lease.until - at).total_seconds()), seq=seq, tables=tables, totals=totals, month=overview.latest,
        cards=project_for_today(latest, office), cards_per_view=CARDS_PER_VIEW, rules=office.rules(at), overview=overview,
        page=view, pages=len(tables) + math.ceil(len(latest) / CARDS_PER_VIEW),
        next_cursor=f"{last.item.operator.name}~{last.item.item_id}" if last and last.item.operator else "",
    )  # fmt: skip


async def recent_items(connection: asyncpg.Connection, screen: Screen, office: Office, at: datetime) -> list[StoredItem]:
    """Return the items released or corrected within `NEWS_PERIOD` that are relevant to the screen, newest first."""
    item_filter = Filter(region=screen.region, today=office.today(at))
    # All items of the month are in the table anyway; of the basic board only corrections are news.
    items = await listing.fetch_corrected_items(connection, Board.BASIC, item_filter, limit=MAX_CARDS)
    for board in set(Board) - {Board.BASIC}:
        items += await listing.fetch_board_items(connection, board, item_filter, limit=MAX_CARDS)
    recent = [item for item in items if at - item.item.released_at <= NEWS_PERIOD]
    return sorted(recent, key=lambda item: item.release_seq, reverse=True)[:MAX_CARDS]


@router.get("/screens/{screen_id}/events")
async def events(
    request: Request, screen_id: str, store: StoreDep, office: OfficeDep, pages: PagesDep, presenter: PresenterDep,
    after: Position = 0, last_event_id: Annotated[str | None, Header()] = None,
) -> Response:  # fmt: skip
    """Stream releases, corrections, withdrawals and lease renewals as server-sent events; `id` is the release number."""
    async with store.snapshot() as connection:
        screen = await screens.fetch_screen(connection, screen_id)
    if screen is None:
        raise not_found()
    after_seq = parse_position(last_event_id or "") or after or 0
    broadcaster: Broadcaster = request.app.state.broadcaster
    stream = _stream(broadcaster, store, office, pages, presenter, screen, after_seq)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(
    broadcaster: Broadcaster,
    store: Store,
    office: Office,
    pages: Pages,
    presenter: FormPresenter,
    screen: Screen,
    after_seq: int,
) -> AsyncIterator[bytes]:
    # Subscribed before the record is read: a release in between arrives twice and is sent once.
    subscriber = broadcaster.subscribe()
    try:
        yield b"retry: %d\n\n" % random.randint(*RECONNECT_MS)  # noqa: S311 spreads reconnections
        async with store.snapshot() as connection:
            releases = await gate.fetch_releases_after(connection, after_seq, MAX_REPLAY + 1)
            start_seq = await gate.last_release_seq(connection)
        yield _lease_event(office, screen, start_seq)
        if len(releases) > MAX_REPLAY:
            yield _event("resync", {"seq": start_seq}, start_seq)
        else:
            for entry in releases:
                yield _release_event(ScreenEvent(entry.release_seq, entry), screen, pages, presenter)
        while not subscriber.is_dropped:
            async for chunk in _next_chunks(subscriber, office, screen, pages, presenter, start_seq):
                yield chunk
    finally:
        broadcaster.unsubscribe(subscriber)


async def _next_chunks(
    subscriber: Subscriber, office: Office, screen: Screen, pages: Pages, presenter: FormPresenter, start_seq: int
) -> AsyncIterator[bytes]:
    """Yield the next event, or a renewal of the lease when none comes for `LEASE_RENEWAL_S`."""
    event = await subscriber.next_event(LEASE_RENEWAL_S)
    if event is None:
        yield _lease_event(office, screen, start_seq)
    elif event.entry is None or event.seq > start_seq:
        yield _release_event(event, screen, pages, presenter)


def _release_event(event: ScreenEvent, screen: Screen, pages: Pages, presenter: FormPresenter) -> bytes:
    """Return a release as an event; an irrelevant one only advances the last event id."""
    if event.entry is None:
        return _event("review", {}, None)
    item = event.entry.item
    if not _is_relevant(item, screen):
        return b"id: %d\n\n" % event.seq
    body = {"item_id": item.item_id, "version": item.version, "state": item.state.value, "board": item.board.value}
    return _event(event.entry.kind, {**body, **event.render_fragments(pages, presenter)}, event.seq)


def _is_relevant(item: PublicItem, screen: Screen) -> bool:
    """A withdrawal is relevant to every screen: the withdrawn version carries no region any more."""
    return item.state is ItemState.WITHDRAWN or screen.region is None or item.region in {None, screen.region}


def _lease_event(office: Office, screen: Screen, seq: int) -> bytes:
    at = now()
    lease = issue_lease(office, screen.screen_id, seq, at)
    seconds = int((lease.until - at).total_seconds())
    until = lease.until.astimezone(office.zone).strftime("%H:%M")
    body = {"token": lease.token(office.lease_key), "seconds": seconds, "until": until, "now": at.isoformat()}
    return _event("lease", body, None)


def _event(name: str, body: dict[str, object], seq: int | None) -> bytes:
    number = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(body))


class ShownItem(BaseModel):
    """One version that a screen showed, or whose withdrawal it carried out."""

    model_config = ConfigDict(extra="forbid")

    item_id: StorableText = Field(max_length=32)
    version: int = Field(ge=1, le=1_000_000)
    shown_at: AwareDatetime


class Acknowledgement(BaseModel):
    """What a screen has shown; the lease proves which screen sends it."""

    model_config = ConfigDict(extra="forbid")

    lease: str = Field(max_length=400)
    shown: list[ShownItem] = Field(min_length=1, max_length=100)


@router.post("/screens/{screen_id}/acks")
async def acknowledge(screen_id: str, acknowledgement: Acknowledgement, store: StoreDep, office: OfficeDep) -> Response:
    """Store which versions a screen has shown; 403 without a valid lease of this screen."""
    lease, at = verify_token(acknowledgement.lease, office.lease_key), now()
    if lease is None or lease.screen_id != screen_id or lease.until < at:
        return problem_response(HTTPStatus.FORBIDDEN, "lease", "the lease is not valid for this screen")
    async with store.unit_of_work() as uow:
        shown = [ShownVersion(item.item_id, item.version, min(item.shown_at, at)) for item in acknowledgement.shown]
        await screens.insert_acknowledgements(uow.connection, screen_id, shown, at)
    return Response(status_code=HTTPStatus.NO_CONTENT)
