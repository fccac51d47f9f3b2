"""Error responses: an HTML page for browsers, a problem document (RFC 9457) with a code for programs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.web.i18n import Text
from shared.web.languages import negotiate_language
from shared.web.pages import get_pages
from shared.web.refused_forms import sign_in_for_form
from shared.web.role_refusals import record_refusal
from shared.web.security_headers import security_headers
from shared.web.session import RoleRequired, SecondFactorRequired, SignInRequired

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
# Python renames these statuses from release to release; a code never changes.
STABLE_CODES = {413: "request_entity_too_large", 414: "request_uri_too_long", 422: "unprocessable_entity"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# Class 22 of SQLSTATE as far as a value of the request causes it. The class itself is the driver's: it could not encode
# an argument, for example a number beyond the column's range. A division by zero is our fault, not the client's.
CLIENT_DATA_ERRORS = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
    asyncpg.InvalidTextRepresentationError,
)


class ProblemResponse(JSONResponse):
    """A problem document. What echoes the request may contain lone surrogates, which are replaced."""

    media_type = PROBLEM_JSON

    def render(self, content: Any) -> bytes:
        """Return the document as UTF-8."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def accepts_html(request: Request) -> bool:
    """Return whether the client accepts HTML: a browser that navigates."""
    return "text/html" in request.headers.get("accept", "")


def problem_response(status: int, code: str, detail: str = "", **more: Any) -> JSONResponse:
    """Return a problem document; `code` is stable and machine-readable, `more` are extension members."""
    body = {"status": status, "title": HTTPStatus(status).phrase, "code": code, "detail": detail, **more}
    return ProblemResponse(body, status)


def respond_with_problem(
    request: Request,
    status: int,
    code: str,
    detail: Text | str = "",
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return the error in the form and language that the client accepts; `detail` is specific to this request."""
    pages = get_pages(request)
    if accepts_html(request):
        return pages.problem(request, status, detail=detail or None, headers=headers)
    response = problem_response(status, code, pages.text(negotiate_language(request), detail), **more)
    response.headers.update(headers or {})
    return response


def install_error_handlers(app: FastAPI, desk: str) -> None:
    """Handle every error of the app with a response in the form that the client accepts; `desk`: the path of its desk."""
    sign_in_path, sign_out_path, account_path = f"{desk}/sign-in", f"{desk}/sign-out", f"{desk}/account"

    async def on_sign_in_required(request: Request, _: Exception) -> Response:
        if accepts_html(request) and request.method == "GET":
            target = quote(request.url.path + ("?" + request.url.query if request.url.query else ""))
            return RedirectResponse(f"{sign_in_path}?next={target}", HTTPStatus.SEE_OTHER)
        if accepts_html(request) and request.method == "POST":
            return await sign_in_for_form(request, desk)
        return respond_with_problem(request, HTTPStatus.UNAUTHORIZED, "sign_in_needed")

    async def on_second_factor_required(request: Request, _: Exception) -> Response:
        if accepts_html(request) and request.method == "GET":
            return RedirectResponse(account_path, HTTPStatus.SEE_OTHER)
        return respond_with_problem(request, HTTPStatus.FORBIDDEN, "second_factor_needed")

    async def on_role_required(request: Request, error: Exception) -> Response:
        person = cast("RoleRequired", error).person
        await record_refusal(request, person)
        if accepts_html(request):
            return get_pages(request).problem(request, HTTPStatus.FORBIDDEN, person=person, sign_out=sign_out_path)
        return respond_with_problem(request, HTTPStatus.FORBIDDEN, "role_needed")

    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: _on_http,
        SignInRequired: on_sign_in_required,
        RoleRequired: on_role_required,
        SecondFactorRequired: on_second_factor_required,
        RequestValidationError: _on_invalid,
        asyncpg.DataError: _on_data_error,
        Exception: _on_unhandled,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _on_http(request: Request, error: Exception) -> Response:
    http = cast("HTTPException", error)
    status = HTTPStatus(http.status_code)
    headers = dict(http.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    detail = "" if accepts_html(request) and http.detail == status.phrase else http.detail or ""
    return respond_with_problem(request, status, STABLE_CODES.get(status, status.name.lower()), detail, headers=headers)


async def _on_invalid(request: Request, error: Exception) -> Response:
    findings = [
        {"field": ".".join(str(part) for part in each["loc"]), "code": each["type"], "message": each["msg"]}
        for each in cast("RequestValidationError", error).errors()
    ]
    return respond_with_problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", reasons=findings)


async def _on_data_error(request: Request, error: Exception) -> Response:
    """Answer 400 where the database refuses a value of the request; each such route should have refused it itself."""
    if type(error) is not asyncpg.DataError and not isinstance(error, CLIENT_DATA_ERRORS):
        raise error
    log.warning("value_refused_by_database", route=_route(request), error=type(error).__name__)
    return respond_with_problem(request, HTTPStatus.BAD_REQUEST, "value_out_of_range")


async def _on_unhandled(request: Request, error: Exception) -> Response:
    if isinstance(error, asyncpg.PostgresError):
        # The detail of a violated constraint is the row itself, with whatever personal data it has.
        error.detail = None
    log.error("request_failed", route=_route(request), error=type(error).__name__, exc_info=error)
    response = respond_with_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
    # Starlette sends this one outside of all middleware.
    response.raw_headers.extend([*security_headers(request.scope), (b"cache-control", b"no-store")])
    return response


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unmatched"))


def _allowed_methods(request: Request) -> list[str]:
    """Return every method that some route of this path answers (RFC 9110, 15.5.6), HEAD with GET."""
    routes = request.app.router.routes
    found = {
        method for method in METHODS for route in routes if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    return [method for method in METHODS if method in found or (method == "HEAD" and "GET" in found)]
