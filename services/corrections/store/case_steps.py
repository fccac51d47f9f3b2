"""Steps that move a deadline, and the complaints that an applicant disputes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.corrections.domain import Application

SAVE = """
UPDATE corrections.applications
   SET request_words = $2, requested_by = $3, requested_on = $4, request_due_on = $5, request_answered_on = $6,
       extension_workdays = $7, extension_reason = $8, extended_by = $9, stopped_workdays = $10, due_on = $11,
       provisional = $12, calendar_version = $13
 WHERE application_id = $1
"""
CHANGE = """
INSERT INTO corrections.deadline_changes (application_id, changed_at, due_before, due_after, calendar_version, cause)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def save_term(connection: asyncpg.Connection, before: Application, after: Application, at: datetime, cause: str) -> None:
    """Save the term of an application that the caller has locked; a day that moved stays in `deadline_changes`."""
    request, extension = after.evidence_request, after.extension
    await connection.execute(
        SAVE,
        after.application_id,
        request and request.words,
        request and request.requested_by,
        request and request.requested_on,
        request and request.due_on,
        request and request.answered_on,
        extension and extension.workdays,
        extension and extension.reason,
        extension and extension.extended_by,
        after.stopped_workdays,
        after.due_on,
        after.provisional,
        after.calendar_version,
    )
    if before.due_on != after.due_on:
        moved = before.due_on, after.due_on, after.calendar_version
        await connection.execute(CHANGE, after.application_id, at, *moved, cause)


FORGET = "DELETE FROM corrections.disputed_complaints WHERE application_id = $1"
DISPUTE = """
INSERT INTO corrections.disputed_complaints (application_id, complaint_id, disputed_at)
SELECT $1, complaint_id, $3 FROM unnest($2::uuid[]) AS chosen (complaint_id)
"""
DISPUTED = "SELECT complaint_id FROM corrections.disputed_complaints WHERE application_id = $1"


async def set_disputed(connection: asyncpg.Connection, application_id: UUID, complaints: Sequence[UUID], at: datetime) -> None:
    """Store which complaints the applicant disputes, in place of those before."""
    await connection.execute(FORGET, application_id)
    await connection.execute(DISPUTE, application_id, complaints, at)


async def fetch_disputed(connection: asyncpg.Connection, application_id: UUID) -> frozenset[UUID]:
    """Return the complaints that the applicant disputes."""
    return frozenset(row["complaint_id"] for row in await connection.fetch(DISPUTED, application_id))
