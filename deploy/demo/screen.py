"""A display screen as a program: follows the events of one screen and remembers what it was told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from shared.errors import PermanentError


class NotShown(PermanentError):
    """The screen was not told in time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event that a screen was sent."""

    event: str
    data: dict[str, Any]


class Screen:
    """Follows `/screens/{screen}/events` while it is entered."""

    def __init__(self, publisher_url: str, screen: str) -> None:
        self._url = f"{publisher_url}/screens/{screen}/events"
        self._told: list[Told] = []
        self._news = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        async with asyncio.timeout(10):
            await self.connected.wait()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError, httpx2.HTTPError):
                await self._following

    async def until(self, event: str, item_id: str, within_s: float) -> Told:
        """Return the event about an item. Raises `NotShown` when it does not come in time."""
        try:
            async with asyncio.timeout(within_s), self._news:
                while True:
                    found = next(
                        (told for told in self._told if told.event == event and told.data.get("item_id") == item_id), None
                    )
                    if found:
                        return found
                    await self._news.wait()
        except TimeoutError:
            heard = ", ".join(sorted({told.event for told in self._told})) or "nothing"
            raise NotShown(f"{event} of {item_id} did not come within {within_s:g} s; heard {heard}") from None

    async def _follow(self) -> None:
        async with httpx2.AsyncClient(timeout=None) as client, client.stream("GET", self._url) as response:
            response.raise_for_status()
            self.connected.set()
            event, data = "message", ""
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    event = value
                elif field == "data":
                    data += value
                elif not line and data:
                    await self._hear(Told(event, orjson.loads(data)))
                    event, data = "message", ""

    async def _hear(self, told: Told) -> None:
        async with self._news:
            self._told.append(told)
            self._news.notify_all()
