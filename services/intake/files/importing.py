"""Importing a file: rows in batches through the step that every entrance shares, each batch committed for itself.

An import that was interrupted is simply started again: what is in already is known as a duplicate.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, assert_never

from services.intake.domain.report import ReportEvent
from services.intake.files.list_dates import ListDates
from services.intake.files.mapping import SourceMapping
from services.intake.files.refusals import to_event, to_record
from services.intake.files.rows import ConvertedRow, PassedOverRow, RefusedRow, RowConverter
from services.intake.files.table import Row
from services.intake.ingest import Duplicate, Ingested, IngestResult, Intake, Refused
from services.intake.submission import Submission, ingest_submission, submit
from shared.database.connections import acquire
from shared.stream import Database, JournalEntry, SubmittedRecord, UnitOfWork

BATCH_SIZE = 2_000
MAX_LISTED_ROWS = 1_000
"""Refused rows kept for the listing; all are counted."""

Submit = Callable[[Submission], Awaitable[list[IngestResult]]]


@dataclass(slots=True)
class ImportSummary:
    """Counts over the rows of a file. `reasons`: refused rows by code of their findings, a row once for each code.

    `passed_over`: rows that the mapping passes over, by the word that says so.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    refused_rows: list[RefusedRow] = field(default_factory=list)

    def refuse(self, row: RefusedRow) -> None:
        """Count a refused row."""
        self.refused += 1
        self.reasons.update({finding.code for finding in row.findings})
        if len(self.refused_rows) < MAX_LISTED_ROWS:
            self.refused_rows.append(row)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as the JSON object that the command prints."""
        counts = {"read": self.read, "accepted": self.accepted, "duplicates": self.duplicates, "refused": self.refused}
        return counts | {"reasons": dict(sorted(self.reasons.items())), "passed_over": dict(sorted(self.passed_over.items()))}


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file to import: its rows, their mapping, their source, and what dates them where they have no revision numbers.

    `on_refused` is called with each refused row and its findings.
    """

    name: str
    rows: Iterable[Row]
    mapping: SourceMapping
    source: str
    dates: ListDates | None = None
    on_refused: Callable[[Row, RefusedRow], object] = lambda *_: None


async def import_file(
    database: Database, intake: Intake, file: ImportFile, actor: str, on_progress: Callable[[int], object] = lambda _: None
) -> ImportSummary:
    """Import every row and journal the summary. `on_progress` is called with the size of each finished batch."""
    summary = await import_rows(file, partial(submit, database, intake), on_progress)
    async with database.unit_of_work() as uow:
        detail = {"file": file.name, **summary.to_json()}
        uow.journal(JournalEntry(actor, "file_imported", file.source, detail=detail))
    return summary


async def dry_run_file(
    database: Database, intake: Intake, file: ImportFile, on_progress: Callable[[int], object] = lambda _: None
) -> ImportSummary:
    """Return the summary of an import without its effects: one transaction, rolled back.

    `intake` must not be used afterwards: its caches hold rows that were rolled back.
    """
    async with acquire(database.pool) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await import_rows(
                file, partial(_ingest_only, UnitOfWork(connection, database.clock(), database.source), intake), on_progress
            )
        finally:
            await transaction.rollback()


async def _ingest_only(uow: UnitOfWork, intake: Intake, submission: Submission) -> list[IngestResult]:
    results = await ingest_submission(uow, intake, submission)
    uow.messages.clear()
    return results


async def import_rows(
    file: ImportFile, submit_batch: Submit, on_progress: Callable[[int], object] = lambda _: None
) -> ImportSummary:
    """Convert every row and submit it, in batches; return the counts."""
    summary, converter = ImportSummary(), RowConverter(file.mapping, file.source, file.dates)
    batches = _batches(file.rows)
    # In a thread: whatever else the process serves goes on while a batch is read and converted.
    while read := await asyncio.to_thread(_convert, batches, converter):
        rows = [(row, each) for row, each in read if not isinstance(each, PassedOverRow)]
        summary.passed_over.update(each.word for _, each in read if isinstance(each, PassedOverRow))
        results = await submit_batch(_to_submission(file, rows)) if rows else []
        for (row, each), result in zip(rows, results, strict=True):
            refused = _tally(summary, row, each, result, converter)
            if refused is not None:
                file.on_refused(row, refused)
        summary.read += len(read)
        on_progress(len(read))
    return summary


def _convert(batches: Iterator[list[Row]], converter: RowConverter) -> list[tuple[Row, ConvertedRow]]:
    """Return the rows of the next batch, converted; none after the last."""
    return [(row, converter.to_report(row)) for row in next(batches, [])]


def _to_submission(file: ImportFile, rows: Sequence[tuple[Row, ReportEvent | RefusedRow]]) -> Submission:
    def to_record_at(index: int) -> SubmittedRecord:
        return to_record(file.name, file.source, *rows[index])

    return Submission("file", [to_event(each) for _, each in rows], to_record_at)


def _tally(
    summary: ImportSummary, row: Row, converted: ReportEvent | RefusedRow, result: IngestResult, converter: RowConverter
) -> RefusedRow | None:
    """Count a row; return it with its findings where it is refused."""
    match result:
        case Ingested():
            summary.accepted += 1
        case Duplicate():
            summary.duplicates += 1
        case Refused(_, findings):
            is_converted = isinstance(converted, ReportEvent)
            refused = RefusedRow(row.number, converter.locate(findings) if is_converted else findings, row.sheet)
            summary.refuse(refused)
            return refused
        case _:
            assert_never(result)
    return None


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_SIZE)):
        yield batch
