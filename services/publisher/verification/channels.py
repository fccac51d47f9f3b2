"""Every channel of a running publisher against the release record."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from zoneinfo import ZoneInfo

from services.publisher.channels import load_channels
from services.publisher.verification.client import PublisherClient, PublisherUnreachable
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.options import FEED_PAGES, SAMPLE, Checked, ProbeOptions
from services.publisher.verification.recheck import recheck, run_probes
from shared.stream import Database

__all__ = ["FEED_PAGES", "SAMPLE", "ChannelDifferences", "ProbeOptions", "find_differences", "is_publisher"]


@dataclass(slots=True)
class ChannelDifferences:
    """What was compared, as in `"6 feeds"`, and the differences found."""

    compared: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


async def is_publisher(url: str) -> bool:
    """Return whether a publisher answers at the address, even with a server error; another program is none."""
    async with PublisherClient(url, attempts=1) as client:
        try:
            answer = await client.json("/api/items", limit=1)
        except PublisherUnreachable:
            return False
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "release_seq" in answer.json()


async def find_differences(database: Database, url: str, zone: ZoneInfo, options: ProbeOptions) -> ChannelDifferences:
    """Compare what the publisher at `url` serves with the release record, channel by channel; both may change meanwhile.

    Lists are walked to their end, everything else is probed resource by resource. Differences are rechecked for some seconds.
    """
    result = ChannelDifferences()
    try:
        async with PublisherClient(url) as client:
            await _verify_all(Comparison(database, client, zone), options, result)
    except PublisherUnreachable as error:
        result.found.append(f"{error}: the rest was not looked at")
    return result


async def _verify_all(comparison: Comparison, options: ProbeOptions, result: ChannelDifferences) -> None:
    checked: list[Checked] = []
    for channel in load_channels().values():
        if channel.verify is not None:
            checked += await channel.verify(comparison, options)
    result.compared += [each.compared for each in checked]
    for found in await run_probes([partial(recheck, each.suspects, options.patience_s) for each in checked]):
        result.found += found
