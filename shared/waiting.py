"""Waiting with a time-out."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def wait_set(event: asyncio.Event, timeout_s: float) -> None:
    """Wait until the event is set, at most `timeout_s` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
