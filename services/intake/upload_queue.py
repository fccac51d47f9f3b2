"""Checks and imports of uploaded lists, one after the other in the background, by the code of `gongshi import`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

import structlog

from services.intake.files.importing import ImportFile, ImportSummary, import_file, import_rows
from services.intake.files.list_dates import create_list_dates
from services.intake.files.mapping import SourceMapping
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.preview import check_only
from services.intake.files.refused_file import RefusedFile
from services.intake.files.table import Table, open_table
from services.intake.files.uploads import OWN, State, Upload, UploadStore
from services.intake.ingest import Intake
from shared.errors import PermanentError
from shared.stream import Database
from shared.tables.readers.faults import FileRefused

log = structlog.get_logger(__name__)

BROKEN = ("the import did not end: start it again, what is in already stays once", "未能完成，请重新开始；已导入的不会重复")
_RESULT = {State.CHECKING: State.CHECKED, State.IMPORTING: State.IMPORTED}
Run = Callable[[ImportFile, Callable[[int], object]], Awaitable[ImportSummary]]


def mapping_of(store: UploadStore, upload: Upload) -> SourceMapping:
    """Return the mapping of a list: its own, or one that ships. Raises `MappingInvalid`."""
    return load_mapping(store.mapping_of(upload) if upload.mapping == OWN else find_mapping(upload.mapping))


def open_upload(store: UploadStore, upload: Upload, mapping: SourceMapping) -> tuple[Table, ImportFile]:
    """Return the table of a list and how it is imported. Raises `FileRefused`."""
    path = store.list_of(upload)
    table = open_table(path, mapping)
    dates = create_list_dates(mapping, path, table.preface, upload.exported_on)
    return table, ImportFile(upload.name, table.rows, mapping, upload.source or mapping.source or "", dates)


def explain(store: UploadStore, upload: Upload, error: FileRefused) -> list[str]:
    """Return why a list or its mapping is refused, in English and in Chinese, without a path of this machine."""
    own = store.mapping_of(upload)
    lines = str(error).replace(str(own), own.name).split("\n")
    # Both halves quote the same values, over as many lines.
    middle = len(lines) // 2
    return [" ".join(lines[:middle]), " ".join(lines[middle:])]


class UploadBusy(PermanentError):
    """A list is at work, or somebody else is changing it."""


class UploadQueue:
    """What waits to be checked or imported, and how far the one at work is."""

    def __init__(self, store: UploadStore, intake: Intake) -> None:
        self.store = store
        self._intake = intake
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._at_work: set[str] = set()
        self._held: set[str] = set()

    @contextmanager
    def hold(self, upload: Upload) -> Iterator[None]:
        """Keep a list for one change at a time. Raises `UploadBusy`."""
        if self.is_at_work(upload):
            raise UploadBusy
        self._held.add(upload.token)
        try:
            yield
        finally:
            self._held.discard(upload.token)

    def start(self, upload: Upload, state: State) -> None:
        """Let a list be checked or imported. Raises `UploadBusy`."""
        if upload.token in self._at_work:
            raise UploadBusy
        self.store.save(upload.model_copy(update={"state": state, "read": 0, "counts": {}, "reasons": {}, "failure": ()}))
        self._at_work.add(upload.token)
        self._waiting.put_nowait(upload.token)

    def is_at_work(self, upload: Upload) -> bool:
        """Return whether a list waits, is read or changed; what was being read when the process ended is not."""
        return upload.token in self._at_work | self._held

    def sweep(self, now: datetime) -> None:
        """Delete what is over its term and not at work."""
        self.store.sweep(now, self._at_work | self._held)

    async def run(self, database: Database) -> None:
        """Take one list after the other, for ever."""
        while True:
            token = await self._waiting.get()
            try:
                if upload := self.store.find(token):
                    await self._process(database, upload)
            except Exception:
                # Not even how it ended could be stored: the queue goes on.
                log.exception("upload_failed")
            finally:
                self._at_work.discard(token)

    async def _process(self, database: Database, upload: Upload) -> None:
        run: Run = partial(self._import, database, upload.by) if upload.state is State.IMPORTING else partial(_check, database)
        try:
            done = await self._read(upload, run)
        except FileRefused as error:
            done = upload.model_copy(update={"state": State.FAILED, "failure": explain(self.store, upload, error)})
        except Exception:
            # Whatever it is, the queue goes on; the page says how to.
            log.exception("upload_failed")
            done = upload.model_copy(update={"state": State.FAILED, "failure": BROKEN})
        self.store.save(done)
        if done.state is State.IMPORTED:
            self.store.list_of(done).unlink(missing_ok=True)

    async def _import(self, database: Database, by: str, file: ImportFile, advance: Callable[[int], object]) -> ImportSummary:
        return await import_file(database, self._intake, file, by, advance)

    async def _read(self, upload: Upload, run: Run) -> Upload:
        mapping = mapping_of(self.store, upload)
        table, file = await asyncio.to_thread(open_upload, self.store, upload, mapping)
        read = 0

        def advance(rows: int) -> None:
            nonlocal read
            read += rows
            self.store.save(upload.model_copy(update={"read": read, "estimate": table.estimate}))

        refused = self.store.refused_of(upload)
        with suppress(FileNotFoundError):
            refused.unlink()
        with RefusedFile(refused, table.headings) as kept:
            summary = await run(ImportFile(file.name, file.rows, mapping, file.source, file.dates, kept.write), advance)
        return upload.model_copy(update=_to_result(summary) | {"state": _RESULT[upload.state]})


async def _check(database: Database, file: ImportFile, advance: Callable[[int], object]) -> ImportSummary:
    return await import_rows(file, partial(check_only, now=database.clock()), advance)


def _to_result(summary: ImportSummary) -> dict[str, object]:
    counts = {"accepted": summary.accepted, "duplicates": summary.duplicates, "refused": summary.refused}
    return {"read": summary.read, "counts": counts, "reasons": summary.reasons, "passed_over": summary.passed_over}
