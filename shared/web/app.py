"""The web app of a service: one lifespan, the standard routes, and the middleware of every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import APIRouter, FastAPI

from shared.accounts import PasswordQueue
from shared.accounts.second_factor import SeedBox
from shared.service import Service, run_service
from shared.settings import Settings
from shared.web import health, journal_proofs, own_account, second_factor, sign_in
from shared.web.bodies import BodyMiddleware
from shared.web.concurrency import ConcurrencyMiddleware
from shared.web.cooldown import CooldownMiddleware
from shared.web.head import HeadMiddleware
from shared.web.hosts import HostMiddleware, allowed_hosts
from shared.web.kept_forms import FormBox
from shared.web.middleware import RequestMetricsMiddleware, SecurityHeadersMiddleware, reject_cross_origin
from shared.web.openapi import install_openapi
from shared.web.problems import install_error_handlers
from shared.web.request_text import RequestTextMiddleware
from shared.web.role_refusals import RoleRefusals
from shared.web.templating import Pages
from shared.web.workplaces import DESKS


def create_web(service: Service, settings: Settings, pages: Pages, routers: Sequence[APIRouter]) -> FastAPI:
    """Return the app of a service: standard routes first, then its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.seeds, app.state.form_box = SeedBox.load(settings), FormBox.load(settings)
        async with run_service(service, settings, app):
            yield
        app.state.passwords.close()

    app = FastAPI(title=f"gongshi {service.name}", version="1.0.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.pages, app.state.settings = pages, settings
    app.state.passwords, app.state.role_refusals = PasswordQueue(), RoleRefusals()
    app.state.service, app.state.budgets = service.name, {}
    app.include_router(health.router)
    app.include_router(sign_in.create_router(service.name))
    app.include_router(own_account.create_router(service.name))
    app.include_router(second_factor.create_router(service.name))
    app.include_router(journal_proofs.create_router(service.name, DESKS[service.name]))
    app.router.routes.extend(pages.routes())
    for router in routers:
        app.include_router(router)
    install_error_handlers(app, DESKS[service.name])
    install_openapi(app)
    # The last one added is the outermost.
    app.add_middleware(CrossOriginProtection, deny_app=reject_cross_origin)
    app.add_middleware(BodyMiddleware)
    app.add_middleware(RequestTextMiddleware)
    app.add_middleware(ConcurrencyMiddleware, service=service.name, max_streams=settings.max_streams)
    app.add_middleware(HostMiddleware, allowed=allowed_hosts(settings))
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(RequestMetricsMiddleware, service=service.name)
    app.add_middleware(CooldownMiddleware, pages=pages, service=service.name)
    app.add_middleware(HeadMiddleware)
    return app
