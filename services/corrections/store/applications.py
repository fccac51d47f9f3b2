"""Applications and their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.corrections.domain import Applicant, Application, Evidence, Filing, MediaType, State
from shared.contracts import ApplicationKind
from shared.errors import PermanentError


class OneIsOpen(PermanentError):
    """This operator has an open application on this item already."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is held; its content is read on its own."""

    number: int
    name: str
    media_type: MediaType
    size: int
    added_at: datetime


NEXT_NUMBER = """
INSERT INTO corrections.numbers AS given (series, year, last)
VALUES ($1, $2, 1)
    ON CONFLICT (series, year) DO UPDATE
   SET last = given.last + 1
RETURNING last
"""


async def next_number(connection: asyncpg.Connection, series: str, year: int) -> int:
    """Return the next number of a series in a year; nobody else gets one until this transaction ends."""
    return int(await connection.fetchval(NEXT_NUMBER, series, year))


FIND_SUBMISSION = "SELECT token FROM corrections.applications WHERE submission = $1"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('corrections.submission ' || $1, 0))"


async def token_of_submission(connection: asyncpg.Connection, submission: UUID) -> str | None:
    """Return the tracking token when this very form was filed before; a second try waits for the first to end."""
    await connection.execute(ONE_AT_A_TIME, str(submission))
    token: str | None = await connection.fetchval(FIND_SUBMISSION, submission)
    return token


INSERT = """
INSERT INTO corrections.applications
       (application_id, submission, token, receipt, kind, item_id, item_version, operator_name, uscc, contact_name,
        contact_phone, reason_code, field, value, statement, filed_at, received_on, reply_workdays, due_on,
        provisional, calendar_version, rules_version, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 'filed')
"""


async def insert_application(connection: asyncpg.Connection, application: Application, token: str) -> None:
    """Write a filed application. Raises `OneIsOpen` when the operator has one on the item already."""
    filing, applicant = application.filing, application.filing.applicant
    try:
        await connection.execute(
            INSERT,
            application.application_id,
            filing.submission,
            token,
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
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "applications_open":
            raise OneIsOpen from error
        raise


ADD_EVIDENCE = """
INSERT INTO corrections.evidence (application_id, number, name, media_type, sha256, content, added_at)
SELECT $1, held.count + file.place, file.name, file.media_type, file.sha256, file.content, $6
  FROM unnest($2::text[], $3::text[], $4::bytea[], $5::bytea[])
       WITH ORDINALITY AS file (name, media_type, sha256, content, place)
 CROSS JOIN (SELECT count(*) FROM corrections.evidence WHERE application_id = $1) AS held
"""


async def add_evidence(connection: asyncpg.Connection, application_id: UUID, files: Sequence[Evidence], at: datetime) -> None:
    """Add files to an application that the caller has locked or just made; none of them may be held already."""
    await connection.execute(
        ADD_EVIDENCE,
        application_id,
        [file.name for file in files],
        [file.media_type for file in files],
        [file.sha256 for file in files],
        [file.content for file in files],
        at,
    )


HELD = """
SELECT number, name, media_type, octet_length(content) AS size, added_at, sha256
  FROM corrections.evidence
 WHERE application_id = $1
 ORDER BY number
"""


async def held_evidence(connection: asyncpg.Connection, application_id: UUID) -> list[Held]:
    """Return what files an application holds, without their content."""
    rows = await connection.fetch(HELD, application_id)
    return [Held(r["number"], r["name"], MediaType(r["media_type"]), r["size"], r["added_at"]) for r in rows]


async def held_digests(connection: asyncpg.Connection, application_id: UUID) -> list[bytes]:
    """Return the SHA-256 of each file held."""
    return [row["sha256"] for row in await connection.fetch(HELD, application_id)]


FILE = "SELECT name, media_type, sha256, content FROM corrections.evidence WHERE application_id = $1 AND number = $2"


async def evidence_file(connection: asyncpg.Connection, application_id: UUID, number: int) -> Evidence | None:
    """Return one file with its content."""
    row = await connection.fetchrow(FILE, application_id, number)
    return Evidence(row["name"], MediaType(row["media_type"]), row["sha256"], row["content"]) if row else None


COLUMNS = """
SELECT application_id, submission, token, receipt, kind, item_id, item_version, operator_name, uscc, contact_name,
       contact_phone, reason_code, field, value, statement, filed_at, received_on, reply_workdays, due_on, provisional,
       calendar_version, rules_version, state, started_by, started_at, closed_at
  FROM corrections.applications
"""
BY_TOKEN = COLUMNS + " WHERE token = $1"
LOCK_BY_TOKEN = BY_TOKEN + " FOR UPDATE"


async def by_token(connection: asyncpg.Connection, token: str, *, lock: bool = False) -> Application | None:
    """Return the application that a tracking page shows."""
    row = await connection.fetchrow(LOCK_BY_TOKEN if lock else BY_TOKEN, token)
    return application_of(row) if row else None


BY_ID = COLUMNS + " WHERE application_id = $1"
LOCK_BY_ID = BY_ID + " FOR UPDATE"


async def by_id(connection: asyncpg.Connection, application_id: UUID, *, lock: bool = False) -> Application | None:
    """Return an application; with `lock`, nobody else changes it until this transaction ends."""
    row = await connection.fetchrow(LOCK_BY_ID if lock else BY_ID, application_id)
    return application_of(row) if row else None


START = """
UPDATE corrections.applications
   SET state = 'under_review', started_by = $2, started_at = $3
 WHERE application_id = $1 AND state = 'filed'
"""


async def start(connection: asyncpg.Connection, application_id: UUID, officer: str, at: datetime) -> bool:
    """Take an application up; False when it is not waiting any more."""
    return str(await connection.execute(START, application_id, officer, at)).endswith(" 1")


CLOSE = "UPDATE corrections.applications SET state = $2, closed_at = $3 WHERE application_id = $1"


async def close(connection: asyncpg.Connection, application_id: UUID, state: State, at: datetime) -> None:
    """Close an application that the caller has locked."""
    await connection.execute(CLOSE, application_id, state, at)


QUEUE = COLUMNS + " WHERE state = ANY ($1::text[]) ORDER BY due_on, receipt LIMIT $2"
CLOSED = COLUMNS + " WHERE state = ANY ($1::text[]) ORDER BY closed_at DESC LIMIT $2"


async def queue(connection: asyncpg.Connection, states: Sequence[State], most: int) -> list[Application]:
    """Return applications in these states: open ones by deadline, closed ones the last first."""
    statement = QUEUE if all(state.open for state in states) else CLOSED
    return [application_of(row) for row in await connection.fetch(statement, list(states), most)]


COUNTS = "SELECT state, count(*) FROM corrections.applications WHERE state IN ('filed', 'under_review') GROUP BY state"


async def open_counts(connection: asyncpg.Connection) -> dict[State, int]:
    """Return how many applications wait, by state."""
    return {State(row["state"]): row["count"] for row in await connection.fetch(COUNTS)}


def application_of(row: asyncpg.Record) -> Application:
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
        State(row["state"]),
        row["started_by"],
        row["started_at"],
        row["closed_at"],
    )


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
    )
