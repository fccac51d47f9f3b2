"""Forms that a route reads itself: their media types, and how OpenAPI declares them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def require_form(request: Request) -> None:
    """Refuse a body that is no form: HTTPException 415. A request without a body is a form without fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", URLENCODED, MULTIPART):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def form_body(fields: Mapping[str, str], required: Mapping[str, str] | None = None, *, files: str = "") -> dict[str, Any]:
    """Return what a route adds to its OpenAPI operation.

    `fields` are texts with their descriptions, `required` the patterns of those without which there is no form, `files`
    is the name of a field of files.
    """
    patterns = required or {}
    properties: dict[str, Any] = {name: {"type": "string", "description": text} for name, text in fields.items()}
    for name, pattern in patterns.items():
        properties[name]["pattern"] = pattern
    if files:
        properties[files] = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema = {"schema": {"type": "object", "properties": properties, "required": [*patterns]}}
    kinds = (MULTIPART,) if files else (URLENCODED, MULTIPART)
    return {"requestBody": {"required": bool(patterns), "content": dict.fromkeys(kinds, schema)}}
