"""How an answer is sent: as JSON or CSV, with an entity tag by which an unchanged one is not sent again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.spreadsheet import to_cell

CSV_TYPE = "text/csv; charset=utf-8"
ALSO: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    HTTPStatus.NOT_MODIFIED.value: {"description": "What `If-None-Match` names is still the answer."},
}

Format = Annotated[Literal["json", "csv"], Query(alias="format", description="JSON, or the rows of the answer as CSV.")]


def send(request: Request, answer: BaseModel, layout: str, rows: Iterable[Mapping[str, object]]) -> Response:
    """Return the answer in a layout; 304 where the client has it already."""
    body = write_csv(rows) if layout == "csv" else answer.model_dump_json().encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=CSV_TYPE if layout == "csv" else "application/json", headers=headers)


def write_csv(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return rows as CSV in UTF-8 with its mark; the first one names the columns. Null is an empty cell."""
    text = io.StringIO()
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, list(row), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow({name: to_cell(value) for name, value in row.items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()
