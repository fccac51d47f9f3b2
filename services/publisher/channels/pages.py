"""The portal's pages, which readers open."""

from __future__ import annotations

from services.publisher.channels.declaration import Channel
from services.publisher.verification import pages
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.options import Checked, ProbeOptions, check
from shared.web.i18n import _


async def verify(comparison: Comparison, options: ProbeOptions) -> list[Checked]:
    """Compare the pages of lists."""
    probes = pages.probes(comparison)
    return [await check("Pages", probes, f"{len(probes)} pages", options)]


CHANNEL = Channel(name="pages", label=_("网页"), verify=verify)
