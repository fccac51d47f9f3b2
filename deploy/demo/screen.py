"""A display screen as a program: follows the event stream of one screen and records every event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from shared.errors import PermanentError

CONNECT_TIMEOUT_S = 10.0


class EventTimeout(PermanentError):
    """The screen did not receive the event in time."""


@dataclass(frozen=True, slots=True)
class ReceivedScreenEvent:
    """One server-sent event. `number` is its id, empty where it has none."""

    name: str
    data: dict[str, Any]
    number: str = ""


async def read_events(response: httpx2.Response) -> AsyncIterator[ReceivedScreenEvent]:
    """Yield the events of a stream as they come."""
    name, data, number = "message", "", ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "id":
            number = value
        elif field == "data":
            data += value
        elif not line:
            if data:
                yield ReceivedScreenEvent(name, orjson.loads(data), number)
            name, data, number = "message", "", ""


class ScreenClient:
    """Follows `/screens/{screen}/events` while it is entered."""

    def __init__(self, publisher_url: str, screen: str) -> None:
        self._url = f"{publisher_url}/screens/{screen}/events"
        self._events: list[ReceivedScreenEvent] = []
        self._received = asyncio.Condition()
        self._stream: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._stream = asyncio.create_task(self._read_stream())
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await self.connected.wait()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.cancel()
            with suppress(asyncio.CancelledError, httpx2.HTTPError):
                await self._stream

    async def wait_for_event(self, name: str, item_id: str, timeout_s: float) -> ReceivedScreenEvent:
        """Return the event about an item. Raises `EventTimeout` when it does not arrive in time."""
        try:
            async with asyncio.timeout(timeout_s), self._received:
                while True:
                    event = self._find(name, item_id)
                    if event:
                        return event
                    await self._received.wait()
        except TimeoutError:
            names = ", ".join(sorted({event.name for event in self._events})) or "nothing"
            raise EventTimeout(f"{name} of {item_id} did not arrive within {timeout_s:g} s; received {names}") from None

    def _find(self, name: str, item_id: str) -> ReceivedScreenEvent | None:
        return next((event for event in self._events if (event.name, event.data.get("item_id")) == (name, item_id)), None)

    async def _read_stream(self) -> None:
        async with httpx2.AsyncClient(timeout=None) as client, client.stream("GET", self._url) as response:
            response.raise_for_status()
            self.connected.set()
            async for event in read_events(response):
                await self._append(event)

    async def _append(self, event: ReceivedScreenEvent) -> None:
        async with self._received:
            self._events.append(event)
            self._received.notify_all()
