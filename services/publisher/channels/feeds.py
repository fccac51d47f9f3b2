"""Atom feeds, which readers fetch."""

from __future__ import annotations

from services.publisher.channels.declaration import Channel
from services.publisher.verification import feeds
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.options import FEED_PAGES, Checked, ProbeOptions, check
from shared.web.i18n import _


async def verify(comparison: Comparison, options: ProbeOptions) -> list[Checked]:
    """Compare every feed, in each language."""
    probes = feeds.probes(comparison, None if options.sample is None else FEED_PAGES)
    return [await check("Feeds", probes, f"{len(probes)} feeds", options)]


CHANNEL = Channel(name="feeds", label=_("Atom订阅源"), verify=verify)
