"""Error responses: an HTML page for browsers, a problem document (RFC 9457) with a code for programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from shared.web.session import RoleRequired, SignInRequired
from shared.web.templating import Pages

log = structlog.get_logger(__name__)


def accepts_html(request: Request) -> bool:
    """Return whether the client accepts HTML: a browser that navigates."""
    return "text/html" in request.headers.get("accept", "")


def problem_response(status: int, code: str, detail: str = "", **more: Any) -> JSONResponse:
    """Return a problem document; `code` is stable and machine-readable, `more` are extension members."""
    body = {"status": status, "title": HTTPStatus(status).phrase, "code": code, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def install_error_handlers(app: FastAPI, pages: Pages, sign_in_path: str) -> None:
    """Handle every error of the app with a response in the form that the client accepts."""

    def respond(request: Request, status: int, code: str, detail: str = "", **more: Any) -> Response:
        return pages.problem(request, status) if accepts_html(request) else problem_response(status, code, detail, **more)

    async def on_http(request: Request, error: Exception) -> Response:
        http = cast("HTTPException", error)
        response = respond(request, http.status_code, HTTPStatus(http.status_code).name.lower(), str(http.detail or ""))
        response.headers.update(http.headers or {})
        return response

    async def on_sign_in_required(request: Request, _: Exception) -> Response:
        if accepts_html(request) and request.method == "GET":
            target = quote(request.url.path + ("?" + request.url.query if request.url.query else ""))
            return RedirectResponse(f"{sign_in_path}?next={target}", HTTPStatus.SEE_OTHER)
        return respond(request, HTTPStatus.UNAUTHORIZED, "sign_in_needed")

    async def on_role_required(request: Request, _: Exception) -> Response:
        return respond(request, HTTPStatus.FORBIDDEN, "role_needed")

    async def on_invalid(request: Request, error: Exception) -> Response:
        findings = [
            {"field": ".".join(str(p) for p in e["loc"]), "code": e["type"], "message": e["msg"]}
            for e in cast("RequestValidationError", error).errors()
        ]
        return respond(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", reasons=findings)

    async def on_unhandled(request: Request, error: Exception) -> Response:
        log.error("request_failed", route=request.url.path.split("/")[1], error=type(error).__name__, exc_info=error)
        return respond(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal")

    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: on_http,
        SignInRequired: on_sign_in_required,
        RoleRequired: on_role_required,
        RequestValidationError: on_invalid,
        Exception: on_unhandled,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
