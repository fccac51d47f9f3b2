"""Sign-in and sign-out routes: the same page at every desk."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared.accounts import Role, authenticate, close_session, open_session
from shared.accounts.store import SESSION_LENGTH, TooManyFailures
from shared.database.pool import acquire
from shared.web.parameters import StorableText
from shared.web.session import SESSION_COOKIE, StoreDep
from shared.web.templating import Pages

DESKS = {
    "publisher": "/desk",
    "intake": "/intake/desk",
    "stats": "/stats/desk",
    "corrections": "/corrections/desk",
}
# The page that a role works on first, where that is not the desk's own.
LANDING_PAGES = {("publisher", Role.GATEKEEPER): "/desk/approved"}


def sign_in_path(service: str) -> str:
    """Return the path of the sign-in page of a service's staff."""
    return f"{DESKS[service]}/sign-in"


def create_router(service: str) -> APIRouter:
    """Return the sign-in routes of one service's desk."""
    routes = APIRouter(include_in_schema=False)
    desk = DESKS[service]

    def page(
        request: Request, target: str, *, name: str = "", error: str | None = None, status: int = HTTPStatus.OK
    ) -> Response:
        pages: Pages = request.app.state.pages
        return pages.render(
            request, "sign_in.html", status=status, action=sign_in_path(service), next=target, name=name, error=error
        )

    @routes.get(sign_in_path(service))
    async def show(request: Request, next: str = desk) -> Response:  # noqa: A002 - the name in the address
        return page(request, local_path(next, desk))

    @routes.post(sign_in_path(service))
    async def submit(
        request: Request,
        store: StoreDep,
        name: Annotated[StorableText, Form(max_length=64)] = "",
        password: Annotated[StorableText, Form(max_length=1024)] = "",
        next: Annotated[StorableText, Form(max_length=2048)] = desk,  # noqa: A002 - the name in the form
    ) -> Response:
        target = local_path(next, desk)
        try:
            async with acquire(store.pool) as connection:
                person = await authenticate(connection, name.strip().lower(), password)
                token = await open_session(connection, person) if person else None
        except TooManyFailures:
            return page(request, target, name=name, error="too_many", status=HTTPStatus.TOO_MANY_REQUESTS)
        if person is None or token is None:
            return page(request, target, name=name, error="wrong", status=HTTPStatus.UNAUTHORIZED)
        if target == desk:
            target = LANDING_PAGES.get((service, person.role), desk)
        response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=int(SESSION_LENGTH.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @routes.post(f"{desk}/sign-out")
    async def sign_out(request: Request, store: StoreDep) -> Response:
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            async with acquire(store.pool) as connection:
                await close_session(connection, token)
        response = RedirectResponse(sign_in_path(service), HTTPStatus.SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE)
        return response

    return routes


def local_path(target: str, desk: str) -> str:
    """Return `target` when it is a path on this host, else `desk`: no open redirect."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    return target if inside else desk
