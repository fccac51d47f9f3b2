"""What every comparison of a channel is given, and what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.publisher.verification.progress import Progress, no_progress
from services.publisher.verification.recheck import PATIENCE_S, Probe, find_suspects

# How many permanent addresses and operators are compared unless all are.
SAMPLE = 500
# How many pages of a feed are followed unless all are.
FEED_PAGES = 20


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How to compare: a sample or everything (None), how long to recheck differences (seconds), where progress goes."""

    sample: int | None = SAMPLE
    patience_s: float = PATIENCE_S
    progress: Progress = no_progress


@dataclass(frozen=True, slots=True)
class Checked:
    """Probes that found a difference, to be run again, and what was compared in words."""

    suspects: list[Probe]
    compared: str


async def check(title: str, probes: Sequence[Probe], compared: str, options: ProbeOptions) -> Checked:
    """Run probes once, with their progress under a title."""
    return Checked(await find_suspects(probes, options.progress(title, len(probes))), compared)
