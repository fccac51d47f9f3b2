"""Public pages as they were last written, kept until anything is released or reviewed, or the day ends."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.publisher.office import Office
from services.publisher.web.broadcast import Broadcaster
from shared.clock import now
from shared.web.languages import negotiate

# A page is 10 to 60 kB; this much is a thousand of them, and no more than an eighth of what the service may take.
CAPACITY_BYTES = 32 * 1024 * 1024

Key = tuple[str, str, str]
State = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was answered; `at` is the monotonic time."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    at: float


class Shelf:
    """The kept pages. Nothing is kept while the listener that would tell of changes is away."""

    def __init__(self, broadcaster: Broadcaster, office: Office, capacity: int = CAPACITY_BYTES) -> None:
        self._broadcaster = broadcaster
        self._office = office
        self._capacity = capacity
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._state: State | None = None
        self._held = 0

    def state(self) -> State | None:
        """Return what a page written now rests on: the news told so far and the day; None while nobody listens."""
        if not self._broadcaster.listening:
            return None
        return self._broadcaster.told, self._office.today(now()).isoformat()

    def take(self, key: Key, for_s: float) -> Response | None:
        """Return the page, if it still is what would be written and not older than `for_s`."""
        state = self.state()
        if state is None or state != self._state:
            self._pages.clear()
            self._state, self._held = state, 0
            return None
        found = self._pages.get(key)
        if found is None or time.monotonic() - found.at > for_s:
            return None
        self._pages.move_to_end(key)
        response = Response(found.body, found.status)
        response.raw_headers[:] = found.headers
        return response

    def put(self, key: Key, state: State | None, response: Response) -> None:
        """Keep a page that was written in `state`, unless something has happened since."""
        if state is None or state != self._state or response.status_code not in {HTTPStatus.OK, HTTPStatus.GONE}:
            return
        replaced = self._pages.pop(key, None)
        page = Kept(response.status_code, list(response.raw_headers), bytes(response.body), time.monotonic())
        self._pages[key] = page
        self._held += len(page.body) - (len(replaced.body) if replaced else 0)
        while self._held > self._capacity:
            _key, dropped = self._pages.popitem(last=False)
            self._held -= len(dropped.body)


class KeptRoute(APIRoute):
    """A route whose page is the same for everyone who reads the same language."""

    for_s: ClassVar[float] = math.inf

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that looks at the shelf first."""
        written = super().get_route_handler()

        async def answer(request: Request) -> Response:
            shelf: Shelf = request.app.state.shelf
            key = (request.url.path, request.url.query, negotiate(request))
            kept = shelf.take(key, self.for_s)
            if kept is not None:
                return kept
            state = shelf.state()
            response = await written(request)
            shelf.put(key, state, response)
            return response

        return answer


class BrieflyKeptRoute(KeptRoute):
    """A route whose page also counts what screens acknowledge, of which nobody is told."""

    for_s: ClassVar[float] = 5.0
