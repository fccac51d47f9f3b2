"""Display screens, which follow their event stream and acknowledge what they show."""

from __future__ import annotations

from services.publisher.channels.declaration import Channel
from services.publisher.verification import screens
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.options import Checked, ProbeOptions, check
from shared.web.i18n import _


async def verify(comparison: Comparison, options: ProbeOptions) -> list[Checked]:
    """Compare pages and events of the screens."""
    probes, count = await screens.probes(comparison, every=options.sample is None)
    return [await check("Screens", probes, f"{len(probes) // 2} of {count} screens", options)]


CHANNEL = Channel(name="screens", label=_("公示屏"), verify=verify)
