"""The second stage of redaction: names and addresses leave a complaint's texts before a reviewer reads them.

A text waits in its row until a model has searched it, away from all consumers; one that can't be searched is withheld.
"""

from __future__ import annotations

import structlog

from services.publisher.store import case_summaries
from services.publisher.store.case_summaries import ComplaintTexts, UnsearchedTexts
from shared.metrics import TEXTS_SEARCHED
from shared.personal_data.second_stage.search import NameSearch
from shared.personal_data.spans import replace_spans
from shared.stream import Database
from shared.worker_process.process import WorkerDied, WorkerNotStarted, WorkerRefused

INTERVAL_S = 2.0
BATCH = 20
log = structlog.get_logger(__name__)


async def search_texts(database: Database, search: NameSearch) -> int:
    """Search some of the texts that wait; return how many. Raises `WorkerNotStarted`."""
    async with database.snapshot() as connection:
        waiting = await case_summaries.fetch_unsearched(connection, BATCH)
    if not waiting:
        return 0
    searched = [(each, await _search(each, search)) for each in waiting]
    async with database.unit_of_work() as uow:
        await case_summaries.store_searched(uow.connection, searched, uow.now)
    return len(waiting)


async def search_all_texts(database: Database, search: NameSearch) -> None:
    """Search all texts that wait; while the model's process cannot be started they go on waiting."""
    try:
        while await search_texts(database, search) == BATCH:
            pass
    except WorkerNotStarted:
        log.exception("second_stage_not_started")


async def _search(texts: UnsearchedTexts, search: NameSearch) -> ComplaintTexts:
    """Return what the second stage leaves of the texts; nothing where it fails on them."""
    before = (texts.title or "", texts.story or "")
    try:
        spans = await search.find_spans(before, (texts.operator_name, texts.operator_address))
    except (WorkerDied, WorkerRefused) as error:
        log.warning("second_stage_failed", error=str(error) or type(error).__name__)
        TEXTS_SEARCHED.labels("withheld").inc()
        return ComplaintTexts(None, None)
    title, story = (replace_spans(text, of_text) for text, of_text in zip(before, spans, strict=True))
    TEXTS_SEARCHED.labels("clean" if (title, story) == before else "redacted").inc()
    return ComplaintTexts(title if texts.title is not None else None, story if texts.story is not None else None)
