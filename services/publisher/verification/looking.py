"""Looking at one thing after the other, and again at what differed: what changed meanwhile is no difference."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from services.publisher.store.verification import MOST
from services.publisher.verification.reader import AT_ONCE

Look = Callable[[], Awaitable[list[str]]]
"""Compares one thing with the record, both as they are now, and returns what differs, `item: what`."""

ROUNDS = 4
# A page may be as old as it takes to make a lost notification good (5 s), or as screens' acknowledgements may be.
PATIENCE_S = 7.0


async def differing(looks: Iterable[Look], advance: Callable[[int], object]) -> list[Look]:
    """Look at everything once, a few at a time; return what differed."""
    doubts: list[Look] = []
    for some in _batches(list(looks)):
        doubts += [look for look, found in zip(some, await each(some), strict=True) if found]
        advance(len(some))
    return doubts


async def settled(doubts: Sequence[Look], patience_s: float) -> list[str]:
    """Look at doubts until they are none, or for so long; return what still differs.

    Of very many only so many are looked at that the first differences are sure, and only those are told; the rest is counted.
    """
    for start in range(0, len(doubts), MOST):
        found = await _again(doubts[start : start + MOST], patience_s)
        if found:
            more, unsure = len(found) - MOST, len(doubts) - start - MOST
            counted = [f"{more} more differences were found"] if more > 0 else []
            return [*found[:MOST], *counted, *([f"{unsure} more places differed at the first look"] if unsure > 0 else [])]
    return []


async def _again(doubts: Sequence[Look], patience_s: float) -> list[str]:
    found: list[str] = []
    for turn in range(ROUNDS):
        if turn:
            await asyncio.sleep(patience_s / (ROUNDS - 1))
        answers = [(look, wrong) for some in _batches(doubts) for look, wrong in zip(some, await each(some), strict=True)]
        doubts = [look for look, wrong in answers if wrong]
        found = [one for _, wrong in answers for one in wrong]
        if not doubts:
            break
    return found


def _batches(looks: Sequence[Look]) -> Iterable[Sequence[Look]]:
    return (looks[start : start + AT_ONCE] for start in range(0, len(looks), AT_ONCE))


async def each(looks: Sequence[Look]) -> list[list[str]]:
    """Look at some at once. An error is raised when all have ended."""
    answers = await asyncio.gather(*(look() for look in looks), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, list)]
