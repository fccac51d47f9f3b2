"""Errors as people and machines see them: an HTML page or a problem document (RFC 9457), with a code and what to do."""

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

from shared.web.session import RoleNeeded, SignInNeeded
from shared.web.templating import Pages

log = structlog.get_logger(__name__)


def wants_page(request: Request) -> bool:
    """Return whether the client is a browser that asked for a page."""
    return "text/html" in request.headers.get("accept", "")


def problem(status: int, code: str, detail: str = "", **more: Any) -> JSONResponse:
    """Return a problem document."""
    body = {"status": status, "title": HTTPStatus(status).phrase, "code": code, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def install(app: FastAPI, pages: Pages, sign_in_path: str) -> None:
    """Answer every error of the app in the client's own form."""

    def answer(request: Request, status: int, code: str, detail: str = "", **more: Any) -> Response:
        return pages.problem(request, status) if wants_page(request) else problem(status, code, detail, **more)

    async def on_http(request: Request, error: Exception) -> Response:
        http = cast("HTTPException", error)
        response = answer(request, http.status_code, HTTPStatus(http.status_code).name.lower(), str(http.detail or ""))
        response.headers.update(http.headers or {})
        return response

    async def on_sign_in(request: Request, _: Exception) -> Response:
        if wants_page(request) and request.method == "GET":
            target = quote(request.url.path + ("?" + request.url.query if request.url.query else ""))
            return RedirectResponse(f"{sign_in_path}?next={target}", HTTPStatus.SEE_OTHER)
        return answer(request, HTTPStatus.UNAUTHORIZED, "sign_in_needed")

    async def on_role(request: Request, _: Exception) -> Response:
        return answer(request, HTTPStatus.FORBIDDEN, "role_needed")

    async def on_invalid(request: Request, error: Exception) -> Response:
        findings = [
            {"field": ".".join(str(p) for p in e["loc"]), "code": e["type"], "message": e["msg"]}
            for e in cast("RequestValidationError", error).errors()
        ]
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", reasons=findings)

    async def on_fault(request: Request, error: Exception) -> Response:
        log.error("request_failed", route=request.url.path.split("/")[1], error=type(error).__name__, exc_info=error)
        return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal")

    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: on_http,
        SignInNeeded: on_sign_in,
        RoleNeeded: on_role,
        RequestValidationError: on_invalid,
        Exception: on_fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
