"""The Atom feeds: the newest items of a board in both languages, withdrawn ones as tombstones without content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from services.publisher.store import gate, record
from services.publisher.store.public import StoredItem
from services.publisher.store.record import RecordFilter
from services.publisher.verification.comparison import Comparison, version_name
from services.publisher.verification.permalinks import plain_reason, plain_text, quoted_heading, withdrawn_texts_in
from services.publisher.verification.recheck import Probe
from services.publisher.web.feeds import ENTRIES, TOMBSTONES
from shared.contracts import Board, ItemState
from shared.web.languages import LANGUAGES, Language

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; `text` is its title and summary without white space."""

    item_id: str
    updated: datetime
    state: str
    text: str


def probes(comparison: Comparison) -> list[Probe]:
    """Return a probe of each feed."""
    return [partial(_probe, comparison, board, language) for board in Board for language in LANGUAGES]


async def _probe(comparison: Comparison, board: Board, language: Language) -> list[str]:
    async with comparison.store.snapshot() as connection:
        released = await record.fetch_newest_releases(connection, RecordFilter(board, withdrawn=True), ENTRIES)
    answer = await comparison.client.page(f"/feeds/{board}.atom", language)
    where = f"{answer.path} ({language})"
    feed = _parse_feed(answer.body) if answer.status == HTTPStatus.OK else None
    if feed is None:
        return [f"{where}: answers {answer.status}" + ("" if answer.status != HTTPStatus.OK else " with what is no feed")]
    entries = [_parse_entry(element) for element in feed.iter(f"{ATOM}entry")]
    found = _compare_order(where, entries, released)
    if not found:
        for entry, stored in zip(entries, released, strict=True):
            found += [f"{stored.item.item_id}: {where} {what}" for what in await _compare_entry(comparison, entry, stored)]
    withdrawn = sorted(stored.item.item_id for stored in released if stored.item.state is ItemState.WITHDRAWN)
    if sorted(_item_id(element.get("ref", "")) for element in feed.iter(f"{{{TOMBSTONES}}}deleted-entry")) != withdrawn:
        found.append(f"{where}: the tombstones are not those of what was withdrawn")
    return found


def _compare_order(where: str, entries: list[Entry], released: list[StoredItem]) -> list[str]:
    """Return what the feed lacks and what it should not have, or that the order is another."""
    served = [entry.item_id for entry in entries]
    expected = {stored.item.item_id: stored.item for stored in released}
    lacking = [f"{item_id}: {where} lacks {version_name(item)}" for item_id, item in expected.items() if item_id not in served]
    beside = [f"{item_id}: {where} has it, and should not" for item_id in sorted(set(served) - set(expected))]
    disordered = [] if served == list(expected) else [f"{where}: the entries are not in the order of releases"]
    return lacking + beside or disordered


async def _compare_entry(comparison: Comparison, entry: Entry, released: StoredItem) -> list[str]:
    item = released.item
    if (entry.updated, entry.state) != (item.released_at, item.state.value):
        return [f"tells {entry.state} of {entry.updated.isoformat()}, the newest is {version_name(item)}"]
    if item.state is not ItemState.WITHDRAWN:
        return [] if plain_text(quoted_heading(item)) in entry.text else [f"lacks what {version_name(item)} is about"]
    async with comparison.store.snapshot() as connection:
        history = [released.item for released in await gate.fetch_history(connection, item.item_id)]
    found = [] if plain_reason(item) in entry.text else ["does not tell why it was withdrawn"]
    return found + [f"still tells the {name}" for name in withdrawn_texts_in(entry.text, history)]


def _parse_feed(body: bytes) -> Any:
    try:
        return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _parse_entry(element: Any) -> Entry:
    category = element.find(f"{ATOM}category")
    return Entry(
        item_id=_item_id(element.findtext(f"{ATOM}id", "")),
        updated=datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")),
        state="" if category is None else category.get("term", ""),
        text=plain_text(element.findtext(f"{ATOM}title", "") + element.findtext(f"{ATOM}summary", "")),
    )


def _item_id(address: str) -> str:
    return address.rpartition("/items/")[2]
