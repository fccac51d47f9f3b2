"""Every channel of a running publisher against the release record."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from zoneinfo import ZoneInfo

from services.publisher.store import verification
from services.publisher.verification import feeds, listing, operators, pages, permalinks, screens
from services.publisher.verification.client import PublisherClient, PublisherUnreachable
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.listing import BoardList, ChangeList
from services.publisher.verification.progress import Progress, no_progress
from services.publisher.verification.recheck import PATIENCE_S, Probe, find_suspects, recheck, run_probes
from shared.contracts import Board
from shared.stream import Database

# How many permanent addresses and operators are compared unless all are.
SAMPLE = 500
# How many pages of a feed are followed unless all are.
FEED_PAGES = 20


@dataclass(slots=True)
class ChannelDifferences:
    """What was compared, as in `"6 feeds"`, and the differences found."""

    compared: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How to compare: a sample or everything (None), how long to recheck differences (seconds), where progress goes."""

    sample: int | None = SAMPLE
    patience_s: float = PATIENCE_S
    progress: Progress = no_progress


async def is_publisher(url: str) -> bool:
    """Return whether a publisher answers at the address, even with a server error; another program is none."""
    async with PublisherClient(url, attempts=1) as client:
        try:
            answer = await client.json("/api/items", limit=1)
        except PublisherUnreachable:
            return False
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "release_seq" in answer.json()


async def find_differences(database: Database, url: str, zone: ZoneInfo, options: ProbeOptions) -> ChannelDifferences:
    """Compare what the publisher at `url` serves with the release record; both may change meanwhile.

    Lists are walked to their end, everything else is probed resource by resource. Differences are rechecked for some seconds.
    """
    result = ChannelDifferences()
    try:
        async with PublisherClient(url) as client:
            await _probe_all(Comparison(database, client, zone), options, result)
    except PublisherUnreachable as error:
        result.found.append(f"{error}: the rest was not looked at")
    return result


async def _probe_all(comparison: Comparison, options: ProbeOptions, result: ChannelDifferences) -> None:
    suspects = [await _walk_lists(comparison, options, result)]
    for title, probes, compared in await _collect_probes(comparison, options):
        suspects.append(await find_suspects(probes, options.progress(title, len(probes))))
        result.compared.append(compared)
    for found in await run_probes([partial(recheck, of_channel, options.patience_s) for of_channel in suspects]):
        result.found += found


async def _walk_lists(comparison: Comparison, options: ProbeOptions, result: ChannelDifferences) -> list[Probe]:
    async with comparison.database.snapshot() as connection:
        counts = await verification.count_record(connection)
    lists: list[BoardList | ChangeList] = [*(BoardList(comparison, board) for board in Board), ChangeList(comparison)]
    advance = options.progress("Lists", counts.live + counts.items)
    suspects = [probe for each in lists for probe in await listing.walk(each, advance)]
    result.compared.append(f"{counts.live} items listed")
    return suspects


async def _collect_probes(comparison: Comparison, options: ProbeOptions) -> list[tuple[str, list[Probe], str]]:
    """Return the channels beside the lists: title, probes, and what is compared in words."""
    max_pages = None if options.sample is None else FEED_PAGES
    feed_probes, page_probes = feeds.probes(comparison, max_pages), pages.probes(comparison)
    screen_probes, screen_count = await screens.probes(comparison, every=options.sample is None)
    operator_probes, operator_count = await operators.probes(comparison, options.sample)
    gone = await operators.gone_probes(comparison, options.sample)
    released, unreleased, item_count = await permalinks.probes(comparison, options.sample)
    return [
        ("Feeds", feed_probes, f"{len(feed_probes)} feeds"),
        ("Pages", page_probes, f"{len(page_probes)} pages"),
        ("Screens", screen_probes, f"{len(screen_probes) // 2} of {screen_count} screens"),
        ("Operators", operator_probes, f"{len(operator_probes)} of {operator_count} operators"),
        ("Withdrawn operators", gone, f"{len(gone)} operators without public items"),
        ("Permanent addresses", released, f"{len(released)} of {item_count} permanent addresses"),
        ("Unreleased items", unreleased, f"{len(unreleased)} unreleased items"),
    ]
