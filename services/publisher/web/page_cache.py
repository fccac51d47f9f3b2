"""A cache of rendered public pages, valid until anything is released or reviewed, or the day ends."""

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

from services.publisher.bureau import BureauContext
from services.publisher.web.broadcast import Broadcaster
from shared.clock import now
from shared.web.languages import negotiate_language
from shared.web.text_size import negotiate_size

# A page is 10 to 60 kB; this much is a thousand of them, and no more than an eighth of what the service may take.
CAPACITY_BYTES = 32 * 1024 * 1024

CacheKey = tuple[str, str, str, str]
"""Path, query, language, size of the text."""

CacheState = tuple[int, str]
"""What cached pages were rendered from: the broadcaster's generation and the day."""


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A page as it was answered; `cached_at` is the monotonic time in seconds."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    cached_at: float


class PageCache:
    """The least recently used pages within a size in bytes; empty while the broadcaster does not listen for changes."""

    def __init__(self, broadcaster: Broadcaster, bureau: BureauContext, capacity: int = CAPACITY_BYTES) -> None:
        self._broadcaster = broadcaster
        self._bureau = bureau
        self._capacity = capacity
        self._pages: OrderedDict[CacheKey, CachedPage] = OrderedDict()
        self._state: CacheState | None = None
        self._size = 0

    def state(self) -> CacheState | None:
        """Return what a page rendered now is rendered from; None while nobody listens for changes."""
        if not self._broadcaster.is_listening:
            return None
        return self._broadcaster.generation, self._bureau.today(now()).isoformat()

    def get(self, key: CacheKey, max_age_s: float) -> Response | None:
        """Return the cached page, unless it is stale or older than `max_age_s`."""
        state = self.state()
        if state is None or state != self._state:
            self._pages.clear()
            self._state, self._size = state, 0
            return None
        page = self._pages.get(key)
        if page is None or time.monotonic() - page.cached_at > max_age_s:
            return None
        self._pages.move_to_end(key)
        response = Response(page.body, page.status)
        response.raw_headers[:] = page.headers
        return response

    def put(self, key: CacheKey, state: CacheState | None, response: Response) -> None:
        """Store a page that was rendered in `state`, unless the state has changed since."""
        if state is None or state != self._state or response.status_code not in {HTTPStatus.OK, HTTPStatus.GONE}:
            return
        replaced = self._pages.pop(key, None)
        page = CachedPage(response.status_code, list(response.raw_headers), bytes(response.body), time.monotonic())
        self._pages[key] = page
        self._size += len(page.body) - (len(replaced.body) if replaced else 0)
        while self._size > self._capacity:
            _key, evicted = self._pages.popitem(last=False)
            self._size -= len(evicted.body)


class CachedRoute(APIRoute):
    """A route whose page is the same for everyone who reads the same language in the same size."""

    max_age_s: ClassVar[float] = math.inf

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that asks the cache first."""
        render_page = super().get_route_handler()

        async def answer(request: Request) -> Response:
            cache: PageCache = request.app.state.page_cache
            key = (request.url.path, request.url.query, negotiate_language(request), negotiate_size(request))
            cached = cache.get(key, self.max_age_s)
            if cached is not None:
                return cached
            state = cache.state()
            response = await render_page(request)
            cache.put(key, state, response)
            return response

        return answer


class BrieflyCachedRoute(CachedRoute):
    """A route whose page also counts what screens acknowledge, of which no notification comes."""

    max_age_s: ClassVar[float] = 5.0
