"""ASGI middleware of every service: security headers and request metrics, without buffering streams."""

from __future__ import annotations

import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import REQUEST_SECONDS, REQUESTS
from shared.web.caching import caching_headers
from shared.web.problems import respond_with_problem
from shared.web.security_headers import security_headers


class SecurityHeadersMiddleware:
    """Adds the security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *security_headers(scope), *caching_headers(scope, message)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class RequestMetricsMiddleware:
    """Counts requests by route, method and status, and observes the seconds until the response starts."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answered = False

        async def send_and_observe(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._observe(scope, message["status"], time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, send_and_observe)
        except Exception:
            # Starlette answers what nobody handles outside of all middleware.
            if not answered:
                self._observe(scope, HTTPStatus.INTERNAL_SERVER_ERROR, time.perf_counter() - started)
            raise

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS.labels(self._service, route, scope["method"], str(int(status))).inc()
        REQUEST_SECONDS.labels(self._service, route).observe(seconds)


async def reject_cross_origin(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403 to a form that another site sent."""
    await respond_with_problem(Request(scope), HTTPStatus.FORBIDDEN, "cross_origin")(scope, receive, send)
