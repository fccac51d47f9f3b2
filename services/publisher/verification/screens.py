"""Display screens: the rows and cards of a screen's pages, and the releases that its event stream replays."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from http import HTTPStatus
from typing import Any

import asyncpg

from services.publisher.store import gate, release_record, screens
from services.publisher.store.gate import ReleaseEntry
from services.publisher.store.release_record import RecordFilter
from services.publisher.store.screens import Screen
from services.publisher.verification.client import Event
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.recheck import Probe
from services.publisher.web.screens import MAX_CARDS, NEWS_PERIOD, ROWS_PER_TABLE, TABLES_PER_PAGE
from services.publisher.web.screens.urgent import is_urgent
from shared.clock import now
from shared.contracts import Board, ItemState
from shared.web.languages import SOURCE

ROW = re.compile(r'<tr data-item="([^"]+)" data-version="([0-9]+)"')
CARD = re.compile(r'<div [^>]*data-item="([^"]+)" data-version="([0-9]+)"')
NEXT_PAGE = re.compile(r'data-next="([^"]*cursor=[^"]*)"')
# How many pages of operators are read of every screen, unless all are.
MAX_PAGES = 20
# How many releases a stream is asked to replay; of more than a hundred it replays none.
REPLAYED = 50

Items = list[tuple[str, int]]
"""Item ids with versions."""


async def probes(comparison: Comparison, *, every: bool) -> tuple[list[Probe], int]:
    """Return probes of each screen's pages and events, and how many screens there are; one screen a scope, unless `every`."""
    async with comparison.database.snapshot() as connection:
        registered = [screen for screen, _ in await screens.fetch_screens(connection)]
    by_scope = {(screen.region, tuple(screen.boards), tuple(screen.operators)): screen for screen in registered}
    chosen = registered if every else by_scope.values()
    max_pages = None if every else MAX_PAGES
    pairs = [
        (partial(_probe_pages, comparison, screen, max_pages), partial(_probe_events, comparison, screen)) for screen in chosen
    ]
    return [probe for pair in pairs for probe in pair], len(registered)


async def _probe_pages(comparison: Comparison, screen: Screen, max_pages: int | None) -> list[str]:
    where = f"/screens/{screen.screen_id}"
    async with comparison.database.snapshot() as connection:
        limit = None if max_pages is None else max_pages * ROWS_PER_TABLE * TABLES_PER_PAGE
        rows_of_month = await release_record.fetch_month_rows(connection, screen.region, limit, screen.operators or None)
        table = [(row.item_id, row.version) for row in rows_of_month] if screen.carries(Board.BASIC) else []
        news = await _expected_news(comparison, connection, screen)
    rows: Items = []
    cards: Items = []
    path, pages_read = where, 0
    while path and (max_pages is None or pages_read < max_pages):
        answer = await comparison.client.page(path, SOURCE)
        if answer.status != HTTPStatus.OK:
            return [f"{where}: answers {answer.status}"]
        shown = _parse_items(ROW, answer.text)
        cards = cards or _parse_items(CARD, answer.text)
        rows += shown
        next_page = NEXT_PAGE.search(answer.text)
        path, pages_read = unescape(next_page[1]) if next_page and shown else "", pages_read + 1
    return _compare_items(where, rows, table) + _compare_items(f"{where}, cards", cards, news)


async def _expected_news(comparison: Comparison, connection: asyncpg.Connection, screen: Screen) -> Items:
    """Return recent releases that the screen shows, urgent ones first, then the newest; of months only corrections."""
    found, at = [], now()
    for board in filter(screen.carries, Board):
        criteria = RecordFilter(board, screen.region, today=comparison.today, operators=screen.operators or None)
        for stored in await release_record.fetch_newest_releases(connection, criteria, MAX_CARDS):
            item = stored.item
            if at - item.released_at <= NEWS_PERIOD and (board is not Board.BASIC or item.state is ItemState.CORRECTED):
                found.append(stored)
    found.sort(key=lambda stored: (is_urgent(stored.item, at), stored.release_seq), reverse=True)
    return [(stored.item.item_id, stored.item.version) for stored in found[:MAX_CARDS]]


def _parse_items(pattern: re.Pattern[str], html: str) -> Items:
    return [(item_id, int(version)) for item_id, version in pattern.findall(html)]


def _compare_items(where: str, shown: Items, released: Items) -> list[str]:
    """Return what a screen lacks and what it should not show, or that the order is another."""
    missing = [f"{item_id}: {where} lacks v{number}" for item_id, number in released if (item_id, number) not in set(shown)]
    surplus = [
        f"{item_id}: {where} shows v{number}, and should not"
        for item_id, number in shown
        if (item_id, number) not in set(released)
    ]
    return missing + surplus or ([] if shown == released else [f"{where}: the items are in another order than released"])


async def _probe_events(comparison: Comparison, screen: Screen) -> list[str]:
    path = f"/screens/{screen.screen_id}/events"
    async with comparison.database.snapshot() as connection:
        last = await gate.last_release_seq(connection)
        after = max(0, last - REPLAYED)
        entries = await gate.fetch_releases_after(connection, after, REPLAYED)
    received = await comparison.client.events(path, last if entries else None, after=after)
    has_lease = any(event.name == "lease" for event in received)
    if has_lease is not screen.is_open:
        return [f"{path}: gives a lease to anybody" if has_lease else f"{path}: gives no lease"]
    sent = {event.id: _event_fields(event) for event in received if event.id is not None and event.id <= last}
    return [
        f"{entry.item.item_id}: {path} tells {sent.get(entry.release_seq, 'nothing')} of release {entry.release_seq}"
        for entry in entries
        if sent.get(entry.release_seq) != _expected_fields(entry, screen)
    ]


def _event_fields(event: Event) -> tuple[Any, ...]:
    return (event.name, *(event.data.get(name) for name in ("item_id", "version", "state", "board")))


def _expected_fields(entry: ReleaseEntry, screen: Screen) -> tuple[Any, ...]:
    """Return the fields of a release's event; of one that the screen does not show, only what it takes down by it."""
    item = entry.item
    if item.state is not ItemState.WITHDRAWN and not screen.shows(item):
        return ("left", item.item_id, None, None, None) if item.version > 1 else ("", None, None, None, None)
    return (entry.kind, item.item_id, item.version, item.state.value, item.board.value)
