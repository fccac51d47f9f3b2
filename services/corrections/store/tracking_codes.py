"""Tracking codes: what opens the page of an application, kept as digests, until some time after its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.corrections.domain import Application, canonical_code, generate_code
from services.corrections.store.applications import find_by_id
from shared.database.counted import execute_counted
from shared.keys import key_hash

# So many has an application at most: one for each time that its form was sent.
MAX_CODES = 10
# How long a form that is sent again gets a further code: a response was lost, or a button was pressed twice.
REPEATED_WITHIN = timedelta(days=1)
# After the end of an application: six months in which an action may be brought (Administrative Litigation Law, article 46), and
# a month for the post.
VALID_AFTER_END = timedelta(days=214)

INSERT = """
INSERT INTO corrections.tracking_codes (code_hash, application_id, issued_at)
SELECT $1, $2, $3
 WHERE (SELECT count(*) FROM corrections.tracking_codes WHERE application_id = $2) < $4
"""


async def issue_code(connection: asyncpg.Connection, application_id: UUID, at: datetime) -> str | None:
    """Return a new tracking code of an application, which is stored as a digest only; None where it has as many as it may."""
    code = generate_code()
    status = await connection.execute(INSERT, key_hash(code), application_id, at, MAX_CODES)
    return code if status.endswith(" 1") else None


FIND_SUBMISSION = "SELECT application_id, filed_at FROM corrections.applications WHERE submission = $1"
LOCK_SUBMISSION = "SELECT pg_advisory_xact_lock(hashtextextended('corrections.submission ' || $1, 0))"


async def find_submission(connection: asyncpg.Connection, submission: UUID) -> tuple[UUID, datetime] | None:
    """Return application and time of a submission that is stored already; a concurrent one is waited for."""
    await connection.execute(LOCK_SUBMISSION, str(submission))
    row = await connection.fetchrow(FIND_SUBMISSION, submission)
    return (row["application_id"], row["filed_at"]) if row else None


FIND_CODE = "SELECT application_id FROM corrections.tracking_codes WHERE code_hash = $1"


async def find_by_code(connection: asyncpg.Connection, code: str, at: datetime, *, lock: bool = False) -> Application | None:
    """Return the application that a code opens at a moment; with `lock`, locked until this transaction ends."""
    application_id = await connection.fetchval(FIND_CODE, key_hash(canonical_code(code)))
    application = await find_by_id(connection, application_id, lock=lock) if application_id else None
    ended = application.closed_at if application else None
    return application if ended is None or at < ended + VALID_AFTER_END else None


SWEEP = """
DELETE FROM corrections.tracking_codes AS c
 USING corrections.applications AS a
 WHERE a.application_id = c.application_id
   AND a.closed_at <= $1
"""


async def sweep_codes(connection: asyncpg.Connection, at: datetime) -> int:
    """Delete the codes that open nothing any more; return how many."""
    return await execute_counted(connection, SWEEP, at - VALID_AFTER_END)
