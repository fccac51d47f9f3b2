"""Waiting with a limit."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def until_set(event: asyncio.Event, within_s: float) -> None:
    """Wait until the event is set, at most so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await event.wait()
