"""Probes run a few at a time, and those that found a difference again: what changed in between is no difference."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from services.publisher.store.verification import MAX_DIFFERENCES
from services.publisher.verification.client import CONCURRENCY

Probe = Callable[[], Awaitable[list[str]]]
"""Compares one resource with the release record, both as they are now, and returns the differences, `item: what`."""

ROUNDS = 4
# A page may be as old as it takes to make a lost notification good (5 s), or as screens' acknowledgements may be.
PATIENCE_S = 7.0


async def find_suspects(probes: Iterable[Probe], advance: Callable[[int], object]) -> list[Probe]:
    """Run every probe once, `CONCURRENCY` at a time; return those that found a difference."""
    suspects: list[Probe] = []
    for batch in _batches(list(probes)):
        suspects += [probe for probe, found in zip(batch, await run_probes(batch), strict=True) if found]
        advance(len(batch))
    return suspects


async def recheck(suspects: Sequence[Probe], patience_s: float) -> list[str]:
    """Run suspects again until none is left or `patience_s` (seconds) is over; return what still differs.

    At most `MAX_DIFFERENCES` suspects are confirmed and returned; the rest is counted.
    """
    for start in range(0, len(suspects), MAX_DIFFERENCES):
        found = await _confirm(suspects[start : start + MAX_DIFFERENCES], patience_s)
        if found:
            more, unconfirmed = len(found) - MAX_DIFFERENCES, len(suspects) - start - MAX_DIFFERENCES
            counted = [f"{more} more differences were found"] if more > 0 else []
            if unconfirmed > 0:
                counted.append(f"{unconfirmed} more places differed at the first look")
            return [*found[:MAX_DIFFERENCES], *counted]
    return []


async def _confirm(suspects: Sequence[Probe], patience_s: float) -> list[str]:
    found: list[str] = []
    for attempt in range(ROUNDS):
        if attempt:
            await asyncio.sleep(patience_s / (ROUNDS - 1))
        results = [
            (probe, differences)
            for batch in _batches(suspects)
            for probe, differences in zip(batch, await run_probes(batch), strict=True)
        ]
        suspects = [probe for probe, differences in results if differences]
        found = [difference for _, differences in results for difference in differences]
        if not suspects:
            break
    return found


def _batches(probes: Sequence[Probe]) -> Iterable[Sequence[Probe]]:
    return (probes[start : start + CONCURRENCY] for start in range(0, len(probes), CONCURRENCY))


async def run_probes(probes: Sequence[Probe]) -> list[list[str]]:
    """Run probes concurrently and return the differences of each. The first error is raised when all have ended."""
    results = await asyncio.gather(*(probe() for probe in probes), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, list)]
