"""Public pages as they were last written, kept until anything is released or reviewed, or the day ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

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


class Shelf:
    """The kept pages. Nothing is kept while the listener that would tell of changes is away."""

    def __init__(self, broadcaster: Broadcaster, office: Office, capacity: int = CAPACITY_BYTES) -> None:
        self._broadcaster = broadcaster
        self._office = office
        self._capacity = capacity
        self._pages: OrderedDict[Key, tuple[int, list[tuple[bytes, bytes]], bytes]] = OrderedDict()
        self._state: State | None = None
        self._held = 0

    def state(self) -> State | None:
        """Return what a page written now rests on: the news told so far and the day; None while nobody listens."""
        if not self._broadcaster.listening:
            return None
        return self._broadcaster.told, self._office.today(now()).isoformat()

    def take(self, key: Key) -> Response | None:
        """Return the page, if it still is what would be written."""
        state = self.state()
        if state is None or state != self._state:
            self._pages.clear()
            self._state, self._held = state, 0
            return None
        found = self._pages.get(key)
        if found is None:
            return None
        self._pages.move_to_end(key)
        status, headers, body = found
        response = Response(body, status)
        response.raw_headers[:] = headers
        return response

    def put(self, key: Key, state: State | None, response: Response) -> None:
        """Keep a page that was written in `state`, unless something has happened since."""
        if state is None or state != self._state or response.status_code not in {HTTPStatus.OK, HTTPStatus.GONE}:
            return
        body = bytes(response.body)
        self._pages[key] = (response.status_code, list(response.raw_headers), body)
        self._held += len(body)
        while self._held > self._capacity:
            _key, (_status, _headers, dropped) = self._pages.popitem(last=False)
            self._held -= len(dropped)


class KeptRoute(APIRoute):
    """A route whose page is the same for everyone who reads the same language."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that looks at the shelf first."""
        written = super().get_route_handler()

        async def answer(request: Request) -> Response:
            shelf: Shelf = request.app.state.shelf
            key = (request.url.path, request.url.query, negotiate(request))
            kept = shelf.take(key)
            if kept is not None:
                return kept
            state = shelf.state()
            response = await written(request)
            shelf.put(key, state, response)
            return response

        return answer
