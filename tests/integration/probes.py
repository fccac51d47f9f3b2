"""Waiting by a probe that says what it waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE_S = 0.02


async def until(what: str, probe: Callable[[], Awaitable[T]], *, within_s: float = 30.0) -> T:
    """Return the probe's first truthy answer. Raises `AssertionError` naming what did not come."""
    end = time.monotonic() + within_s
    while True:
        answer = await probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {within_s} s for: {what}; last answer {answer!r}")
        await asyncio.sleep(PAUSE_S)
