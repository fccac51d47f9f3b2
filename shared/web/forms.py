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


def form_body(fields: Mapping[str, str], *, required: bool = False, files: str = "") -> dict[str, Any]:
    """Return what a route adds to its OpenAPI operation: text fields with a description, and a field of files."""
    properties: dict[str, Any] = {name: {"type": "string", "description": text} for name, text in fields.items()}
    if files:
        properties[files] = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema = {"schema": {"type": "object", "properties": properties}}
    kinds = (MULTIPART,) if files else (URLENCODED, MULTIPART)
    return {"requestBody": {"required": required, "content": dict.fromkeys(kinds, schema)}}
