"""The web app of a service: one lifespan, the standard routes, and what guards every request."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import APIRouter, FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import REQUEST_SECONDS, REQUESTS
from shared.service import Service, running
from shared.settings import Settings
from shared.web import health, problems, signing_in
from shared.web.templating import Pages

MIB = 1024 * 1024
BODY_LIMIT = 32 * MIB

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)


def create_web(service: Service, settings: Settings, pages: Pages, routers: Sequence[APIRouter]) -> FastAPI:
    """Return the app of a service: standard routes first, then its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(service, settings, app):
            yield

    app = FastAPI(title=f"gongshi {service.name}", version="1.0.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.pages = pages
    app.include_router(health.router)
    app.include_router(signing_in.router(service.name))
    app.router.routes.extend(pages.routes())
    for router in routers:
        app.include_router(router)
    problems.install(app, pages, signing_in.path_of(service.name))
    app.add_middleware(CrossOriginProtection)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=BODY_LIMIT)
    app.add_middleware(Guard, service=service.name)
    return app


class Guard:
    """Adds security headers to every answer and measures every request, without buffering streams."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
                self._measure(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, guarded)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUESTS.labels(self._service, route, scope["method"], str(status)).inc()
        REQUEST_SECONDS.labels(self._service, route).observe(seconds)
