"""The Atom feeds: the newest items of a board in both languages, withdrawn ones as tombstones that say nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from services.publisher.store import gate, record
from services.publisher.store.public import Public
from services.publisher.store.record import Wanted
from services.publisher.verification.looking import Look
from services.publisher.verification.permalinks import heading, plain, reason, withdrawn_words
from services.publisher.verification.sides import Sides, version
from services.publisher.web.feeds import ENTRIES, TOMBSTONES
from shared.contracts import Board, ItemState
from shared.web.languages import LANGUAGES, Language

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; `text` is its title and summary without any space."""

    item_id: str
    updated: datetime
    state: str
    text: str


def looks(sides: Sides) -> list[Look]:
    """Return a look at each feed."""
    return [partial(_look, sides, board, language) for board in Board for language in LANGUAGES]


async def _look(sides: Sides, board: Board, language: Language) -> list[str]:
    async with sides.store.reading() as connection:
        released = await record.newest(connection, Wanted(board, withdrawn=True), ENTRIES)
    answer = await sides.reader.page(f"/feeds/{board}.atom", language)
    where = f"{answer.path} ({language})"
    feed = _parsed(answer.body) if answer.status == HTTPStatus.OK else None
    if feed is None:
        return [f"{where}: answers {answer.status}" + ("" if answer.status != HTTPStatus.OK else " with what is no feed")]
    entries = [_entry(one) for one in feed.iter(f"{ATOM}entry")]
    found = _order(where, entries, released)
    if not found:
        for entry, one in zip(entries, released, strict=True):
            found += [f"{one.item.item_id}: {where} {what}" for what in await _wrong(sides, entry, one)]
    gone = sorted(one.item.item_id for one in released if one.item.state is ItemState.WITHDRAWN)
    if sorted(_item_id(one.get("ref", "")) for one in feed.iter(f"{{{TOMBSTONES}}}deleted-entry")) != gone:
        found.append(f"{where}: the tombstones are not those of what was withdrawn")
    return found


def _order(where: str, entries: list[Entry], released: list[Public]) -> list[str]:
    """Return what the feed lacks and has beside the newest items, or that they are in another order."""
    told = [entry.item_id for entry in entries]
    wanted = {one.item.item_id: one.item for one in released}
    lacking = [f"{item_id}: {where} lacks {version(item)}" for item_id, item in wanted.items() if item_id not in told]
    beside = [f"{item_id}: {where} has it, and should not" for item_id in sorted(set(told) - set(wanted))]
    disordered = [] if told == list(wanted) else [f"{where}: the entries are not in the order of releases"]
    return lacking + beside or disordered


async def _wrong(sides: Sides, entry: Entry, released: Public) -> list[str]:
    item = released.item
    if (entry.updated, entry.state) != (item.released_at, item.state.value):
        return [f"tells {entry.state} of {entry.updated.isoformat()}, the newest is {version(item)}"]
    if item.state is not ItemState.WITHDRAWN:
        return [] if plain(heading(item)) in entry.text else [f"lacks what {version(item)} is about"]
    async with sides.store.reading() as connection:
        history = [recorded.item for recorded in await gate.history(connection, item.item_id)]
    told = [] if reason(item) in entry.text else ["does not tell why it was withdrawn"]
    return told + [f"still tells the {name}" for name in withdrawn_words(entry.text, history)]


def _parsed(body: bytes) -> Any:
    try:
        return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _entry(entry: Any) -> Entry:
    category = entry.find(f"{ATOM}category")
    return Entry(
        item_id=_item_id(entry.findtext(f"{ATOM}id", "")),
        updated=datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")),
        state="" if category is None else category.get("term", ""),
        text=plain(entry.findtext(f"{ATOM}title", "") + entry.findtext(f"{ATOM}summary", "")),
    )


def _item_id(address: str) -> str:
    return address.rpartition("/items/")[2]
