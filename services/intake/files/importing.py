"""Importing a file: rows in batches through the step that every entrance shares, each batch committed for itself.

An import that was interrupted is simply started again: what is in already is known as a duplicate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, assert_never

from services.intake.domain.report import Reported
from services.intake.entrance import take_in
from services.intake.files.mapping import SourceMapping
from services.intake.files.rows import BadRow, in_columns, to_report
from services.intake.files.table import Row
from services.intake.ingest import Accepted, Answer, Declined, Intake, Repeated
from shared.database.pool import acquire
from shared.stream import Entry, Store, Unit

BATCH = 2_000
MOST_FAULTS = 1_000
"""Rows whose faults are kept to be shown; all are counted."""

Apply = Callable[[Sequence[Reported]], Awaitable[list[Answer]]]


@dataclass(slots=True)
class Summary:
    """What became of a file's rows. `reasons` counts refused rows by code, a row once for each of its codes."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[BadRow] = field(default_factory=list)

    def refuse(self, bad: BadRow) -> None:
        """Count a refused row."""
        self.refused += 1
        self.reasons.update({detail.code for detail in bad.details})
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(bad)

    def as_json(self) -> dict[str, Any]:
        """Return the counts as they are told on the outside."""
        counts = {"read": self.read, "accepted": self.accepted, "duplicates": self.duplicates, "refused": self.refused}
        return counts | {"reasons": dict(sorted(self.reasons.items()))}


@dataclass(frozen=True, slots=True)
class File:
    """A file to import: its rows, how to read them, and the source that they come from."""

    name: str
    rows: Iterable[Row]
    mapping: SourceMapping
    source: str


async def import_file(
    store: Store, intake: Intake, file: File, actor: str, on_progress: Callable[[int], object] = lambda _: None
) -> Summary:
    """Import every row, and leave a trace of it in the journal. `on_progress` is told how many more rows are done."""
    summary = await _run(file, partial(take_in, store, intake, entrance="file"), on_progress)
    async with store.unit() as unit:
        detail = {"file": file.name, **summary.as_json()}
        unit.record(Entry(actor, "file_imported", file.source, detail=detail))
    return summary


async def try_file(store: Store, intake: Intake, file: File, on_progress: Callable[[int], object] = lambda _: None) -> Summary:
    """Return what an import would do: everything happens in one transaction, which is rolled back.

    `intake` must serve for this trial only, since it remembers what it reads.
    """
    async with acquire(store.pool) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await _run(file, partial(_apply_only, Unit(connection, store.clock(), store.source), intake), on_progress)
        finally:
            await transaction.rollback()


async def _apply_only(unit: Unit, intake: Intake, reports: Sequence[Reported]) -> list[Answer]:
    answers = await intake.take_in(unit, reports, "file")
    unit.letters.clear()
    return answers


async def _run(file: File, apply: Apply, on_progress: Callable[[int], object]) -> Summary:
    summary = Summary()
    for batch in _batches(file.rows):
        read = [(row.number, to_report(row, file.mapping, file.source)) for row in batch]
        sound = [(number, event) for number, event in read if isinstance(event, Reported)]
        for bad in (event for _, event in read if isinstance(event, BadRow)):
            summary.refuse(bad)
        answers = await apply([event for _, event in sound]) if sound else []
        for (number, _), answer in zip(sound, answers, strict=True):
            _tally(summary, number, answer, file.mapping)
        summary.read += len(batch)
        on_progress(len(batch))
    return summary


def _tally(summary: Summary, number: int, answer: Answer, mapping: SourceMapping) -> None:
    match answer:
        case Accepted():
            summary.accepted += 1
        case Repeated():
            summary.duplicates += 1
        case Declined(_, details):
            summary.refuse(BadRow(number, tuple(in_columns(details, mapping))))
        case _:
            assert_never(answer)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
