"""The OpenAPI document of a service: to what each route declares, the errors that the frame answers on its behalf."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from shared.text import TEXT_PATTERN
from shared.web.problems import PROBLEM_JSON

Document = dict[str, Any]

PROBLEM: Document = {
    "title": "Problem",
    "description": "A problem document (RFC 9457). `code` is stable and machine-readable.",
    "type": "object",
    "required": ["status", "title", "code", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
    },
}
REASON: Document = {
    "title": "Reason",
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "file": {"type": "string", "description": "The name of the file that the reason is about."},
    },
}
# How FastAPI describes the response that it adds to whatever has parameters; a route's own 422 stays.
GENERATED = "Validation Error"
HTML: Document = {"schema": {"type": "string"}}

# What the frame answers before or instead of a route: text that is none, too much at once, an unknown address, a value it
# cannot take.
OF_EVERY_ROUTE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
OF_PATH_PARAMETERS = (HTTPStatus.NOT_FOUND,)
OF_PARAMETERS = (HTTPStatus.UNPROCESSABLE_ENTITY,)
OF_BODIES = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
OF_STAFF = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


# What a route that answers pages too, or redirects browsers, declares as `responses`.
HTML_PAGE: dict[int | str, Document] = {200: {"content": {"text/html": HTML}}}
SEE_OTHER: dict[int | str, Document] = {303: {"description": "See Other: browsers go on to the page at `Location`"}}


def problems(*statuses: HTTPStatus) -> dict[int | str, Document]:
    """Return the declaration of error responses that belong to one route."""
    return {status.value: {"description": status.phrase} for status in statuses}


def install_openapi(app: FastAPI) -> None:
    """Complete the document that FastAPI generates; it is generated once, when it is first asked for."""
    generate = app.openapi

    def complete() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = declare_problems(generate())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def declare_problems(document: Document) -> Document:
    """Return the document with every error response as a problem document."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {"Problem": PROBLEM, "Reason": REASON}
    for path in document["paths"].values():
        for method, operation in path.items():
            _declare(operation)
            if method == "get" and operation.get("security"):
                # A browser that nobody is signed in with goes to the sign-in page.
                operation["responses"] |= {str(status): each for status, each in SEE_OTHER.items()}
    return document


def _declare(operation: Document) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] in ("path", "query"):
            _declare_text(parameter["schema"])
    responses = operation["responses"]
    if responses.get("422", {}).get("description") == GENERATED:
        del responses["422"]
    for status in _statuses(operation):
        responses.setdefault(str(status.value), {"description": status.phrase})
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            response["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": HTML}


def _declare_text(schema: Document) -> None:
    """Say which characters an address may hold, of every text whose form nothing else says."""
    for each in schema.get("anyOf", [schema]):
        if each.get("type") == "string" and not each.keys() & {"pattern", "enum", "const", "format"}:
            each["pattern"] = TEXT_PATTERN


def _statuses(operation: Document) -> set[HTTPStatus]:
    parameters = operation.get("parameters", [])
    found = {*OF_EVERY_ROUTE}
    if parameters:
        found |= {*OF_PARAMETERS}
    if any(parameter["in"] == "path" for parameter in parameters):
        found |= {*OF_PATH_PARAMETERS}
    if "requestBody" in operation:
        found |= {*OF_BODIES}
    if operation.get("security"):
        found |= {*OF_STAFF}
    return found
