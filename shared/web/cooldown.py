"""Who was told to come back later and comes back sooner is refused again, before anything of the request is looked at."""

from __future__ import annotations

import time
from collections import OrderedDict
from http import HTTPStatus

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.metrics import LIMITS_REACHED
from shared.web.allowance import KEPT, RETRY, RETRY_AFTER_S, Refusal, begins_cooldown, client_key
from shared.web.languages import HTML_LANG, LANGUAGES, Language, negotiate_language
from shared.web.problem_texts import PROBLEMS
from shared.web.problems import accepts_html, problem_response
from shared.web.security_headers import security_headers
from shared.web.templating import Pages

STATUS = HTTPStatus.TOO_MANY_REQUESTS
CREDENTIALS = frozenset({b"cookie", b"authorization"})


class CooldownMiddleware:
    """Answers 429 with what was made before, for as many seconds as a refusal said.

    A caller is a client with the same credentials at the same address: a colleague who is known, or another page, is heard.
    """

    def __init__(self, app: ASGIApp, pages: Pages, service: str) -> None:
        self._app = app
        self._until: OrderedDict[int, float] = OrderedDict()
        self._refused = LIMITS_REACHED.labels(service, "cooldown", Refusal.CLIENT.value)
        self._problem = _finish(problem_response(STATUS, "too_many_requests"))
        self._pages = {language: _finish(_page(pages, language)) for language in LANGUAGES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        caller = _caller(scope)
        if self._until.get(caller, 0.0) > time.monotonic():
            await self._refuse(scope, send)
            return
        await self._app(scope, receive, send)
        if begins_cooldown(scope):
            self._until[caller] = time.monotonic() + RETRY_AFTER_S
            self._until.move_to_end(caller)
            if len(self._until) > KEPT:
                self._until.popitem(last=False)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        self._refused.inc()
        request = Request(scope)
        response = self._pages[negotiate_language(request)] if accepts_html(request) else self._problem
        headers = [*response.raw_headers, *security_headers(scope)]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})


def _caller(scope: Scope) -> int:
    """Return a number for who asks for what: an address may be as long as a head."""
    credentials = tuple(value for name, value in scope["headers"] if name in CREDENTIALS)
    return hash((client_key(scope.get("client")), scope["method"], scope["path"], credentials))


def _page(pages: Pages, language: Language) -> Response:
    text = PROBLEMS[STATUS]
    title, remedy = (escape(pages.text(language, part)) for part in (text.title, text.remedy))
    page = (
        f'<!doctype html>\n<html lang="{HTML_LANG[language]}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<main><h1>{title}</h1><p>{remedy}</p></main></html>\n"
    )
    return HTMLResponse(page, STATUS, headers={"Content-Language": HTML_LANG[language]})


def _finish(response: Response) -> Response:
    response.headers.update({**RETRY, "Cache-Control": "no-store"})
    return response
