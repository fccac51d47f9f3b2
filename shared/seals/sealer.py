"""The sealer: reads how far the journals have come, and signs it, unless they contradict what it signed before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from shared.contracts.seals import JournalHead, JournalSealed
from shared.database import use_schema
from shared.errors import PermanentError
from shared.seals.journal_check import JournalCheck, SealedHead
from shared.seals.seal import NO_SEAL, SealingKey, seal_digest
from shared.stream.journal import stream_entries

# A quiet system is sealed as well: that seals stop coming is a sign by itself.
MAX_AGE = timedelta(hours=1)


class JournalContradictsSeal(PermanentError):
    """A journal is not what was sealed: entries are gone or others. `gongshi verify journal` tells where."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__(f"{self.__doc__} " + "; ".join(faults))


HASH_AT = "SELECT hash FROM journal WHERE seq = $1"


@dataclass(slots=True)
class Sealer:
    """Makes the seals of one key. `last`: its newest seal so far.

    After a start every journal is read from its first entry; from then on only what is new. Between two seals the entry that
    was sealed last must still be there.
    """

    key: SealingKey
    journals: tuple[str, ...]
    last: JournalSealed | None = None
    _checks: dict[str, JournalCheck] = field(default_factory=dict)

    async def seal(self, connection: asyncpg.Connection, now: datetime, *, force: bool = False) -> JournalSealed | None:
        """Return a new seal; None where nothing was added since the last one and that is younger than an hour.

        Raises `JournalContradictsSeal`.
        """
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            heads = [await self._read_on(connection, journal) for journal in self.journals]
        if not force and self.last and self.last.journals == tuple(heads) and now - self.last.sealed_at < MAX_AGE:
            return None
        number, previous = (self.last.number + 1, seal_digest(self.last)) if self.last else (1, NO_SEAL)
        self.last = self.key.seal(number, previous, now, heads)
        return self.last

    async def _read_on(self, connection: asyncpg.Connection, journal: str) -> JournalHead:
        await use_schema(connection, journal)
        check = self._checks.get(journal) or JournalCheck(self._sealed_heads(journal))
        self._checks.pop(journal, None)
        size = check.frontier.size
        if size and await connection.fetchval(HASH_AT, size) != check.last_hash:
            raise JournalContradictsSeal([f"{journal}: entry {size} is gone or another"])
        async for entry in stream_entries(connection, size):
            check.add(entry)
        if faults := check.finish():
            raise JournalContradictsSeal(f"{journal}: {fault}" for fault in faults)
        self._checks[journal] = check
        return check.head(journal)

    def _sealed_heads(self, journal: str) -> list[SealedHead]:
        if self.last is None:
            return []
        return [SealedHead(self.last.number, head) for head in self.last.journals if head.journal == journal]
