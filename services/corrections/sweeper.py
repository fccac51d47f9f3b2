"""The sweep of what has come to its term: contacts, evidence, and tracking codes that open nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.corrections.store.terms import remove_contacts, remove_evidence
from services.corrections.store.tracking_codes import sweep_codes
from shared.rules import Rules
from shared.stream import Database, JournalEntry

ACTOR = "corrections"


class Sweeper:
    """Removes what has come to its term; `rules` are those in force at a moment."""

    def __init__(self, database: Database, rules: Callable[[datetime], Rules]) -> None:
        self._database = database
        self._rules = rules

    async def sweep(self) -> None:
        """Sweep once; what was removed is in the journal, by number."""
        async with self._database.unit_of_work() as uow:
            terms = self._rules(uow.now).terms
            counts = {
                "contacts": await remove_contacts(uow.connection, uow.now - timedelta(days=terms.contacts_days)),
                "evidence": await remove_evidence(uow.connection, uow.now - timedelta(days=terms.evidence_days)),
                "tracking_codes": await sweep_codes(uow.connection, uow.now),
            }
            for subject, count in counts.items():
                if count:
                    uow.journal(JournalEntry(ACTOR, "term_reached", subject, detail={"count": count}))
