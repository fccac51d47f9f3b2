"""The second stage of redaction: names and addresses leave a complaint's texts before a reviewer reads them.

A text waits in its row until a model has searched it, away from all consumers; one that can't be searched is withheld.
"""

from __future__ import annotations

import asyncio

import structlog

from services.publisher.store import case_summaries
from services.publisher.store.case_summaries import ComplaintTexts, UnsearchedTexts
from shared.metrics import TEXTS_SEARCHED
from shared.personal_data.second_stage import load_second_stage
from shared.stream import Database

INTERVAL_S = 2.0
BATCH = 20
log = structlog.get_logger(__name__)


async def search_texts(database: Database) -> int:
    """Search some of the texts that wait; return how many."""
    async with database.snapshot() as connection:
        waiting = await case_summaries.fetch_unsearched(connection, BATCH)
    if not waiting:
        return 0
    # In a thread: the model computes for some milliseconds a text.
    searched = [(each, await asyncio.to_thread(search, each)) for each in waiting]
    async with database.unit_of_work() as uow:
        await case_summaries.store_searched(uow.connection, searched, uow.now)
    return len(waiting)


async def search_all_texts(database: Database) -> None:
    """Search all texts that wait."""
    while await search_texts(database) == BATCH:
        pass


def search(texts: UnsearchedTexts) -> ComplaintTexts:
    """Return what the second stage leaves of the texts; nothing where it fails on them."""
    stage = load_second_stage((texts.operator_name, texts.operator_address))
    try:
        title, story = (text and stage.redact(text) for text in (texts.title, texts.story))
    except Exception as error:
        log.warning("second_stage_failed", error=type(error).__name__)
        TEXTS_SEARCHED.labels("withheld").inc()
        return ComplaintTexts(None, None)
    TEXTS_SEARCHED.labels("clean" if (title, story) == (texts.title, texts.story) else "redacted").inc()
    return ComplaintTexts(title, story)
