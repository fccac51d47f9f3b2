"""The calendar that a running service counts by, and the watch over its files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import structlog

from shared.calendar.adoption import adopt_calendar, fetch_calendar, fetch_version, share_calendar
from shared.calendar.calendar import Calendar
from shared.calendar.changes import CalendarChange
from shared.calendar.table import CalendarError
from shared.stream import Database, UnitOfWork

log = structlog.get_logger(__name__)

CHECK_INTERVAL_S = 5.0

FilesSignature = tuple[tuple[str, int, int], ...]
OnChange = Callable[[UnitOfWork, Calendar, CalendarChange], Awaitable[None]]


class CurrentCalendar:
    """The calendar of this process: `value` is replaced, never changed, so that a reference tells which one counted."""

    def __init__(self, value: Calendar, folder: Path | None = None, signature: FilesSignature = ()) -> None:
        self.value = value
        self.folder = folder
        self.signature = signature

    @classmethod
    def load(cls, folder: Path | None) -> CurrentCalendar:
        """Return the calendar of the files; raises `CalendarError` where they cannot be read."""
        signature = files_signature(folder)
        return cls(Calendar.load(folder), folder, signature)

    async def refresh(self, connection: asyncpg.Connection) -> Calendar:
        """Return the current calendar of the service, and take it over where another process adopted it."""
        version = await fetch_version(connection)
        if version is not None and version != self.value.version:
            self.value = await fetch_calendar(connection) or self.value
        return self.value

    async def share(self, connection: asyncpg.Connection) -> Calendar:
        """Return the current calendar, which is not replaced until the transaction ends."""
        await share_calendar(connection)
        return await self.refresh(connection)


class CalendarWatcher:
    """Adopts the calendar of the files when they change, at the start and while the service runs.

    `on_change` recounts what the service has counted by the former calendar, in the transaction of the adoption.
    """

    def __init__(self, database: Database, current: CurrentCalendar, actor: str, on_change: OnChange) -> None:
        self._database = database
        self._current = current
        self._actor = actor
        self._on_change = on_change
        self._seen = current.signature

    async def run(self) -> None:
        """Check every `CHECK_INTERVAL_S`."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            await self.check()

    async def check(self) -> None:
        """Adopt changed files once they have been the same for two checks: one that is still being copied is half a year."""
        signature = await asyncio.to_thread(files_signature, self._current.folder)
        if signature == self._seen != self._current.signature:
            self._current.signature = signature
            calendar = await self._load()
            if calendar is not None:
                await self.adopt(calendar)
        self._seen = signature
        async with self._database.snapshot() as connection:
            await self._current.refresh(connection)

    async def adopt(self, calendar: Calendar) -> None:
        """Adopt a calendar unless it is the current one already, and count by it from now on."""
        async with self._database.unit_of_work() as uow:
            change = await adopt_calendar(uow, calendar, self._actor)
            if change is not None:
                await self._on_change(uow, calendar, change)
        self._current.value = calendar
        if change is not None:
            log.info("calendar_changed", before=change.before, after=change.after, notices=change.notices)

    async def _load(self) -> Calendar | None:
        try:
            return await asyncio.to_thread(Calendar.load, self._current.folder)
        except CalendarError as error:
            log.error("calendar_unreadable", error=str(error), kept=self._current.value.version)  # noqa: TRY400 - the message says it all
            return None


def files_signature(folder: Path | None) -> FilesSignature:
    """Return name, time of change (ns) and size of each file in the folder; empty without one."""
    if folder is None or not folder.is_dir():
        return ()
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.csv")))
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in found)
