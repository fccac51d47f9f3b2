"""Importing a table of items at the desk: looked through first, row by row, then stored as drafts of the person."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.datastructures import UploadFile

from services.publisher import item_submission
from services.publisher.domain.submitted import ItemResult, Outcome
from services.publisher.item_files import FileRow, headings_of, read_rows
from services.publisher.item_submission import MAX_ITEMS
from services.publisher.kinds import Kind
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.office import OfficeDep, OfficeDesk, office_layout
from shared.spreadsheet import to_cell
from shared.tables.readers.faults import FileRefused
from shared.tables.readers.sheets import FileUnreadable
from shared.web.bodies import MIB, accept_body
from shared.web.session import DatabaseDep

# A table of 500 items with their texts.
MAX_FILE, MAX_UNPACKED, MAX_BODY = 4 * MIB, 64 * MIB, 5 * MIB
MAX_NAME = 120
DRAFTS = "/desk/drafts"
router = APIRouter(prefix=f"{DRAFTS}/import", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the table and what came of it, or would."""

    number: int
    sheet: str
    title: str
    result: ItemResult


@router.get("/{kind}")
async def import_page(request: Request, kind: str, office: OfficeDep) -> Response:
    """Show where a table of a kind is chosen."""
    return _render(request, office, _importable(office, kind))


@router.get("/{kind}/template.csv")
async def template(kind: str, office: OfficeDep) -> Response:
    """Answer with an empty table that has the headings of a kind."""
    declared = _importable(office, kind)
    text = io.StringIO()
    csv.writer(text).writerow([to_cell(heading) for heading in headings_of(declared)])
    # With the mark by which Excel reads UTF-8.
    headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{kind}", dependencies=[Depends(accept_body(MAX_BODY))])
async def look_through(request: Request, kind: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show what would come of each row of a table; nothing is stored."""
    declared = _importable(office, kind)
    async with request.form(max_files=1, max_part_size=MAX_BODY) as form:
        upload = form.get("table")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return _render(request, office, declared, fault="no_file", status=HTTPStatus.UNPROCESSABLE_ENTITY)
        name, data = Path(upload.filename).name[:MAX_NAME], await upload.read(MAX_FILE + 1)
    try:
        rows = await run_sync(partial(read_table, data, name, declared))
    except FileRefused as refused:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _render(request, office, declared, fault=refused.code, detail=str(refused), status=status)
    if len(rows) > MAX_ITEMS:
        return _render(request, office, declared, fault="too_many_rows", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    readable = [row for row in rows if not row.faults]
    tried = await item_submission.try_items(database, bureau, office.person.name, declared, [row.values for row in readable])
    shown = _shown(declared, rows, tried)
    kept = [row.values for row, result in zip(readable, tried, strict=True) if result.outcome is not Outcome.REFUSED]
    return _render(request, office, declared, name=name, rows=shown, kept=orjson.dumps(kept).decode(), is_try=True)


@router.post("/{kind}/store", dependencies=[Depends(accept_body(MAX_BODY))])
async def store(request: Request, kind: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Store the rows that were looked through as drafts of the person; what is wrong with one by now is said again."""
    declared = _importable(office, kind)
    async with request.form(max_part_size=MAX_BODY) as form:
        rows = _parse_kept(form.get("rows"))
        name = str(form.get("name") or "")[:MAX_NAME]
    results = await item_submission.store_items(database, bureau, office.person.name, declared, rows)
    stored = [FileRow(number, "", values) for number, values in enumerate(rows, 1)]
    return _render(request, office, declared, name=name, rows=_shown(declared, stored, results), is_try=False)


def read_table(data: bytes, name: str, kind: Kind) -> list[FileRow]:
    """Return the rows of an uploaded table, one more than are accepted at most. Raises `FileRefused`."""
    if len(data) > MAX_FILE:
        raise FileUnreadable("too_large", file=name, limit=MAX_FILE // MIB)
    with TemporaryDirectory(prefix="gongshi-table-") as folder:
        path = Path(folder) / "table"
        path.write_bytes(data)
        _check_unpacked(path, name)
        return list(read_rows(path, kind, limit=MAX_ITEMS + 1))


def _check_unpacked(path: Path, name: str) -> None:
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (BadZipFile, ValueError, OSError) as error:
        raise FileUnreadable("damaged_archive", file=name) from error
    if unpacked > MAX_UNPACKED:
        raise FileUnreadable("unpacks_too_large", file=name, limit=MAX_UNPACKED // MIB)


def _parse_kept(value: object) -> list[dict[str, str]]:
    """Return the rows that the page kept; 422 for anything else than it wrote."""
    try:
        rows = orjson.loads(value) if isinstance(value, str) else None
    except orjson.JSONDecodeError:
        rows = None
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_ITEMS or not all(map(_is_row, rows)):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return rows


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(value, str) for value in row.values())


def _importable(office: OfficeDesk, name: str) -> Kind:
    kind = office.kind(name)
    if not kind.natural_key:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return kind


def _shown(kind: Kind, rows: Sequence[FileRow], results: Sequence[ItemResult]) -> list[ShownRow]:
    """Return each row with its result: that of submitting it, or what could not be read of it."""
    submitted = iter(results)
    return [
        ShownRow(
            row.number,
            row.sheet,
            _title(kind, row.values),
            ItemResult(Outcome.REFUSED, faults=row.faults) if row.faults else next(submitted),
        )
        for row in rows
    ]


def _title(kind: Kind, values: Mapping[str, str]) -> str:
    """Return by what people know a row: the fields that tell items apart, words for the codes of lists."""
    words = {each.name: each.choices() for each in kind.typed_fields()}
    named = [(name, values.get(name, "")) for name in ("operator.name", *kind.natural_key)]
    return " ".join(str(words.get(name, {}).get(text, text)) for name, text in named if text)[:MAX_NAME]


def _render(
    request: Request,
    office: OfficeDesk,
    kind: Kind,
    *,
    rows: Sequence[ShownRow] = (),
    status: HTTPStatus = HTTPStatus.OK,
    fault: str = "",
    detail: str = "",
    name: str = "",
    kept: str = "",
    is_try: bool = False,
) -> Response:
    counts = {outcome: sum(row.result.outcome is outcome for row in rows) for outcome in Outcome}
    return render(
        request, "desk/import.html", status=status, kind=kind, rows=rows, counts=counts, headings=headings_of(kind),
        most=MAX_ITEMS, fault=fault, detail=detail, name=name, kept=kept, is_try=is_try, **office_layout(office, "", None),
    )  # fmt: skip
