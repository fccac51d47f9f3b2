"""Display screens: the rows and cards that a screen's pages show, and the releases that its stream of events tells again."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from http import HTTPStatus
from typing import Any

import asyncpg

from services.publisher.store import gate, record, screens
from services.publisher.store.gate import Recorded
from services.publisher.store.record import Wanted
from services.publisher.store.screens import Screen
from services.publisher.verification.looking import Look
from services.publisher.verification.reader import Event
from services.publisher.verification.sides import Sides
from services.publisher.web.screens import CARDS, RECENT, ROWS, TABLES
from shared.clock import now
from shared.contracts import Board, ItemState
from shared.web.languages import SOURCE

ROW = re.compile(r'<tr data-item="([^"]+)" data-version="([0-9]+)"')
CARD = re.compile(r'<div [^>]*data-item="([^"]+)" data-version="([0-9]+)"')
AGAIN = re.compile(r'data-again="([^"]*cursor=[^"]*)"')
# Of every screen so many pages of operators are turned, unless all are wanted.
PAGES = 20
# A stream is asked for so many releases again; of more than a hundred it tells none.
RETOLD = 50

Items = list[tuple[str, int]]
"""Item ids with versions."""


async def looks(sides: Sides, *, every: bool) -> tuple[list[Look], int]:
    """Return looks at each screen's pages and events, and how many screens there are; of those of one region one will do."""
    async with sides.store.reading() as connection:
        registered = [screen for screen, _ in await screens.listed(connection)]
    chosen = registered if every else {screen.region: screen for screen in registered}.values()
    pairs = [(partial(_pages, sides, screen, None if every else PAGES), partial(_events, sides, screen)) for screen in chosen]
    return [look for pair in pairs for look in pair], len(registered)


async def _pages(sides: Sides, screen: Screen, most: int | None) -> list[str]:
    where = f"/screens/{screen.screen_id}"
    async with sides.store.reading() as connection:
        limit = None if most is None else most * ROWS * TABLES
        table = [(row.item_id, row.version) for row in await record.by_name(connection, screen.region, limit)]
        news = await _news(sides, connection, screen)
    rows: Items = []
    cards: Items = []
    path, turned = where, 0
    while path and (most is None or turned < most):
        answer = await sides.reader.page(path, SOURCE)
        if answer.status != HTTPStatus.OK:
            return [f"{where}: answers {answer.status}"]
        shown = _items(ROW, answer.text)
        cards = cards or _items(CARD, answer.text)
        rows += shown
        following = AGAIN.search(answer.text)
        path, turned = unescape(following[1]) if following and shown else "", turned + 1
    return _different(where, rows, table) + _different(f"{where}, cards", cards, news)


async def _news(sides: Sides, connection: asyncpg.Connection, screen: Screen) -> Items:
    """Return what was released lately and concerns the screen, the newest first; of months only what was corrected."""
    found = [
        one
        for board in Board
        for one in await record.newest(connection, Wanted(board, screen.region, today=sides.today), CARDS)
        if now() - one.item.released_at <= RECENT and (board is not Board.BASIC or one.item.state is ItemState.CORRECTED)
    ]
    found.sort(key=lambda one: one.release_seq, reverse=True)
    return [(one.item.item_id, one.item.version) for one in found[:CARDS]]


def _items(place: re.Pattern[str], html: str) -> Items:
    return [(item_id, int(version)) for item_id, version in place.findall(html)]


def _different(where: str, shown: Items, released: Items) -> list[str]:
    """Return what a screen shows beside what was released and what it lacks, or that the order is another."""
    lacking = [f"{item_id}: {where} lacks v{number}" for item_id, number in released if (item_id, number) not in set(shown)]
    beside = [
        f"{item_id}: {where} shows v{number}, and should not"
        for item_id, number in shown
        if (item_id, number) not in set(released)
    ]
    return lacking + beside or ([] if shown == released else [f"{where}: the items are in another order than released"])


async def _events(sides: Sides, screen: Screen) -> list[str]:
    path = f"/screens/{screen.screen_id}/events"
    async with sides.store.reading() as connection:
        last = await gate.head(connection)
        after = max(0, last - RETOLD)
        entries = await gate.releases_after(connection, after, RETOLD)
    heard = await sides.reader.events(path, last if entries else None, after=after)
    if not any(event.name == "lease" for event in heard):
        return [f"{path}: gives no lease"]
    told = {event.id: _told(event) for event in heard if event.id is not None and event.id <= last}
    return [
        f"{entry.item.item_id}: {path} tells {told.get(entry.release_seq, 'nothing')} of release {entry.release_seq}"
        for entry in entries
        if told.get(entry.release_seq) != _wanted(entry, screen)
    ]


def _told(event: Event) -> tuple[Any, ...]:
    return (event.name, *(event.data.get(name) for name in ("item_id", "version", "state", "board")))


def _wanted(entry: Recorded, screen: Screen) -> tuple[Any, ...]:
    """Return what the event of a release carries; one that does not concern the screen only moves its number on."""
    item = entry.item
    if item.state is not ItemState.WITHDRAWN and screen.region is not None and item.region not in {None, screen.region}:
        return ("", None, None, None, None)
    return (entry.kind, item.item_id, item.version, item.state.value, item.board.value)
