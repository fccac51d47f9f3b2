"""Waiting by a probe that says what it waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(what: str, probe: Callable[[], Awaitable[T]], *, within_s: float = 30.0) -> T:
    """Return the probe's first truthy answer. Raises `AssertionError` naming what did not come."""
    end = time.monotonic() + within_s
    while True:
        answer = await probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {within_s} s for: {what}; last answer {answer!r}")
        await asyncio.wait_for(asyncio.shield(_pause()), 1)


async def _pause() -> None:
    loop = asyncio.get_running_loop()
    wake = asyncio.Event()
    loop.call_later(0.02, wake.set)
    await wake.wait()
