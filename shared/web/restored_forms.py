"""After the sign-in: the page of a kept form as its person would see it now, with what was typed in it and nothing sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import structlog
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.types import Message, Scope

from shared.web.form_filling import FilledPage, fill_page
from shared.web.kept_forms import FormBox, KeptForm
from shared.web.languages import negotiate_language
from shared.web.pages import get_pages
from shared.web.session import get_database

log = structlog.get_logger(__name__)

# Of the request of the sign-in, what the page may go by.
CONNECTION = frozenset({"asgi", "http_version", "scheme", "server", "client", "state"})
NO_PAGE = "<html></html>"
PASSED_ON = frozenset({b"host", b"accept-language", b"user-agent", b"x-forwarded-proto", b"x-forwarded-for"})


async def restore_form(request: Request, page: str, sealed: str, person: str, *, cookies: Mapping[str, str]) -> Response | None:
    """Return the page with the form filled in; None where there is no box, or it is not for this person and page.

    `cookies`: those of the new session, which the browser does not have yet.
    """
    box: FormBox = request.app.state.form_box
    kept = box.open(sealed, person, page, get_database(request).clock()) if sealed else None
    if kept is None:
        return None
    pages = get_pages(request)
    filled = await _fill_page(request, page, {**request.cookies, **cookies}, kept)
    if filled.form is None:
        return pages.render(request, "kept_form.html", page=page, files=kept.files, unplaced=filled.unplaced)
    language = negotiate_language(request)
    filled.insert(pages.html(language, "kept_form_notice.html", files=kept.files, unplaced=filled.unplaced))
    return HTMLResponse(filled.to_html())


async def _fill_page(request: Request, page: str, cookies: Mapping[str, str], kept: KeptForm) -> FilledPage:
    try:
        return fill_page(await _fetch_page(request, page, cookies), kept)
    except Exception:
        # Whatever is wrong with the page: its person is signed in and has the texts back.
        log.exception("form_page_failed")
        return fill_page(NO_PAGE, kept)


async def _fetch_page(request: Request, page: str, cookies: Mapping[str, str]) -> str:
    """Return what the app answers to GET; an empty page where it is none."""
    answer = _Answer()
    await request.app(_scope(request, page, cookies), answer.receive, answer.send)
    return answer.body.decode() if answer.status == HTTPStatus.OK else NO_PAGE


def _scope(request: Request, page: str, cookies: Mapping[str, str]) -> Scope:
    address = urlsplit(page)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(name, value) for name, value in request.scope["headers"] if name in PASSED_ON]
    return {
        **{key: value for key, value in request.scope.items() if key in CONNECTION},
        "type": "http",
        "method": "GET",
        "path": unquote(address.path),
        "raw_path": address.path.encode(),
        "root_path": "",
        "query_string": address.query.encode(),
        "headers": [*headers, (b"accept", b"text/html"), (b"cookie", cookie.encode())],
    }


class _Answer:
    """What an application answers to one request without a body."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""

    async def receive(self) -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
