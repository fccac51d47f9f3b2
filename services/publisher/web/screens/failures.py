"""What a screen shows instead of its page: a browser never reloads an error page by itself, so these reload themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.publisher.web.screens.rendering import render_screen
from shared.web.languages import SOURCE
from shared.web.problems import CLIENT_DATA_ERRORS

log = structlog.get_logger(__name__)

# Longer than any page takes; a screen that waits for a database that hangs shows nothing.
PAGE_TIMEOUT_S = 10.0
RETRY_S = 10


class SelfReloadingRoute(APIRoute):
    """A route whose failures are answered with a page that loads the same address again after some seconds."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its failures caught."""
        render_page = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await _wait_at_most(PAGE_TIMEOUT_S, render_page(request))
            except HTTPException as error:
                status = error.status_code
            except RequestValidationError:
                status = HTTPStatus.UNPROCESSABLE_ENTITY
            except CLIENT_DATA_ERRORS:
                status = HTTPStatus.BAD_REQUEST
            except Exception as error:  # a page for every failure
                log.exception("screen_page_failed", error=type(error).__name__)
                status = HTTPStatus.SERVICE_UNAVAILABLE
            return render_screen(request, SOURCE, "screens/unavailable.html", status, retry_s=RETRY_S)

        return answer


async def _wait_at_most(timeout_s: float, page: Coroutine[Any, Any, Response]) -> Response:
    """Return the page. Raises `TimeoutError`, and does not wait for what it cancels: a connection whose database hangs does."""
    task = asyncio.ensure_future(page)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        await asyncio.wait({task}, timeout=timeout_s)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()


def render_unknown(request: Request, screen_id: str) -> Response:
    """Return the page for an id that no screen is registered with: whoever installs a screen has to see the mistake."""
    return render_screen(request, SOURCE, "screens/unknown.html", HTTPStatus.NOT_FOUND, screen_id=screen_id, retry_s=RETRY_S)
