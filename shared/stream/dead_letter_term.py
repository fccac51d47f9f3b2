"""The term of dead letters: a refused record may name persons, and is deleted some time after it was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.stream.dead_letters import delete_older
from shared.stream.journal import JournalEntry
from shared.stream.unit_of_work import Database

SWEEP_INTERVAL_S = 3_600.0


class DeadLetterTerm:
    """Deletes dead letters of a service at their term; `term` is that in force at a moment."""

    def __init__(self, database: Database, service: str, term: Callable[[datetime], timedelta]) -> None:
        self._database = database
        self._service = service
        self._term = term

    async def sweep(self) -> None:
        """Delete once, replayed or not; the number is in the journal."""
        async with self._database.unit_of_work() as uow:
            if count := await delete_older(uow.connection, uow.now - self._term(uow.now)):
                uow.journal(JournalEntry(self._service, "term_reached", "dead_letters", detail={"count": count}))
