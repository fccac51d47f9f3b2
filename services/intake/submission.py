"""Submission of reports outside Kafka: a unit of work of its own, retried on a conflict with another transaction.

Each event stands for itself: what is refused becomes a dead letter with its bytes, and an event that cannot be processed is
found by halves and refused alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg
import orjson
import structlog

from services.intake.cloudevents import UNPROCESSABLE, InvalidEvent
from services.intake.content_types import STRUCTURED
from services.intake.domain.report import ReportEvent, report_key, to_json_fields
from services.intake.ingest import REDACTION_FAILED, Entrance, Ingested, IngestResult, Intake, Refused
from shared import metrics
from shared.contracts.reports import REPORTED
from shared.contracts.topics import REPORTS
from shared.errors import PERMANENT_ERRORS, PROGRAMMING_ERRORS, TransientError
from shared.stream import Database, DeadLetterReason, JournalEntry, SubmittedRecord, UnitOfWork

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 6
BACKOFF_S = 0.02
STRUCTURED_HEADERS = (("content-type", STRUCTURED.encode()),)


@dataclass(frozen=True, slots=True)
class Submission:
    """Events of one entrance in order, parsed. `to_record(index)` is called for refused events only."""

    entrance: Entrance
    events: Sequence[ReportEvent | InvalidEvent]
    to_record: Callable[[int], SubmittedRecord]
    first: int = 0

    def halves(self) -> tuple[Submission, Submission]:
        """Return the first and the second half."""
        middle = len(self.events) // 2
        head, tail = self.events[:middle], self.events[middle:]
        return (
            Submission(self.entrance, head, self.to_record, self.first),
            Submission(self.entrance, tail, self.to_record, self.first + middle),
        )


Follow = Callable[[UnitOfWork], Awaitable[None]]


async def submit(
    database: Database,
    intake: Intake,
    submission: Submission,
    entry: JournalEntry | None = None,
    follow: Follow | None = None,
) -> list[IngestResult]:
    """Ingest events in one transaction and return their results after the commit.

    If any was accepted, `entry` is journalled and `follow` awaited in that transaction.


    An error that will come again is narrowed down by halves to the event that causes it, as in the consumer of Kafka.
    """
    try:
        return await _submit_at_once(database, intake, submission, entry, follow)
    except (*PERMANENT_ERRORS, *PROGRAMMING_ERRORS):
        if len(submission.events) > 1:
            return [result for half in submission.halves() for result in await submit(database, intake, half, entry, follow)]
        if not submission.events or submission.events[0] is UNPROCESSABLE:
            raise
        log.exception("event_unprocessable", entrance=submission.entrance)
        return await submit(
            database, intake, Submission(submission.entrance, [UNPROCESSABLE], submission.to_record, submission.first)
        )


async def submit_reports(
    database: Database,
    intake: Intake,
    reports: Sequence[ReportEvent],
    entrance: Entrance,
    entry: JournalEntry | None = None,
    follow: Follow | None = None,
) -> list[IngestResult]:
    """Submit reports that were not sent as CloudEvents, and return their results; a refused one is written as one."""
    return await submit(
        database, intake, Submission(entrance, reports, lambda index: to_record(reports[index], entrance)), entry, follow
    )


def to_record(event: ReportEvent, entrance: Entrance) -> SubmittedRecord:
    """Return the record of a report in structured mode, with the content as it was parsed."""
    content = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": REPORTED,
        "data": to_json_fields(event.data),
    }
    return SubmittedRecord(REPORTS, entrance, record_key(event), STRUCTURED_HEADERS, orjson.dumps(content))


def record_key(event: ReportEvent | InvalidEvent) -> bytes | None:
    """Return the key of the event's record: source and external id, so that revisions stay in order; None without a report."""
    return report_key(event) if isinstance(event, ReportEvent) else None


async def _submit_at_once(
    database: Database, intake: Intake, submission: Submission, entry: JournalEntry | None, follow: Follow | None
) -> list[IngestResult]:
    """Submit in one transaction. Two transactions on one complaint or one name cannot both commit: the later starts again."""
    for attempt in range(MAX_ATTEMPTS):
        try:
            async with database.unit_of_work() as uow:
                results = await ingest_submission(uow, intake, submission)
                _refuse(uow, submission, results)
                if any(isinstance(result, Ingested) for result in results):
                    if entry:
                        uow.journal(entry)
                    if follow:
                        await follow(uow)
            _count(submission, uow)
        except (TransientError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == MAX_ATTEMPTS - 1:
                raise
            await asyncio.sleep(BACKOFF_S * 2**attempt)
        else:
            return results
    raise AssertionError("unreachable")


async def ingest_submission(uow: UnitOfWork, intake: Intake, submission: Submission) -> list[IngestResult]:
    """Ingest the valid events of a submission in the transaction of `uow`, and return a result for each of its events."""
    valid = [event for event in submission.events if isinstance(event, ReportEvent)]
    ingested = iter(await intake.ingest(uow, valid, submission.entrance) if valid else ())
    return [
        Refused(event.reason, event.findings) if isinstance(event, InvalidEvent) else next(ingested)
        for event in submission.events
    ]


def _refuse(uow: UnitOfWork, submission: Submission, results: Sequence[IngestResult]) -> None:
    """Make dead letters of refused events, and of those whose texts were withheld because redaction failed."""
    for index, result in enumerate(results, submission.first):
        match result:
            case Refused(reason, findings):
                uow.refuse_submission(submission.to_record(index), reason, findings)
            case Ingested(warnings) if warnings:
                uow.refuse_submission(submission.to_record(index), DeadLetterReason.REDACTION_FAILED, (REDACTION_FAILED,))
            case _:
                pass


def _count(submission: Submission, uow: UnitOfWork) -> None:
    for refused in uow.refused_submissions:
        metrics.DEAD_LETTERS.labels("intake", refused.record.topic, refused.reason).inc()
    invalid = sum(isinstance(event, InvalidEvent) for event in submission.events)
    if invalid:
        metrics.REPORTS.labels(submission.entrance, "refused").inc(invalid)
