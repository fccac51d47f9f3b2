"""Mail to applicants: where, and what is waiting to be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from services.corrections.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A notice that is to be sent, with the address as it is stored."""

    notice_id: int
    application_id: UUID
    kind: NoticeKind
    receipt: str
    address: bytes = field(repr=False)
    language: str


INSERT_CONTACT = "INSERT INTO corrections.mail_contacts (application_id, address, language) VALUES ($1, $2, $3)"


async def insert_contact(connection: asyncpg.Connection, application_id: UUID, address: bytes, language: str) -> None:
    """Store where an applicant wants to be told of an application."""
    await connection.execute(INSERT_CONTACT, application_id, address, language)


QUEUE = """
INSERT INTO corrections.mail_notices (application_id, kind, queued_at)
SELECT c.application_id, $2, $3
  FROM corrections.mail_contacts c
 WHERE c.application_id = $1
"""


async def queue_notice(connection: asyncpg.Connection, application_id: UUID, kind: NoticeKind, at: datetime) -> None:
    """Queue a notice, in the transaction of what it tells of; no-op where the applicant named no address."""
    await connection.execute(QUEUE, application_id, kind, at)


CLAIM = """
WITH claimed AS (
    UPDATE corrections.mail_notices n
       SET claimed_at = $1
     WHERE n.notice_id IN (
           SELECT w.notice_id
             FROM corrections.mail_notices w
            WHERE w.claimed_at IS NULL OR w.claimed_at < $2
            ORDER BY w.notice_id
            LIMIT $3
              FOR UPDATE SKIP LOCKED)
    RETURNING n.notice_id, n.application_id, n.kind
)
SELECT n.notice_id, n.application_id, n.kind, a.receipt, c.address, c.language
  FROM claimed n
  JOIN corrections.mail_contacts c USING (application_id)
  JOIN corrections.applications a USING (application_id)
 ORDER BY n.notice_id
"""
DELETE = "DELETE FROM corrections.mail_notices WHERE notice_id = $1"
DROP_OLD = "DELETE FROM corrections.mail_notices WHERE queued_at < $1"
# After the last notice nothing more is told.
FORGET_ADDRESSES = """
DELETE FROM corrections.mail_contacts c
 USING corrections.applications a
 WHERE a.application_id = c.application_id
   AND a.closed_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM corrections.mail_notices n WHERE n.application_id = c.application_id)
"""


async def claim(connection: asyncpg.Connection, at: datetime, tried_before: datetime, limit: int) -> list[WaitingNotice]:
    """Claim notices for this process, the oldest first; those that were claimed before `tried_before` once more."""
    rows = await connection.fetch(CLAIM, at, tried_before, limit)
    return [WaitingNotice(**dict(row) | {"kind": NoticeKind(row["kind"])}) for row in rows]


async def delete_notice(connection: asyncpg.Connection, notice_id: int) -> None:
    """Delete a notice that was sent, or can't be."""
    await connection.execute(DELETE, notice_id)


async def drop_old(connection: asyncpg.Connection, queued_before: datetime) -> None:
    """Delete notices that could not be sent for so long that they tell nothing new."""
    await connection.execute(DROP_OLD, queued_before)


async def forget_addresses(connection: asyncpg.Connection) -> None:
    """Delete the addresses of applications that have ended and of which everything was told."""
    await connection.execute(FORGET_ADDRESSES)
