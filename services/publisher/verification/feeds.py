"""The Atom feeds, page by page in both languages: every item of a board, withdrawn ones as tombstones without content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.domain.feed_subject import FeedSubject
from services.publisher.store import feeds, gate, release_record
from services.publisher.store.public_items import StoredItem
from services.publisher.store.release_record import RecordFilter
from services.publisher.verification.client import Answer
from services.publisher.verification.comparison import Comparison, version_name
from services.publisher.verification.permalinks import plain_reason, plain_words, quoted_heading, withdrawn_texts_in
from services.publisher.verification.recheck import Probe
from services.publisher.web.feeds import ENTRIES, RECENT_WITHDRAWALS, TOMBSTONES
from shared.contracts import Board, ItemState
from shared.web.languages import LANGUAGES, Language

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; `text` is its title and summary without white space."""

    id: str
    item_id: str
    updated: datetime
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """What a page of a feed should have: the releases of its entries, the newest withdrawals, a link to a next page or none."""

    identity: FeedIdentity
    released: list[StoredItem]
    withdrawn: list[StoredItem]
    has_next: bool

    def tombstones(self) -> set[str]:
        """Return the ids of the tombstones: of what was withdrawn, and the addresses that were ids before."""
        gone = [stored.item for stored in [*self.released, *self.withdrawn] if stored.item.state is ItemState.WITHDRAWN]
        former = {self.identity.former_id(stored.item) for stored in [*self.released, *self.withdrawn]} - {None}
        return {self.identity.entry_id(item.item_id) for item in gone} | {address for address in former if address}


def probes(comparison: Comparison, max_pages: int | None) -> list[Probe]:
    """Return a probe of each feed, which follows its links over at most `max_pages` pages."""
    return [partial(_probe, comparison, board, language, max_pages) for board in Board for language in LANGUAGES]


async def _probe(comparison: Comparison, board: Board, language: Language, max_pages: int | None) -> list[str]:
    async with comparison.database.snapshot() as connection:
        identity = await feeds.fetch_identity(connection)
    subject = FeedSubject("board", board.value)
    path: str | None = subject.path()
    before: int | None = None
    pages_read, found = 0, list[str]()
    while path is not None and not found and (max_pages is None or pages_read < max_pages):
        async with comparison.database.snapshot() as connection:
            criteria = RecordFilter(board, withdrawn=True, before=before)
            released = await release_record.fetch_newest_releases(connection, criteria, ENTRIES + 1)
            withdrawn = await release_record.fetch_newest_releases(
                connection, RecordFilter(board, state=ItemState.WITHDRAWN, withdrawn=True), RECENT_WITHDRAWALS
            )
        answer = await comparison.client.page(path, language)
        expected = ExpectedPage(
            identity, released[:ENTRIES], withdrawn if before is None else [], has_next=len(released) > ENTRIES
        )
        found += await _compare_page(comparison, answer, f"{answer.path} ({language})", expected)
        before = released[ENTRIES - 1].release_seq if expected.has_next else None
        path, pages_read = None if before is None else subject.path(before), pages_read + 1
    return found


async def _compare_page(comparison: Comparison, answer: Answer, where: str, expected: ExpectedPage) -> list[str]:
    feed = _parse_feed(answer.body) if answer.status == HTTPStatus.OK else None
    if feed is None:
        return [f"{where}: answers {answer.status}" + ("" if answer.status != HTTPStatus.OK else " with what is no feed")]
    entries = [_parse_entry(element) for element in feed.iter(f"{ATOM}entry")]
    found = _compare_order(where, entries, expected.released)
    if not found:
        for entry, stored in zip(entries, expected.released, strict=True):
            item_id = stored.item.item_id
            wrong_id = [] if entry.id == expected.identity.entry_id(item_id) else [f"has the id {entry.id}"]
            found += [f"{item_id}: {where} {what}" for what in [*wrong_id, *await _compare_entry(comparison, entry, stored)]]
    tombstones = {element.get("ref", "") for element in feed.iter(f"{{{TOMBSTONES}}}deleted-entry")}
    if tombstones != expected.tombstones():
        found.append(f"{where}: the tombstones are not those of what was withdrawn")
    if (feed.find(f"{ATOM}link[@rel='next']") is not None) != expected.has_next:
        found.append(f"{where}: the link to the next page is not where it should be")
    return found


def _compare_order(where: str, entries: list[Entry], released: list[StoredItem]) -> list[str]:
    """Return what the feed lacks and what it should not have, or that the order is another."""
    served = [entry.item_id for entry in entries]
    expected = {stored.item.item_id: stored.item for stored in released}
    missing = [f"{item_id}: {where} lacks {version_name(item)}" for item_id, item in expected.items() if item_id not in served]
    surplus = [f"{item_id}: {where} has it, and should not" for item_id in sorted(set(served) - set(expected))]
    misordered = [] if served == list(expected) else [f"{where}: the entries are not in the order of releases"]
    return missing + surplus or misordered


async def _compare_entry(comparison: Comparison, entry: Entry, released: StoredItem) -> list[str]:
    item = released.item
    if (entry.updated, entry.state) != (item.released_at, item.state.value):
        return [f"tells {entry.state} of {entry.updated.isoformat()}, the newest is {version_name(item)}"]
    if item.state is not ItemState.WITHDRAWN:
        return [] if plain_words(quoted_heading(item)) in entry.text else [f"lacks what {version_name(item)} is about"]
    async with comparison.database.snapshot() as connection:
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
    entry_id = element.findtext(f"{ATOM}id", "")
    return Entry(
        id=entry_id,
        item_id=entry_id.rpartition("items/")[2],
        updated=datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")),
        state="" if category is None else category.get("term", ""),
        text=plain_words(element.findtext(f"{ATOM}title", "") + element.findtext(f"{ATOM}summary", "")),
    )
