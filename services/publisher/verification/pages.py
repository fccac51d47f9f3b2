"""Pages of the portal that list items: each board, all of them, the record of changes and the front page, in both languages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

import asyncpg

from services.publisher.store import gate, release_record
from services.publisher.store.release_record import RecordFilter
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.recheck import Probe
from services.publisher.web.portal import PAGE
from shared.contracts import Board, ItemState
from shared.web.languages import LANGUAGES, Language

LINK = re.compile(r'href="/items/(GS-[0-9]{4}-[0-9]{6,9})"')

ExpectedLinks = Callable[[Comparison, asyncpg.Connection], Awaitable[list[str]]]
"""Returns the ids of the items that a page should link, in order."""


def probes(comparison: Comparison) -> list[Probe]:
    """Return a probe of each page."""
    boards = {f"/boards/{board}": partial(_board_ids, board) for board in Board}
    pages: dict[str, ExpectedLinks] = {**boards, "/items": partial(_newest_ids, None), "/changes": _changed_ids}
    lists = [partial(_probe, comparison, path, links, language) for path, links in pages.items() for language in LANGUAGES]
    return [*lists, *(partial(_probe_front_page, comparison, language) for language in LANGUAGES)]


async def _probe(comparison: Comparison, path: str, links: ExpectedLinks, language: Language) -> list[str]:
    async with comparison.database.snapshot() as connection:
        expected = await links(comparison, connection)
    answer = await comparison.client.page(path, language)
    where = f"{path} ({language})"
    if answer.status != HTTPStatus.OK:
        return [f"{where}: answers {answer.status}"]
    shown = list(dict.fromkeys(LINK.findall(answer.text)))
    missing = [f"{item_id}: {where} lacks it" for item_id in expected if item_id not in shown]
    surplus = [f"{item_id}: {where} has it, and should not" for item_id in shown if item_id not in expected]
    return missing + surplus or ([] if shown == expected else [f"{where}: the items are in another order than released"])


async def _board_ids(board: Board, comparison: Comparison, connection: asyncpg.Connection) -> list[str]:
    if board is Board.BASIC:
        return [row.item_id for row in await release_record.fetch_month_rows(connection, None, PAGE)]
    return await _newest_ids(board, comparison, connection)


async def _newest_ids(board: Board | None, comparison: Comparison, connection: asyncpg.Connection) -> list[str]:
    criteria = RecordFilter(board, today=comparison.today)
    return [stored.item.item_id for stored in await release_record.fetch_newest_releases(connection, criteria, PAGE)]


async def _changed_ids(_comparison: Comparison, connection: asyncpg.Connection) -> list[str]:
    changes = await gate.fetch_changes_before(connection, None, PAGE)
    return list(dict.fromkeys(entry.item.item_id for entry in changes))


async def _probe_front_page(comparison: Comparison, language: Language) -> list[str]:
    """Compare the front page: which items it chooses is its own, but all that it links must be public."""
    answer = await comparison.client.page("/", language)
    where = f"/ ({language})"
    if answer.status != HTTPStatus.OK:
        return [f"{where}: answers {answer.status}"]
    shown = set(LINK.findall(answer.text))
    async with comparison.database.snapshot() as connection:
        public = {item_id for item_id in shown if await _is_public(connection, item_id)}
    return [f"{item_id}: {where} has it, and should not" for item_id in sorted(shown - public)]


async def _is_public(connection: asyncpg.Connection, item_id: str) -> bool:
    history = await gate.fetch_history(connection, item_id)
    return bool(history) and history[0].item.state is not ItemState.WITHDRAWN
