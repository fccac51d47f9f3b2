"""Notes of officers on an application, and whom it was handed over to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class CaseNote:
    """A note, or that the application was handed over to another officer (account name), or both."""

    written_by: str
    written_at: datetime
    note: str | None = None
    handed_to: str | None = None


# The application is locked, so that notes are numbered one after the other.
LOCK = "SELECT application_id FROM corrections.applications WHERE application_id = $1 FOR UPDATE"
ADD = """
INSERT INTO corrections.case_notes (application_id, number, written_by, written_at, note, handed_to)
SELECT $1, coalesce(max(n.number), 0) + 1, $2, $3, $4, $5
  FROM corrections.case_notes n
 WHERE n.application_id = $1
"""


async def add_note(connection: asyncpg.Connection, application_id: UUID, note: CaseNote) -> None:
    """Add a note behind the others."""
    await connection.execute(LOCK, application_id)
    await connection.execute(ADD, application_id, note.written_by, note.written_at, note.note, note.handed_to)


LIST = """
SELECT written_by, written_at, note, handed_to
  FROM corrections.case_notes
 WHERE application_id = $1
 ORDER BY number DESC
"""


async def list_notes(connection: asyncpg.Connection, application_id: UUID) -> list[CaseNote]:
    """Return the notes on an application, the newest first."""
    return [CaseNote(**dict(row)) for row in await connection.fetch(LIST, application_id)]


def find_handler(newest_first: list[CaseNote]) -> str | None:
    """Return the account of who handles the application, where it was handed over."""
    return next((note.handed_to for note in newest_first if note.handed_to), None)
