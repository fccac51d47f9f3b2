"""The web app of a service: one lifespan, the standard routes, and the middleware of every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import APIRouter, FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from shared.service import Service, run_service
from shared.settings import Settings
from shared.web import health, problems, sign_in
from shared.web.middleware import RequestMetricsMiddleware, SecurityHeadersMiddleware
from shared.web.templating import Pages

MIB = 1024 * 1024
BODY_LIMIT = 32 * MIB


def create_web(service: Service, settings: Settings, pages: Pages, routers: Sequence[APIRouter]) -> FastAPI:
    """Return the app of a service: standard routes first, then its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with run_service(service, settings, app):
            yield

    app = FastAPI(title=f"gongshi {service.name}", version="1.0.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.pages = pages
    app.include_router(health.router)
    app.include_router(sign_in.create_router(service.name))
    app.router.routes.extend(pages.routes())
    for router in routers:
        app.include_router(router)
    problems.install_error_handlers(app, pages, sign_in.sign_in_path(service.name))
    app.add_middleware(CrossOriginProtection)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=BODY_LIMIT)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(RequestMetricsMiddleware, service=service.name)
    return app
