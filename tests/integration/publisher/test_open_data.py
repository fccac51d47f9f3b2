"""Open data: files that others' programs accept, a signed manifest, and a mirror that is exact under concurrent writes."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import frictionless
import orjson
import pyarrow.parquet
import pytest
from pyshacl import validate
from python_calamine import load_workbook
from rdflib import Graph

from deploy.mirror.__main__ import canonical, digest, follow
from services.publisher.open_data.snapshot import is_signed
from tests.integration.probes import wait_until
from tests.integration.publisher.events import figure, month_closed, ruling
from tests.integration.publisher.running_publisher import run_month

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]
SHAPES = Path(__file__).parent / "dcat_ap_shapes.ttl"


async def refreshed(publisher):
    """Wait for a snapshot that has all that is public now."""
    await publisher.app.state.snapshots.renew(publisher.database)

    async def is_served():
        return (await publisher.public.get("/open-data/manifest.json")).status_code == 200

    await wait_until("a snapshot", is_served)
    return await publisher.json("/open-data/manifest.json")


async def make_anew(publisher):
    publisher.app.state.snapshots.current = None
    return await refreshed(publisher)


async def save(publisher, folder, *names):
    for name in names:
        response = await publisher.public.get(f"/open-data/{name}")
        assert response.status_code == 200, name
        (folder / name).write_bytes(response.content)


async def withdraw(publisher, item_id, number=1):
    await publisher.produce(ruling(item_id, "withdrawn", number))

    async def is_gone():
        return (await publisher.public.get(f"/api/items/{item_id}")).status_code == 410

    await wait_until("the withdrawal", is_gone)


@pytest.fixture
async def city(engines, template, tmp_path):
    async with run_month(engines, template, tmp_path / "home") as publisher:
        yield publisher


async def test_files_agree_with_each_other_and_others_programs_take_them(city, tmp_path):
    manifest = await make_anew(city)
    names = [file["name"] for file in manifest["files"]]
    assert names == [f"{table}.{kind}" for table in ("items", "figures") for kind in ("csv", "jsonl", "xlsx", "parquet")]
    await save(city, tmp_path, *names, "datapackage.json", "csv-metadata.json", "catalog.jsonld", "catalog-zh.json")

    assert is_signed(manifest, manifest["public_key"])
    assert not is_signed({**manifest, "release_seq": manifest["release_seq"] + 1}, manifest["public_key"])
    for file in manifest["files"]:
        content = (tmp_path / file["name"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"])

    report = await asyncio.to_thread(frictionless.validate, str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    with (tmp_path / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tmp_path / "items.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    lines = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines()]
    table = pyarrow.parquet.read_table(tmp_path / "items.parquet").to_pylist()
    sheet = load_workbook(tmp_path / "items.xlsx").get_sheet_by_index(0).to_python()
    listed = {item["item_id"] for item in await city.items()}
    assert (
        {row["item_id"] for row in rows} == {line["item_id"] for line in lines} == {row["item_id"] for row in table} == listed
    )
    assert {row[0] for row in sheet[1:]} == listed
    figures = [json.loads(line) for line in (tmp_path / "figures.jsonl").read_text("utf-8").splitlines()]
    assert sorted(figure["complaints"] for figure in figures) == [7, 41, 64]
    assert orjson.loads((tmp_path / "catalog-zh.json").read_bytes())["resources"][0]["更新周期"] == "2"


async def test_the_catalogue_is_valid_by_dcat_ap(city, tmp_path):
    await make_anew(city)
    await save(city, tmp_path, "catalog.jsonld")
    graph = Graph().parse(tmp_path / "catalog.jsonld", format="json-ld")
    shapes = Graph().parse(SHAPES, format="turtle")

    conforms, _, text = await asyncio.to_thread(validate, graph, shacl_graph=shapes)
    assert conforms, text

    broken = orjson.loads((tmp_path / "catalog.jsonld").read_bytes())
    del broken["dcat:dataset"][0]["dct:title"]
    damaged = Graph().parse(data=orjson.dumps(broken), format="json-ld")
    assert not (await asyncio.to_thread(validate, damaged, shacl_graph=shapes))[0]


async def test_nothing_withdrawn_is_served_not_even_from_yesterdays_files(city):
    await make_anew(city)
    first = (await city.items())[0]
    city.app.state.snapshots.renew = lambda _database: asyncio.sleep(0, result=False)
    await withdraw(city, first["item_id"])

    stale = await city.public.get("/open-data/items.csv")
    del city.app.state.snapshots.renew
    await refreshed(city)
    fresh = await city.public.get("/open-data/items.csv")

    assert (stale.status_code, stale.headers["retry-after"]) == (503, "30")
    assert fresh.status_code == 200
    assert first["item_id"] not in fresh.text
    assert first["operator"]["name"] not in fresh.text


async def test_files_are_had_in_parts_and_only_when_they_changed(city):
    await make_anew(city)
    whole = await city.public.get("/open-data/items.jsonl")
    same = await city.public.get("/open-data/items.jsonl", headers={"if-none-match": whole.headers["etag"]})
    part = await city.public.get("/open-data/items.jsonl", headers={"range": "bytes=0-9"})

    assert same.status_code == 304
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert (await city.public.get("/open-data/none.csv")).status_code == 404
    assert (await city.public.get("/open-data/")).status_code == 200


async def public_lines(publisher):
    async with publisher.database.snapshot() as connection:
        rows = await connection.fetch("SELECT body FROM publisher.public_items WHERE state <> 'withdrawn' ORDER BY release_seq")
    return {json.loads(row["body"])["item_id"]: json.loads(row["body"])["version"] for row in rows}


async def test_a_mirror_is_exact_after_writes_in_between(city, tmp_path):
    """The mirror is read three items at a time while others are released, corrected and withdrawn."""
    done = asyncio.Event()

    async def write():
        for number in range(4):
            month = f"2026-0{number + 1}"
            await city.produce(*(figure(i, 5 + i + number, month=month) for i in range(4)))
            await city.produce(month_closed(4, sum(5 + i + number for i in range(4)), month=month))
            await city.release_all()
        first, second = (await city.items())[:2]
        await withdraw(city, first["item_id"], 1)
        await withdraw(city, second["item_id"], 2)
        done.set()

    def read():
        with closing(sqlite3.connect(tmp_path / "mirror.sqlite3")) as mirror:
            follow(mirror, city.url, limit=3)
            rows = mirror.execute("SELECT item_id, body FROM items").fetchall()
            return {item_id: json.loads(body)["version"] for item_id, body in rows}, digest(mirror)

    writing = asyncio.create_task(write())
    while not done.is_set():
        await asyncio.to_thread(read)
        if writing.done():
            await writing
    await writing
    mirrored, found = await asyncio.to_thread(read)

    assert mirrored == await public_lines(city)
    pages, cursor = [], 0
    while True:
        page = await city.json(f"/api/delta?cursor={cursor}")
        pages += [canonical(change["item"]) + "\n" for change in page["changes"] if change["op"] == "put"]
        cursor = page["next_cursor"]
        if page["complete"]:
            break
    assert hashlib.sha256("".join(pages).encode()).hexdigest() == found


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=x", "limit=0", "limit=501", "cursor=99999999999999999999"])
async def test_a_cursor_that_is_none_is_refused(month, query):
    answer = await month.public.get(f"/api/delta?{query}")

    assert answer.status_code in {400, 422} or answer.json()["changes"]
