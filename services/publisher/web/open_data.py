"""Open data: the page of the files, the files, their descriptions and the signed manifest."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from services.publisher.open_data import descriptions
from services.publisher.open_data.snapshot import Snapshot, SnapshotStore
from services.publisher.open_data.tables import TABLES
from services.publisher.store import open_data
from services.publisher.web.api import allow_any_origin
from services.publisher.web.dependencies import render
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep

JSON_LD = "application/ld+json"
RETRY_S = 30
router = APIRouter(include_in_schema=False, dependencies=[Depends(allow_any_origin)])


class SnapshotMissing(HTTPException):
    """There is none yet, or one is made anew since something in it was withdrawn."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(RETRY_S)})


async def _snapshot(request: Request, database: DatabaseDep) -> Snapshot:
    """Return the snapshot to serve. Raises `SnapshotMissing`."""
    store: SnapshotStore = request.app.state.snapshots
    current = store.current
    if current is None:
        raise SnapshotMissing
    async with database.snapshot() as connection:
        if await open_data.is_withdrawn_since(connection, current.release_seq):
            raise SnapshotMissing
    return current


@router.get("/open-data")
async def to_open_data() -> Response:
    """Lead to the page."""
    return RedirectResponse("/open-data/", HTTPStatus.PERMANENT_REDIRECT)


@router.get("/open-data/")
async def open_data_page(request: Request) -> Response:
    """Show the files with their sizes and digests."""
    store: SnapshotStore = request.app.state.snapshots
    return render(request, "portal/open_data.html", snapshot=store.current, tables=TABLES)


@router.get("/open-data/datapackage.json")
async def datapackage(request: Request, database: DatabaseDep, pages: PagesDep) -> Response:
    """Return the Data Package."""
    return _json(descriptions.datapackage(await _snapshot(request, database), pages.site))


@router.get("/open-data/csv-metadata.json")
async def csv_metadata(pages: PagesDep) -> Response:
    """Return the metadata of CSV on the Web."""
    return _json(descriptions.csvw(pages.site), "application/csvm+json")


@router.get("/open-data/catalog.jsonld")
async def catalog(request: Request, database: DatabaseDep, pages: PagesDep) -> Response:
    """Return the catalogue by DCAT-AP 3."""
    return _json(descriptions.catalog(await _snapshot(request, database), pages.site), JSON_LD)


@router.get("/open-data/catalog-zh.json")
async def chinese_catalog(request: Request, database: DatabaseDep, pages: PagesDep) -> Response:
    """Return the fields of a Chinese catalogue."""
    return _json(descriptions.chinese_catalog(await _snapshot(request, database), pages.site))


@router.get("/open-data/manifest.json")
async def manifest(request: Request, database: DatabaseDep) -> Response:
    """Return the signed list of the files with their digests."""
    return _json((await _snapshot(request, database)).manifest)


@router.get("/open-data/{name}")
async def data_file(request: Request, name: str, database: DatabaseDep) -> Response:
    """Return a file; parts of it by `Range`, 304 while it is the same."""
    snapshot = await _snapshot(request, database)
    file = snapshot.file(name)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    tag = f'"{file["sha256"]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "X-Release-Seq": str(snapshot.release_seq)}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return FileResponse(snapshot.folder / name, media_type=file["media_type"], filename=name, headers=headers)


def _json(body: Any, media_type: str = "application/json") -> Response:
    content = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=60"})
