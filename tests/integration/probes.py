"""Waiting by a probe, with an error that names what did not happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_INTERVAL_S = 0.02


async def wait_until(what: str, probe: Callable[[], Awaitable[T]], *, within_s: float = 30.0) -> T:
    """Return the probe's first truthy answer. Raises `AssertionError` naming `what` after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s} s for: {what}; last answer {answer!r}")
        await asyncio.sleep(POLL_INTERVAL_S)
