"""Concurrent intakes on the same complaints and names end as a single one does."""

from __future__ import annotations

import asyncio
import random

import orjson

from services.intake.domain.operators import name_key, provisional_key
from services.intake.domain.report import ReportEvent
from services.intake.ingest import create_intake
from services.intake.submission import submit_reports
from shared import clock
from shared.contracts import ComplaintReport
from shared.database import open_pool
from shared.stream import Database
from shared.stream.outbox import fetch_unsent
from tests.integration.intake.conftest import report

NAMES = ("锦程", "聚贤", "小满", "竹溪")
CLAIMS = {"锦程": "91990102MA9K08RC3G", "聚贤": "91330100MA27XQ3J0C"}


def reports():
    """Three revisions of 120 complaints; two of the names are claimed by a few of them."""
    for number in range(120):
        name = NAMES[number % 4]
        claimed = number >= 112 and name in CLAIMS
        operator = {"name": name, "uscc": CLAIMS[name] if claimed else None}
        for revision, status in enumerate(("received", "accepted", "rejected"), 1):
            data = report(number, revision=revision, status=status, operator=operator)
            yield ReportEvent("/hotlines/1", f"{number}-{revision}", ComplaintReport.model_validate_json(orjson.dumps(data)))


async def test_concurrent_intakes_lose_nothing_and_agree_on_operators(settings):
    everything = list(reports()) * 2
    random.Random(5).shuffle(everything)  # the same disorder each time
    batches = [everything[start : start + 30] for start in range(0, len(everything), 30)]
    pool = await open_pool(settings, "intake")
    database = Database(pool, clock.now, "/gongshi/intake")
    intakes = [create_intake(settings) for _ in range(4)]

    async def work(intake, share):
        for batch in share:
            await submit_reports(database, intake, batch, "http")

    await asyncio.gather(*(work(intake, batches[n::4]) for n, intake in enumerate(intakes)))

    async with database.snapshot() as connection:
        rows = await connection.fetch("SELECT payload, revision, operator_key, source_revision FROM intake.complaints")
        messages = (await fetch_unsent(connection, 1_000_000)).messages
    await pool.close()
    emitted = {}
    for message in messages:
        complaint = orjson.loads(message.value)
        assert complaint["revision"] == emitted.get(complaint["external_id"], {"revision": 0})["revision"] + 1
        emitted[complaint["external_id"]] = complaint
    stored = {(payload := orjson.loads(row["payload"]))["external_id"]: payload for row in rows}
    assert emitted == stored
    assert len(stored) == 120
    for external_id, complaint in stored.items():
        name = NAMES[int(external_id[3:]) % 4]
        assert complaint["operator"]["key"] == CLAIMS.get(name, provisional_key(name_key(name)))
        assert (complaint["status"], complaint["accepted"]) == ("rejected", True)
