"""Signing in and out: the same page at every desk."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared.accounts import Role, close_session, open_session, sign_in
from shared.accounts.store import SESSION_LENGTH, TooManyFailures
from shared.database.pool import acquire
from shared.web.session import COOKIE, StoreOf
from shared.web.templating import Pages

DESKS = {
    "publisher": "/desk",
    "intake": "/intake/desk",
    "stats": "/stats/desk",
    "corrections": "/corrections/desk",
}
# Where the work of a role waits, when that is not the desk's first page.
WORK_OF = {("publisher", Role.GATEKEEPER): "/desk/approved"}


def path_of(service: str) -> str:
    """Return where this service's staff sign in."""
    return f"{DESKS[service]}/sign-in"


def router(service: str) -> APIRouter:
    """Return the sign-in routes of one service's desk."""
    routes = APIRouter(include_in_schema=False)
    desk = DESKS[service]

    def page(
        request: Request, target: str, *, name: str = "", error: str | None = None, status: int = HTTPStatus.OK
    ) -> Response:
        pages: Pages = request.app.state.pages
        return pages.render(
            request, "sign_in.html", status=status, action=path_of(service), next=target, name=name, error=error
        )

    @routes.get(path_of(service))
    async def show(request: Request, next: str = desk) -> Response:  # noqa: A002 - the name in the address
        return page(request, _inside(next, desk))

    @routes.post(path_of(service))
    async def submit(
        request: Request,
        store: StoreOf,
        name: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[str, Form(max_length=1024)] = "",
        next: Annotated[str, Form(max_length=2048)] = desk,  # noqa: A002 - the name in the form
    ) -> Response:
        target = _inside(next, desk)
        try:
            async with acquire(store.pool) as connection:
                person = await sign_in(connection, name.strip().lower(), password)
                token = await open_session(connection, person) if person else None
        except TooManyFailures:
            return page(request, target, name=name, error="too_many", status=HTTPStatus.TOO_MANY_REQUESTS)
        if person is None or token is None:
            return page(request, target, name=name, error="wrong", status=HTTPStatus.UNAUTHORIZED)
        if target == desk:
            target = WORK_OF.get((service, person.role), desk)
        response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LENGTH.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @routes.post(f"{desk}/sign-out")
    async def leave(request: Request, store: StoreOf) -> Response:
        token = request.cookies.get(COOKIE)
        if token:
            async with acquire(store.pool) as connection:
                await close_session(connection, token)
        response = RedirectResponse(path_of(service), HTTPStatus.SEE_OTHER)
        response.delete_cookie(COOKIE)
        return response

    return routes


def _inside(target: str, desk: str) -> str:
    """Return the target when it is a path on this host, else the desk: no open redirect."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    return target if inside else desk
