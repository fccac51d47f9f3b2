"""Refused roles in the journal: who asked for what the role does not permit, once an hour for a person and a route."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request

from shared.accounts import Person
from shared.security_events import SecurityEvent, report
from shared.stream import Database, JournalEntry

# Somebody who tries again and again makes one entry, and no more of the journal.
WITHIN = timedelta(hours=1)


class RoleRefusals:
    """Which refusals this process has journalled lately."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], datetime] = {}

    def note(self, name: str, route: str, at: datetime) -> bool:
        """Note a refusal; return whether it is the first of a person at a route within an hour."""
        self._latest = {key: before for key, before in self._latest.items() if at - before < WITHIN}
        return self._latest.setdefault((name, route), at) is at


async def record_refusal(request: Request, person: Person) -> None:
    """Report that a person's role was refused, and journal it: the route, which names no item and no person."""
    report(SecurityEvent.ROLE_REFUSED, role=person.role.value)
    database: Database = request.app.state.database
    refusals: RoleRefusals = request.app.state.role_refusals
    route = f"{request.method} {request.scope['route'].path}"
    async with database.unit_of_work() as uow:
        if refusals.note(person.name, route, uow.now):
            uow.journal(JournalEntry(person.name, "role_refused", route, detail={"role": person.role.value}))
