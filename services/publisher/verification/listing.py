"""The lists of the interface, walked to their end: each board's items, and every change for those who keep a mirror."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from services.publisher.store import record
from services.publisher.store.public import Public
from services.publisher.store.record import Wanted
from services.publisher.verification.looking import Look
from services.publisher.verification.sides import Sides, differing, version
from services.publisher.web.api import MOST
from shared.contracts import Board

PATH = "/api/items"
# The list of changes says nothing of applications: an item may come to wait, and wait no more, without a release.
UNTOLD = "under_review"

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its rows, where the next begins if there is one, and what differs from the record."""

    rows: Rows
    following: int | None
    found: list[str]


@dataclass(frozen=True, slots=True)
class BoardList:
    """The items of a board, the newest release first; a place is the release number that a page begins before."""

    sides: Sides
    board: Board

    @property
    def name(self) -> str:
        """What the list is called in a difference."""
        return f"{PATH}?board={self.board}"

    def query(self, place: int | None) -> dict[str, str]:
        """Return how the page at a place is asked for."""
        return {"board": self.board} | ({} if place is None else {"cursor": f"b{place}"})

    def span(self, place: int | None, end: int | None) -> Wanted:
        """Return what the record should hold between a place and the next."""
        return Wanted(self.board, before=place, least=end or 0)

    def in_order(self, seqs: list[int], place: int | None) -> bool:
        """Return whether the release numbers of a page fall, and begin at its place."""
        return seqs == sorted(set(seqs), reverse=True) and (place is None or not seqs or seqs[0] < place)

    def shown(self, found: Public) -> dict[str, Any]:
        """Return the row that an item has in the list."""
        return {**self.sides.shown(found), "release_seq": found.release_seq}


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Every item, withdrawn ones too, the oldest release first; a place is the release number that a page begins after."""

    sides: Sides

    @property
    def name(self) -> str:
        """What the list is called in a difference."""
        return f"{PATH}?since=0"

    def query(self, place: int | None) -> dict[str, str]:
        """Return how the page at a place is asked for."""
        return {"since": "0"} if place is None else {"cursor": f"a{place}"}

    def span(self, place: int | None, end: int | None) -> Wanted:
        """Return what the record should hold between a place and the next."""
        return Wanted(withdrawn=True, before=None if end is None else end + 1, least=(place or 0) + 1)

    def in_order(self, seqs: list[int], place: int | None) -> bool:
        """Return whether the release numbers of a page rise, and begin at its place."""
        return seqs == sorted(set(seqs)) and (place is None or not seqs or seqs[0] > place)

    def shown(self, found: Public) -> dict[str, Any]:
        """Return the row that an item has in the list."""
        return {**self.sides.shown(found), UNTOLD: False, "release_seq": found.release_seq}


async def walk(listing: BoardList | ChangeList, advance: Callable[[int], object]) -> list[Look]:
    """Read a list to its end; return a look at each page that differs from the record."""
    doubts: list[Look] = []
    place: int | None = None
    while True:
        page = await _page(listing, place)
        if page.found:
            doubts.append(partial(_found, listing, place))
        advance(len(page.rows))
        if page.following is None:
            return doubts
        place = page.following


async def _found(listing: BoardList | ChangeList, place: int | None) -> list[str]:
    return (await _page(listing, place)).found


async def _page(listing: BoardList | ChangeList, place: int | None) -> Page:
    answer = await listing.sides.reader.json(PATH, limit=MOST, **listing.query(place))
    body = answer.json()
    if answer.status != HTTPStatus.OK or "items" not in body:
        return Page([], None, [f"{listing.name}: answers {answer.status}"])
    rows: Rows = body["items"]
    seqs = [row.get("release_seq", 0) for row in rows]
    if not listing.in_order(seqs, place):
        return Page(rows, None, [f"{listing.name}: the page from {place} is not in the order of releases"])
    following = seqs[-1] if body["next_cursor"] and seqs else None
    return Page(rows, following, await _compared(listing, rows, place, following))


async def _compared(listing: BoardList | ChangeList, rows: Rows, place: int | None, following: int | None) -> list[str]:
    """Return where rows and record differ, at most so many; the record is read a page's length at a time."""
    served = {row["release_seq"]: row for row in rows}
    span, found, more = listing.span(place, following), list[str](), True
    while more and len(found) < MOST:
        async with listing.sides.store.reading() as connection:
            released = await record.newest(connection, span, MOST)
        for one in released:
            found += _one(listing, served.pop(one.release_seq, None), one)
        more = len(released) == MOST
        span = replace(span, before=released[-1].release_seq) if more else span
    if more:
        return [*found, f"{listing.name}: differs further on, before release {span.before}"]
    return found + [
        f"{row['item_id']}: {listing.name} has v{row['version']} {row['state']} as release {seq}, which is not its newest"
        for seq, row in served.items()
    ]


def _one(listing: BoardList | ChangeList, row: dict[str, Any] | None, released: Public) -> list[str]:
    where = f"{released.item.item_id}: {listing.name}"
    if row is None:
        return [f"{where} lacks {version(released.item)}, release {released.release_seq}"]
    fields = differing(row, listing.shown(released))
    return [f"{where} differs from release {released.release_seq} in {fields}"] if fields else []
