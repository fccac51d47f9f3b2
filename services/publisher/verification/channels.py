"""Every channel of a running publisher against the release record."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from zoneinfo import ZoneInfo

from services.publisher.store import verification
from services.publisher.verification import feeds, listing, operators, pages, permalinks, screens
from services.publisher.verification.bar import Bar, unseen
from services.publisher.verification.listing import BoardList, ChangeList
from services.publisher.verification.looking import PATIENCE_S, Look, differing, each, settled
from services.publisher.verification.reader import Reader, Unanswered
from services.publisher.verification.sides import Sides
from shared.contracts import Board
from shared.stream import Store

# So many permanent addresses and operators are looked at, unless all are wanted.
SAMPLE = 500


@dataclass(slots=True)
class Served:
    """What was looked at, as in `"6 feeds"`, and what was found to differ."""

    looked_at: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look: at everything or a sample of it, how long at what differs, and whom to tell."""

    sample: int | None = SAMPLE
    patience_s: float = PATIENCE_S
    bar: Bar = unseen


async def answers(url: str) -> bool:
    """Return whether a publisher answers at the address, be it with an error of its own; another program is none."""
    async with Reader(url, attempts=1) as reader:
        try:
            answer = await reader.json("/api/items", limit=1)
        except Unanswered:
            return False
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "release_seq" in answer.json()


async def differences(store: Store, url: str, zone: ZoneInfo, looking: Looking) -> Served:
    """Compare what the publisher at `url` serves with the record; both may go on changing meanwhile.

    Lists are walked to their end, the rest is looked at thing by thing. What differs is looked at again for some seconds.
    """
    served = Served()
    try:
        async with Reader(url) as reader:
            await _look_at_all(Sides(store, reader, zone), looking, served)
    except Unanswered as error:
        served.found.append(f"{error}: the rest was not looked at")
    return served


async def _look_at_all(sides: Sides, looking: Looking, served: Served) -> None:
    doubts = [await _lists(sides, looking, served)]
    for title, looks, what in await _things(sides, looking):
        doubts.append(await differing(looks, looking.bar(title, len(looks))))
        served.looked_at.append(what)
    for found in await each([partial(settled, of_one, looking.patience_s) for of_one in doubts]):
        served.found += found


async def _lists(sides: Sides, looking: Looking, served: Served) -> list[Look]:
    async with sides.store.reading() as connection:
        held = await verification.held(connection)
    lists: list[BoardList | ChangeList] = [*(BoardList(sides, board) for board in Board), ChangeList(sides)]
    advance = looking.bar("Lists", held.live + held.items)
    doubts = [look for one in lists for look in await listing.walk(one, advance)]
    served.looked_at.append(f"{held.live} items listed")
    return doubts


async def _things(sides: Sides, looking: Looking) -> list[tuple[str, list[Look], str]]:
    """Return the other channels: what each is called, what is looked at, and how many of them in words."""
    of_feeds, of_pages = feeds.looks(sides), pages.looks(sides)
    shown, screens_held = await screens.looks(sides, every=looking.sample is None)
    known, operators_held = await operators.looks(sides, looking.sample)
    released, unreleased, items_held = await permalinks.looks(sides, looking.sample)
    return [
        ("Feeds", of_feeds, f"{len(of_feeds)} feeds"),
        ("Pages", of_pages, f"{len(of_pages)} pages"),
        ("Screens", shown, f"{len(shown) // 2} of {screens_held} screens"),
        ("Operators", known, f"{len(known)} of {operators_held} operators"),
        ("Permanent addresses", released, f"{len(released)} of {items_held} permanent addresses"),
        ("Unreleased items", unreleased, f"{len(unreleased)} unreleased items"),
    ]
