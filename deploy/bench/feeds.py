"""What programs fetch of what is public, under open-loop load: feeds, lists of changes, files of the open data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx2

from deploy import runtime
from deploy.bench.pages import Advance, NothingReleased, request_pages
from deploy.databases import connect_database
from shared.contracts import Board
from shared.reference import districts
from shared.settings import Settings

SAMPLE_CODES = "SELECT uscc FROM publisher.public_operators WHERE uscc IS NOT NULL ORDER BY random() LIMIT 500"
SAMPLE_INDUSTRIES = "SELECT DISTINCT industry FROM publisher.public_operators WHERE industry IS NOT NULL ORDER BY industry"
LAST = "SELECT coalesce(max(release_seq), 0) FROM publisher.public_items"
COUNT = "SELECT count(*) FROM publisher.public_items WHERE state <> 'withdrawn'"
DELTA_PAGES = 200
LIMIT = 50


async def measure(settings: Settings, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Request feeds, deltas and descriptions and files of the open data in turn, `rate` a second, each on schedule."""
    running = runtime.read(settings.home)
    if running is None:
        raise NothingReleased
    portal = running.services["publisher"].url
    async with connect_database(runtime.resolve_addresses(settings)) as connection:
        codes = [row["uscc"] for row in await connection.fetch(SAMPLE_CODES)]
        industries = [row["industry"] for row in await connection.fetch(SAMPLE_INDUSTRIES)]
        last, held = int(await connection.fetchval(LAST)), int(await connection.fetchval(COUNT))
    files = await _find_files(portal)
    if not codes or not industries or not files:
        raise NothingReleased
    kinds: dict[str, Sequence[str]] = {
        "feed of a board": [f"{portal}/feeds/{board.value}.atom" for board in Board],
        "feed of an operator": [f"{portal}/feeds/operators/{code}.atom" for code in codes],
        "feed of a region": [f"{portal}/feeds/regions/{region.code}.atom" for region in districts()],
        "feed of an industry": [f"{portal}/feeds/industries/{industry}.atom" for industry in industries],
        "delta": [f"{portal}/api/delta?cursor={last * n // DELTA_PAGES}&limit={LIMIT}" for n in range(DELTA_PAGES)],
        "description": [f"{portal}/open-data/{name}" for name in ("manifest.json", "datapackage.json", "catalog.jsonld")],
        "file": [f"{portal}/open-data/{name}" for name in files],
    }
    load = await request_pages(kinds, rate, seconds, seed, running.reader_key, advance)
    return {
        "bench": "feeds",
        "items_held": held,
        "requests_per_second": rate,
        **load.summary(),
    }


async def _find_files(portal: str) -> list[str]:
    """Return the names of the open data's files of figures: the smaller ones, as whole files are a matter of their size."""
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as client:
        answer = await client.get(f"{portal}/open-data/manifest.json")
    if answer.status_code != httpx2.codes.OK:
        return []
    named = [(file["bytes"], file["name"]) for file in answer.json()["files"]]
    return [name for _, name in sorted(named)[: max(1, len(named) // 2)]]
