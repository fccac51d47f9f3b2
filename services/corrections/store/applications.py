"""Applications and their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.corrections.domain import (
    Applicant,
    Application,
    ApplicationState,
    Evidence,
    EvidenceRequest,
    Extension,
    Filing,
    MediaType,
)
from shared.contracts import ApplicationKind
from shared.errors import PermanentError


class OpenApplicationExists(PermanentError):
    """This operator has an open application on this item already."""


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """A stored file without its content; `size` in bytes. `removed_at`: when its content was removed, at its term."""

    number: int
    name: str
    media_type: MediaType
    size: int
    added_at: datetime
    removed_at: datetime | None


NEXT_NUMBER = """
INSERT INTO corrections.numbers AS current (series, year, last)
VALUES ($1, $2, 1)
    ON CONFLICT (series, year) DO UPDATE
   SET last = current.last + 1
RETURNING last
"""


async def next_number(connection: asyncpg.Connection, series: str, year: int) -> int:
    """Return the next number of a series in a year; concurrent callers wait until this transaction ends."""
    return int(await connection.fetchval(NEXT_NUMBER, series, year))


INSERT = """
INSERT INTO corrections.applications
       (application_id, submission, receipt, kind, item_id, item_version, operator_name, uscc, contact_name,
        contact_phone, reason_code, field, value, statement, filed_at, received_on, reply_workdays, due_on,
        provisional, calendar_version, rules_version, response, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 'filed')
"""


async def insert_application(connection: asyncpg.Connection, application: Application) -> None:
    """Insert a filed application. Raises `OpenApplicationExists` when the operator has one on the item already."""
    filing, applicant = application.filing, application.filing.applicant
    try:
        await connection.execute(
            INSERT,
            application.application_id,
            filing.submission,
            application.receipt,
            filing.kind,
            filing.item_id,
            application.item_version,
            applicant.operator_name,
            applicant.uscc,
            applicant.contact_name,
            applicant.contact_phone,
            filing.reason_code,
            filing.field,
            filing.value,
            filing.statement,
            application.filed_at,
            application.received_on,
            application.reply_workdays,
            application.due_on,
            application.provisional,
            application.calendar_version,
            application.rules_version,
            filing.response,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "applications_open":
            raise OpenApplicationExists from error
        raise


INSERT_EVIDENCE = """
INSERT INTO corrections.evidence (application_id, number, name, media_type, sha256, content, added_at)
SELECT $1, stored.count + file.place, file.name, file.media_type, file.sha256, file.content, $6
  FROM unnest($2::text[], $3::text[], $4::bytea[], $5::bytea[])
       WITH ORDINALITY AS file (name, media_type, sha256, content, place)
 CROSS JOIN (SELECT count(*) FROM corrections.evidence WHERE application_id = $1) AS stored
"""


async def insert_evidence(
    connection: asyncpg.Connection, application_id: UUID, files: Sequence[Evidence], at: datetime
) -> None:
    """Insert files of an application that the caller has locked or just inserted; none may be stored already."""
    await connection.execute(
        INSERT_EVIDENCE,
        application_id,
        [file.name for file in files],
        [file.media_type for file in files],
        [file.sha256 for file in files],
        [file.content for file in files],
        at,
    )


LIST_EVIDENCE = """
SELECT number, name, media_type, coalesce(octet_length(content), removed_bytes) AS size, added_at, removed_at, sha256
  FROM corrections.evidence
 WHERE application_id = $1
 ORDER BY number
"""


async def list_evidence(connection: asyncpg.Connection, application_id: UUID) -> list[EvidenceSummary]:
    """Return the files of an application without their content."""
    rows = await connection.fetch(LIST_EVIDENCE, application_id)
    return [_summary(row) for row in rows]


def _summary(row: asyncpg.Record) -> EvidenceSummary:
    return EvidenceSummary(
        row["number"], row["name"], MediaType(row["media_type"]), row["size"], row["added_at"], row["removed_at"]
    )


async def fetch_evidence_digests(connection: asyncpg.Connection, application_id: UUID) -> list[bytes]:
    """Return the SHA-256 digest of each file of an application."""
    return [row["sha256"] for row in await connection.fetch(LIST_EVIDENCE, application_id)]


FETCH_EVIDENCE = """
SELECT name, media_type, sha256, content
  FROM corrections.evidence
 WHERE application_id = $1
   AND number = $2
   AND content IS NOT NULL
"""


async def fetch_evidence(connection: asyncpg.Connection, application_id: UUID, number: int) -> Evidence | None:
    """Return one file with its content; None too where that was removed."""
    row = await connection.fetchrow(FETCH_EVIDENCE, application_id, number)
    return Evidence(row["name"], MediaType(row["media_type"]), row["sha256"], row["content"]) if row else None


COLUMNS = """
SELECT application_id, submission, receipt, kind, item_id, item_version, operator_name, uscc, contact_name,
       contact_phone, reason_code, field, value, statement, response, filed_at, received_on, reply_workdays, due_on,
       provisional, calendar_version, rules_version, state, started_by, started_at, closed_at, request_words, requested_by,
       requested_on, request_due_on, request_answered_on, extension_workdays, extension_reason, extended_by, stopped_workdays
  FROM corrections.applications
"""
BY_ID = COLUMNS + " WHERE application_id = $1"
LOCK_BY_ID = BY_ID + " FOR UPDATE"


async def find_by_id(connection: asyncpg.Connection, application_id: UUID, *, lock: bool = False) -> Application | None:
    """Return an application; with `lock`, locked until this transaction ends."""
    row = await connection.fetchrow(LOCK_BY_ID if lock else BY_ID, application_id)
    return to_application(row) if row else None


START_REVIEW = """
UPDATE corrections.applications
   SET state = 'under_review', started_by = $2, started_at = $3
 WHERE application_id = $1 AND state = 'filed'
"""


async def start_review(connection: asyncpg.Connection, application_id: UUID, officer: str, at: datetime) -> bool:
    """Set a filed application under review; return False when it was not in state `filed`."""
    return str(await connection.execute(START_REVIEW, application_id, officer, at)).endswith(" 1")


CLOSE = "UPDATE corrections.applications SET state = $2, closed_at = $3 WHERE application_id = $1"


async def close_application(
    connection: asyncpg.Connection, application_id: UUID, state: ApplicationState, at: datetime
) -> None:
    """Close an application that the caller has locked."""
    await connection.execute(CLOSE, application_id, state, at)


QUEUE = COLUMNS + " WHERE state = ANY ($1::text[]) ORDER BY due_on, receipt LIMIT $2"
CLOSED = COLUMNS + " WHERE state = ANY ($1::text[]) ORDER BY closed_at DESC LIMIT $2"


async def fetch_queue(connection: asyncpg.Connection, states: Sequence[ApplicationState], limit: int) -> list[Application]:
    """Return at most `limit` applications in these states: open ones by deadline, closed ones newest first."""
    statement = QUEUE if all(state.is_open for state in states) else CLOSED
    return [to_application(row) for row in await connection.fetch(statement, list(states), limit)]


COUNTS = "SELECT state, count(*) FROM corrections.applications WHERE state IN ('filed', 'under_review') GROUP BY state"


async def count_open(connection: asyncpg.Connection) -> dict[ApplicationState, int]:
    """Return the number of open applications by state."""
    return {ApplicationState(row["state"]): row["count"] for row in await connection.fetch(COUNTS)}


def to_application(row: asyncpg.Record) -> Application:
    """Return the application of a row of `COLUMNS`."""
    return Application(
        row["application_id"],
        row["receipt"],
        _filing(row),
        row["item_version"],
        row["filed_at"],
        row["received_on"],
        row["reply_workdays"],
        row["due_on"],
        row["provisional"],
        row["calendar_version"],
        row["rules_version"],
        ApplicationState(row["state"]),
        row["started_by"],
        row["started_at"],
        row["closed_at"],
        _evidence_request(row),
        Extension(row["extension_workdays"], row["extension_reason"], row["extended_by"]) if row["extended_by"] else None,
        row["stopped_workdays"],
    )


def _evidence_request(row: asyncpg.Record) -> EvidenceRequest | None:
    columns = "request_words", "requested_by", "requested_on", "request_due_on", "request_answered_on"
    return EvidenceRequest(*(row[column] for column in columns)) if row["requested_by"] else None


def _filing(row: asyncpg.Record) -> Filing:
    return Filing(
        row["submission"],
        row["item_id"],
        ApplicationKind(row["kind"]),
        Applicant(row["operator_name"], row["uscc"], row["contact_name"], row["contact_phone"]),
        row["reason_code"],
        row["field"],
        row["value"],
        row["statement"],
        row["response"],
    )
