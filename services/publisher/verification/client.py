"""An HTTP client of the publisher's public resources, a few requests at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from shared.errors import TransientError
from shared.web.languages import Language

CONCURRENCY = 4  # two processors serve pages no faster, and other readers are served meanwhile
TIMEOUT_S = 30.0
EVENTS_WITHIN_S = 10.0
# A publisher that is started again is back within this time.
ATTEMPTS = 6
PAUSE_S = 1.0


class PublisherUnreachable(TransientError):
    """The publisher does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: path, status and body."""

    path: str
    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; empty where it is none."""
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}


@dataclass(slots=True)
class Event:
    """A server-sent event; one without a name only moves the number on."""

    id: int | None = None
    name: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class PublisherClient:
    """Reads a publisher and retries failed connections for some seconds. Raises `PublisherUnreachable`."""

    def __init__(self, url: str, attempts: int = ATTEMPTS) -> None:
        self.url = url
        self._attempts = attempts
        # A proxy of the environment stands before the network outside, not before our own services.
        self._client = httpx2.AsyncClient(
            base_url=url, timeout=TIMEOUT_S, trust_env=False, limits=httpx2.Limits(max_connections=CONCURRENCY)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._client.aclose()

    async def json(self, path: str, **query: str | int) -> Answer:
        """Return a response of the JSON API."""
        return await self._get(path, {"Accept": "application/json"}, query)

    async def page(self, path: str, language: Language) -> Answer:
        """Return a page or a feed in a language."""
        return await self._get(path, {"Accept": "text/html", "Accept-Language": language}, {})

    async def _get(self, path: str, headers: dict[str, str], query: dict[str, str | int]) -> Answer:
        for attempt in range(self._attempts):
            try:
                response = await self._client.get(path, headers=headers, params=query or None)
            except httpx2.TransportError as error:
                if attempt == self._attempts - 1:
                    raise PublisherUnreachable(f"{self.url}{path} does not answer ({type(error).__name__})") from error
                await asyncio.sleep(PAUSE_S)
            else:
                return Answer(path, response.status_code, response.content)
        raise AssertionError("unreachable")

    async def events(self, path: str, last: int | None, **query: int) -> list[Event]:
        """Return the events of a stream up to its lease and the one with id `last`, or those of `EVENTS_WITHIN_S` seconds."""
        received: list[Event] = []
        try:
            async with asyncio.timeout(EVENTS_WITHIN_S), self._client.stream("GET", path, params=query) as response:
                if response.status_code == httpx2.codes.OK:
                    await _read_events(response, received, last)
        except TimeoutError:
            pass
        except httpx2.TransportError as error:
            raise PublisherUnreachable(f"{self.url}{path} does not answer ({type(error).__name__})") from error
        return received


async def _read_events(response: httpx2.Response, received: list[Event], last: int | None) -> None:
    event, has_lease, has_last = Event(), False, last is None
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        match name:
            case "id":
                event.id = int(value)
            case "event":
                event.name = value
            case "data":
                event.data = orjson.loads(value)
            case "" if not line and event != Event():
                received.append(event)
                has_lease, has_last = has_lease or event.name == "lease", has_last or event.id == last
                if has_lease and has_last:
                    return
                event = Event()
