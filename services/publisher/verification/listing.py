"""The lists of the JSON API, walked to their end: each board's items, and every change for those who keep a mirror."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from services.publisher.store import release_record
from services.publisher.store.public_items import StoredItem
from services.publisher.store.release_record import RecordFilter
from services.publisher.verification.comparison import Comparison, differing_fields, version_name
from services.publisher.verification.recheck import Probe
from services.publisher.web.api import MAX_LIMIT
from shared.contracts import Board

PATH = "/api/items"
# The list of changes omits applications: an item comes under review, and out of it, without a release.
OMITTED_FIELD = "under_review"

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its rows, the position of the next one if there is one, and the differences found."""

    rows: Rows
    next_position: int | None
    found: list[str]


@dataclass(frozen=True, slots=True)
class BoardList:
    """The items of a board, the newest release first; a position is the release number that a page begins before."""

    comparison: Comparison
    board: Board

    @property
    def name(self) -> str:
        """The list's name in a difference."""
        return f"{PATH}?board={self.board}"

    def query(self, position: int | None) -> dict[str, str]:
        """Return the query of the page at a position."""
        return {"board": self.board} | ({} if position is None else {"cursor": f"b{position}"})

    def record_filter(self, position: int | None, end: int | None) -> RecordFilter:
        """Return the filter of the record between a position and the next."""
        return RecordFilter(self.board, before=position, least=end or 0)

    def is_ordered(self, seqs: list[int], position: int | None) -> bool:
        """Return whether the release numbers of a page fall, and begin at its position."""
        return seqs == sorted(set(seqs), reverse=True) and (position is None or not seqs or seqs[0] < position)

    def to_row(self, stored: StoredItem) -> dict[str, Any]:
        """Return the row of an item in the list."""
        return {**self.comparison.current_json(stored), "release_seq": stored.release_seq}


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Every item, withdrawn ones too, the oldest release first; a position is the release number that a page begins after."""

    comparison: Comparison

    @property
    def name(self) -> str:
        """The list's name in a difference."""
        return f"{PATH}?since=0"

    def query(self, position: int | None) -> dict[str, str]:
        """Return the query of the page at a position."""
        return {"since": "0"} if position is None else {"cursor": f"a{position}"}

    def record_filter(self, position: int | None, end: int | None) -> RecordFilter:
        """Return the filter of the record between a position and the next."""
        return RecordFilter(withdrawn=True, before=None if end is None else end + 1, least=(position or 0) + 1)

    def is_ordered(self, seqs: list[int], position: int | None) -> bool:
        """Return whether the release numbers of a page rise, and begin at its position."""
        return seqs == sorted(set(seqs)) and (position is None or not seqs or seqs[0] > position)

    def to_row(self, stored: StoredItem) -> dict[str, Any]:
        """Return the row of an item in the list."""
        return {**self.comparison.current_json(stored), OMITTED_FIELD: False, "release_seq": stored.release_seq}


async def walk(listing: BoardList | ChangeList, advance: Callable[[int], object]) -> list[Probe]:
    """Read a list to its end; return a probe of each page that differs from the record."""
    suspects: list[Probe] = []
    position: int | None = None
    while True:
        page = await _read_page(listing, position)
        if page.found:
            suspects.append(partial(_probe_page, listing, position))
        advance(len(page.rows))
        if page.next_position is None:
            return suspects
        position = page.next_position


async def _probe_page(listing: BoardList | ChangeList, position: int | None) -> list[str]:
    return (await _read_page(listing, position)).found


async def _read_page(listing: BoardList | ChangeList, position: int | None) -> Page:
    answer = await listing.comparison.client.json(PATH, limit=MAX_LIMIT, **listing.query(position))
    body = answer.json()
    if answer.status != HTTPStatus.OK or "items" not in body:
        return Page([], None, [f"{listing.name}: answers {answer.status}"])
    rows: Rows = body["items"]
    seqs = [row.get("release_seq", 0) for row in rows]
    if not listing.is_ordered(seqs, position):
        return Page(rows, None, [f"{listing.name}: the page from {position} is not in the order of releases"])
    next_position = seqs[-1] if body["next_cursor"] and seqs else None
    return Page(rows, next_position, await _compare_rows(listing, rows, position, next_position))


async def _compare_rows(
    listing: BoardList | ChangeList, rows: Rows, position: int | None, next_position: int | None
) -> list[str]:
    """Return the differences of rows and record, at most `MAX_LIMIT`; the record is read a page's length at a time."""
    served = {row["release_seq"]: row for row in rows}
    criteria, found, more = listing.record_filter(position, next_position), list[str](), True
    while more and len(found) < MAX_LIMIT:
        async with listing.comparison.database.snapshot() as connection:
            released = await release_record.fetch_newest_releases(connection, criteria, MAX_LIMIT)
        for stored in released:
            found += _compare_row(listing, served.pop(stored.release_seq, None), stored)
        more = len(released) == MAX_LIMIT
        criteria = replace(criteria, before=released[-1].release_seq) if more else criteria
    if more:
        return [*found, f"{listing.name}: differs further on, before release {criteria.before}"]
    return found + [
        f"{row['item_id']}: {listing.name} has v{row['version']} {row['state']} as release {seq}, which is not its newest"
        for seq, row in served.items()
    ]


def _compare_row(listing: BoardList | ChangeList, row: dict[str, Any] | None, released: StoredItem) -> list[str]:
    where = f"{released.item.item_id}: {listing.name}"
    if row is None:
        return [f"{where} lacks {version_name(released.item)}, release {released.release_seq}"]
    fields = differing_fields(row, listing.to_row(released))
    return [f"{where} differs from release {released.release_seq} in {fields}"] if fields else []
