"""The clerks' pages of lists: upload, preview, check, import, and the refused rows to be mended and sent again."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import UploadFile

from services.intake.domain.keys import is_reserved
from services.intake.domain.report import LINE_PATTERN
from services.intake.files.guessing import guess_mapping, to_yaml
from services.intake.files.mapping_file import list_shipped, shipped_titles
from services.intake.files.preview import PreviewRow, preview_rows
from services.intake.files.rows import RowConverter
from services.intake.files.uploads import MAX_LIST, MAX_MAPPING, OWN, State, StorageFull, Upload, UploadStore, UploadTooLarge
from services.intake.texts import finding_text
from services.intake.upload_queue import UploadBusy, UploadQueue, explain, mapping_of, open_upload
from services.intake.web.entry_page import DESK, Clerk, desk_context
from shared.stream import Database, JournalEntry
from shared.tables.readers.faults import FileRefused
from shared.web.bodies import MIB, STAFF_FORM, accept_body
from shared.web.forms import require_form
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

FILES = DESK + "/files"
PREVIEWED, LISTED, REFRESH_S = 10, 20, 2
GUESS = "guess"
FAULTS: dict[str, Text] = {
    "none": _("请选择清单文件"),
    "large": _("清单不能超过50 MB"),
    "full": _("暂存空间已满，请先删除用不着的清单"),
    "source": _("来源须为一串不带空格的字符，例如/hotlines/12345/330100"),
    "gone": _("清单已导入或已删除，请重新上传"),
    "busy": _("正在处理，请稍候"),
}
STATES: dict[State, Text] = {
    State.NEW: _("待预检"),
    State.CHECKING: _("正在预检"),
    State.CHECKED: _("已预检"),
    State.IMPORTING: _("正在导入"),
    State.IMPORTED: _("已导入"),
    State.FAILED: _("未能完成"),
}
Token = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]


class Act(StrEnum):
    """What is done with a list."""

    SAVE = "save"
    CHECK = "check"
    IMPORT = "import"
    DELETE = "delete"


def get_queue(request: Request) -> UploadQueue:
    """Return what checks and imports lists."""
    queue: UploadQueue = request.app.state.uploads
    return queue


Queue = Annotated[UploadQueue, Depends(get_queue)]
router = APIRouter(tags=["desk"], include_in_schema=False)


@router.get(FILES)
async def show_files(request: Request, clerk: Clerk, queue: Queue, pages: PagesDep, fault: str = "") -> Response:
    """Show the form of an upload and the lists that were uploaded."""
    uploads = await asyncio.to_thread(queue.store.list_all)
    return pages.render(
        request, "files.html", uploads=uploads[:LISTED], states=STATES, mappings=shipped_titles(), fault=FAULTS.get(fault),
        **desk_context(clerk, FILES),
    )  # fmt: skip


@router.post(FILES, dependencies=[Depends(accept_body(MAX_LIST + MIB)), Depends(require_form)])
async def upload_file(request: Request, clerk: Clerk, database: DatabaseDep, queue: Queue) -> Response:
    """Store a list, and draft its mapping where none was chosen."""
    async with request.form(max_files=1, max_fields=10) as form:
        file, mapping = form.get("file"), str(form.get("mapping") or GUESS)
        if not isinstance(file, UploadFile) or not file.filename:
            return _back_with("none")
        try:
            upload = await asyncio.to_thread(_store, queue.store, file.file, file.filename, clerk.name, database.clock())
        except UploadTooLarge:
            return _back_with("large")
        except StorageFull:
            return _back_with("full")
    try:
        upload = await asyncio.to_thread(_choose_mapping, queue.store, upload, mapping)
    except FileNotFoundError:
        return _back_with("gone")
    async with database.unit_of_work() as uow:
        uow.journal(JournalEntry(clerk.name, "file_uploaded", upload.token, detail={"mapping": upload.mapping}))
    return RedirectResponse(f"{FILES}/{upload.token}", HTTPStatus.SEE_OTHER)


@router.get(FILES + "/{token}")
async def show_file(
    request: Request, clerk: Clerk, database: DatabaseDep, queue: Queue, pages: PagesDep, token: Token, fault: str = ""
) -> Response:
    """Show what a list's first rows become, and how far it is; while it is at work the page comes again by itself."""
    upload = _find(queue.store, token)
    at_work, shown = queue.is_at_work(upload), dict[str, Any]()
    try:
        if not at_work and queue.store.list_of(upload).is_file():
            shown = await asyncio.to_thread(_preview, queue.store, upload, database.clock())
    except FileNotFoundError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    own = queue.store.mapping_of(upload)
    return pages.render(
        request, "file.html", upload=upload, states=STATES, at_work=at_work, refresh_s=REFRESH_S if at_work else 0,
        is_here=queue.store.list_of(upload).is_file(), has_refused=queue.store.refused_of(upload).is_file(),
        mappings=shipped_titles(), own=own.read_text(encoding="utf-8") if own.is_file() else "", fault=FAULTS.get(fault),
        finding_text=finding_text, **({"rows": (), "notes": (), "refusal": ()} | shown), **desk_context(clerk, FILES),
    )  # fmt: skip


@router.post(FILES + "/{token}", dependencies=[Depends(accept_body(STAFF_FORM))])
async def act_on_file(
    clerk: Clerk, database: DatabaseDep, queue: Queue, token: Token, act: Annotated[Act, Form()] = Act.SAVE,
    mapping: Annotated[PlainText, Form(max_length=100)] = OWN, own: Annotated[PlainText, Form(max_length=MAX_MAPPING)] = "",
    source: Annotated[PlainText, Form(max_length=200)] = "", exported_on: Annotated[date | None, Form()] = None,
) -> Response:  # fmt: skip
    """Change how a list is read, check it, import it or delete it."""
    upload = _find(queue.store, token)
    try:
        with queue.hold(upload):
            if act is Act.DELETE:
                return await _delete(clerk.name, database, queue, token)
            changed = upload.model_copy(update={"mapping": mapping, "source": source.strip(), "exported_on": exported_on})
            return await _change(queue, changed, own, act)
    except UploadBusy:
        return _back_with("busy", token)
    except FileNotFoundError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None


async def _delete(by: str, database: Database, queue: UploadQueue, token: str) -> Response:
    await asyncio.to_thread(queue.store.delete, token)
    async with database.unit_of_work() as uow:
        uow.journal(JournalEntry(by, "upload_deleted", token))
    return RedirectResponse(FILES, HTTPStatus.SEE_OTHER)


async def _change(queue: UploadQueue, upload: Upload, own: str, act: Act) -> Response:
    """Store how a list is read, and start what is to be done with it."""
    token, mapping = upload.token, upload.mapping
    if not queue.store.list_of(upload).is_file():
        return _back_with("gone", token)
    if mapping != OWN and mapping not in list_shipped():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    if mapping == OWN:
        queue.store.mapping_of(upload).write_text(own.replace("\r\n", "\n"), encoding="utf-8")
    named = upload.source or await asyncio.to_thread(_source_of, queue.store, upload)
    changed = upload.model_copy(update={"source": named, "state": State.NEW, "counts": {}, "failure": ()})
    queue.store.save(changed)
    if act is not Act.SAVE:
        if not re.fullmatch(LINE_PATTERN, named) or is_reserved(named):
            return _back_with("source", token)
        queue.start(changed, State.IMPORTING if act is Act.IMPORT else State.CHECKING)
    return RedirectResponse(f"{FILES}/{token}", HTTPStatus.SEE_OTHER)


@router.get(FILES + "/{token}/refused")
async def download_refused(_clerk: Clerk, queue: Queue, token: Token) -> Response:
    """Return the refused rows with their reasons, as a table to be mended and uploaded again."""
    upload = _find(queue.store, token)
    path = queue.store.refused_of(upload)
    if queue.is_at_work(upload) or not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    name = quote(f"{upload.name.rpartition('.')[0] or upload.name}-refused.csv")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"}
    return FileResponse(path, media_type="text/csv; charset=utf-8", headers=headers)


def _find(store: UploadStore, token: str) -> Upload:
    upload = store.find(token)
    if upload is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return upload


def _back_with(fault: str, token: str = "") -> Response:
    return RedirectResponse(f"{FILES}{f'/{token}' if token else ''}?fault={fault}", HTTPStatus.SEE_OTHER)


def _store(store: UploadStore, content: BinaryIO, name: str, by: str, at: datetime) -> Upload:
    content.seek(0)
    return store.create(content, name, by, at)


def _choose_mapping(store: UploadStore, upload: Upload, chosen: str) -> Upload:
    """Return the upload with the mapping that was chosen, with one that ships and fits, or with a draft of its own."""
    name = chosen
    if chosen not in list_shipped():
        try:
            draft = guess_mapping(store.list_of(upload))
        except FileRefused:
            name = "gongshi"
        else:
            name = draft.fits or OWN
            store.mapping_of(upload).write_text(to_yaml(upload.name, draft), encoding="utf-8")
    mapped = upload.model_copy(update={"mapping": name})
    mapped = mapped.model_copy(update={"source": _source_of(store, mapped)})
    store.save(mapped)
    return mapped


def _source_of(store: UploadStore, upload: Upload) -> str:
    """Return the source that the mapping names."""
    try:
        return mapping_of(store, upload).source or ""
    except FileRefused:
        return ""


def _preview(store: UploadStore, upload: Upload, now: datetime) -> dict[str, Any]:
    """Return the first rows as reports, or why the list cannot be read by this mapping."""
    try:
        mapping = mapping_of(store, upload)
        table, file = open_upload(store, upload, mapping)
        converter = RowConverter(mapping, file.source or "/checked", file.dates)
        rows: list[PreviewRow] = list(preview_rows(islice(table.rows, PREVIEWED), converter, now))
    except FileRefused as error:
        return {"refusal": explain(store, upload, error)}
    return {"rows": rows, "notes": table.notes}
