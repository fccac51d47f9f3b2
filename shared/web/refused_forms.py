"""A form that is sent when its session is over: it is sealed into the sign-in that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.routing import Match

from shared.accounts import find_person_of_browser
from shared.database.connections import acquire
from shared.text import drop_forbidden
from shared.web.bodies import STAFF_FORM
from shared.web.cookies import DEVICE_COOKIE, read_cookie
from shared.web.forms import require_form
from shared.web.kept_forms import FormBox, KeptForm, TooLargeToKeep
from shared.web.session import get_database, session_token
from shared.web.sign_in import KEPT, NOT_KEPT, render_sign_in

# Of a form that is kept: as long as the longest one at a desk, whose files are only named.
MAX_BODY, MAX_FILES = STAFF_FORM, 20


async def sign_in_for_form(request: Request, desk: str) -> Response:
    """Return the sign-in with the form of this request sealed in it, where it is known whose it is and short enough."""
    page = find_form_page(request, desk)
    kept = "" if request.url.path.startswith(f"{desk}/account") else await _seal_form(request, page)
    notice = KEPT if kept else NOT_KEPT
    return render_sign_in(request, desk, page, status=HTTPStatus.UNAUTHORIZED, notice=notice, kept=kept)


def find_form_page(request: Request, desk: str) -> str:
    """Return the address of the page on which a form was filled in: where it came from, or the page above where it went."""
    referer = urlsplit(request.headers.get("referer", ""))
    is_own = referer.netloc == request.url.netloc and referer.path != f"{desk}/sign-in"
    if is_own and _has_page(request.app, referer.path):
        return f"{referer.path}?{referer.query}" if referer.query else referer.path
    return next((path for path in _upwards(request.url.path) if _has_page(request.app, path)), desk)


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _has_page(app: FastAPI, path: str) -> bool:
    scope = {"type": "http", "path": path, "root_path": "", "method": "GET", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in app.router.routes)


async def _seal_form(request: Request, page: str) -> str:
    """Return the form of this request in a box; empty where it is nobody's, too large, or none.

    What is longer than any form at a desk by its own declaration is not read.
    """
    if _is_too_long(request):
        return ""
    database = get_database(request)
    box: FormBox = request.app.state.form_box
    async with acquire(database.pool) as connection:
        person = await find_person_of_browser(connection, session_token(request), read_cookie(request, DEVICE_COOKIE))
    if person is None:
        return ""
    try:
        require_form(request)
        async with request.form(max_files=MAX_FILES) as form:
            return box.seal(_kept_form(request.url.path, form), person, page, database.clock())
    except (HTTPException, TooLargeToKeep):
        return ""


def _is_too_long(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and (len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY)


def _kept_form(action: str, form: FormData) -> KeptForm:
    parts = form.multi_items()
    fields = tuple((name, drop_forbidden(value)) for name, value in parts if isinstance(value, str))
    files = tuple(part.filename for _, part in parts if isinstance(part, UploadFile) and part.filename)
    return KeptForm(action, fields, files)
