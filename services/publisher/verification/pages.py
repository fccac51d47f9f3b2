"""Pages of the portal that list items: each board, all of them, the record of changes and the front page, in both languages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

import asyncpg

from services.publisher.store import gate, record
from services.publisher.store.record import Wanted
from services.publisher.verification.looking import Look
from services.publisher.verification.sides import Sides
from services.publisher.web.portal import PAGE
from shared.contracts import Board, ItemState
from shared.web.languages import LANGUAGES, Language

LINK = re.compile(r'href="/items/(GS-[0-9]{4}-[0-9]{6,9})"')

Linked = Callable[[Sides, asyncpg.Connection], Awaitable[list[str]]]
"""Returns the items that a page should link, in their order."""


def looks(sides: Sides) -> list[Look]:
    """Return a look at each page."""
    boards = {f"/boards/{board}": partial(_of_board, board) for board in Board}
    pages: dict[str, Linked] = {**boards, "/items": partial(_newest, None), "/changes": _of_changes}
    lists = [partial(_look, sides, path, linked, language) for path, linked in pages.items() for language in LANGUAGES]
    return [*lists, *(partial(_look_at_front, sides, language) for language in LANGUAGES)]


async def _look(sides: Sides, path: str, linked: Linked, language: Language) -> list[str]:
    async with sides.store.reading() as connection:
        wanted = await linked(sides, connection)
    answer = await sides.reader.page(path, language)
    where = f"{path} ({language})"
    if answer.status != HTTPStatus.OK:
        return [f"{where}: answers {answer.status}"]
    shown = list(dict.fromkeys(LINK.findall(answer.text)))
    lacking = [f"{item_id}: {where} lacks it" for item_id in wanted if item_id not in shown]
    beside = [f"{item_id}: {where} has it, and should not" for item_id in shown if item_id not in wanted]
    return lacking + beside or ([] if shown == wanted else [f"{where}: the items are in another order than released"])


async def _of_board(board: Board, sides: Sides, connection: asyncpg.Connection) -> list[str]:
    if board is Board.BASIC:
        return [row.item_id for row in await record.by_name(connection, None, PAGE)]
    return await _newest(board, sides, connection)


async def _newest(board: Board | None, sides: Sides, connection: asyncpg.Connection) -> list[str]:
    return [found.item.item_id for found in await record.newest(connection, Wanted(board, today=sides.today), PAGE)]


async def _of_changes(_sides: Sides, connection: asyncpg.Connection) -> list[str]:
    changes = await gate.changes_before(connection, None, PAGE)
    return list(dict.fromkeys(entry.item.item_id for entry in changes))


async def _look_at_front(sides: Sides, language: Language) -> list[str]:
    """What it chooses of the newest is its own; all that it links must be public."""
    answer = await sides.reader.page("/", language)
    where = f"/ ({language})"
    if answer.status != HTTPStatus.OK:
        return [f"{where}: answers {answer.status}"]
    shown = set(LINK.findall(answer.text))
    async with sides.store.reading() as connection:
        public = {item_id for item_id in shown if await _is_public(connection, item_id)}
    return [f"{item_id}: {where} has it, and should not" for item_id in sorted(shown - public)]


async def _is_public(connection: asyncpg.Connection, item_id: str) -> bool:
    history = await gate.history(connection, item_id)
    return bool(history) and history[0].item.state is not ItemState.WITHDRAWN
