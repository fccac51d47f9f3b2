"""Applications on items, and the rulings on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.contracts import ApplicationAccepted, ApplicationWithdrawn, Decision, RulingMade

INSERT_APPLICATIONS = """
INSERT INTO publisher.applications (application_id, item_id, receipt, kind, filed_at, due_on)
SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::date[])
    ON CONFLICT (application_id) DO UPDATE
   SET due_on = excluded.due_on
"""


async def insert_applications(connection: asyncpg.Connection, accepted: Sequence[ApplicationAccepted]) -> None:
    """Insert applications that the office accepted; of a known one only the day of its reply may have moved."""
    await connection.execute(
        INSERT_APPLICATIONS,
        [a.application_id for a in accepted],
        [a.item_id for a in accepted],
        [a.receipt for a in accepted],
        [a.kind for a in accepted],
        [a.filed_at for a in accepted],
        [date.fromisoformat(a.due_on) for a in accepted],
    )


CLOSE_APPLICATIONS = """
UPDATE publisher.applications a
   SET ruled_at = w.at
  FROM unnest($1::uuid[], $2::timestamptz[]) AS w(application_id, at)
 WHERE a.application_id = w.application_id
   AND a.ruled_at IS NULL
"""


async def close_applications(connection: asyncpg.Connection, withdrawn: Sequence[ApplicationWithdrawn]) -> None:
    """Close applications that the applicant withdrew."""
    await connection.execute(CLOSE_APPLICATIONS, [a.application_id for a in withdrawn], [a.withdrawn_at for a in withdrawn])


INSERT_RULINGS = """
INSERT INTO publisher.rulings
       (ruling_id, item_id, receipt, decision, reason_code, public_reason, reply_number, decided_at, rules_version)
SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
              $9::text[])
    ON CONFLICT (ruling_id) DO NOTHING
RETURNING ruling_id
"""
CLOSE_RULED_APPLICATIONS = """
UPDATE publisher.applications a
   SET ruled_at = r.at
  FROM unnest($1::uuid[], $2::timestamptz[]) AS r(application_id, at)
 WHERE a.application_id = r.application_id
"""


# What a ruling changes stands in public as before until its version is released, and so does the mark of the review.
CLOSE_CORRECTED_APPLICATIONS = """
UPDATE publisher.applications a
   SET ruled_at = r.decided_at
  FROM publisher.rulings r
 WHERE a.item_id = ANY ($1::text[])
   AND a.ruled_at IS NULL
   AND r.item_id = a.item_id
   AND r.receipt = a.receipt
"""


async def close_corrected(connection: asyncpg.Connection, item_ids: Sequence[str]) -> None:
    """Close the applications on items that were ruled on, since what follows from it is released or will not be."""
    await connection.execute(CLOSE_CORRECTED_APPLICATIONS, item_ids)


INSERT_COUNTED = "INSERT INTO publisher.counted_rulings (ruling_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING"
CLOSE_WITHOUT_EFFECT = """
UPDATE publisher.applications a
   SET ruled_at = r.decided_at
  FROM publisher.rulings r
  JOIN publisher.counted_rulings USING (ruling_id)
 WHERE r.ruling_id = ANY ($1::uuid[])
   AND a.item_id = r.item_id
   AND a.receipt = r.receipt
   AND a.ruled_at IS NULL
   AND NOT EXISTS (
       SELECT FROM publisher.versions v WHERE v.item_id = r.item_id AND v.state IN ('draft', 'returned', 'approved'))
"""


async def insert_counted(connection: asyncpg.Connection, ruling_ids: Sequence[UUID]) -> None:
    """Insert rulings that the figures follow by now; the figures may come before the ruling."""
    await connection.execute(INSERT_COUNTED, ruling_ids)


async def close_without_effect(connection: asyncpg.Connection, ruling_ids: Sequence[UUID]) -> None:
    """Close the applications of rulings that the figures follow and after which no version of the item waits."""
    await connection.execute(CLOSE_WITHOUT_EFFECT, ruling_ids)


async def insert_rulings(connection: asyncpg.Connection, rulings: Sequence[RulingMade]) -> set[UUID]:
    """Insert rulings, close the applications of those that change nothing, and return the ids of those that are new."""
    rows = await connection.fetch(
        INSERT_RULINGS,
        [r.ruling_id for r in rulings],
        [r.item_id for r in rulings],
        [r.receipt for r in rulings],
        [r.decision for r in rulings],
        [r.reason_code for r in rulings],
        [r.public_reason for r in rulings],
        [r.reply_number for r in rulings],
        [r.decided_at for r in rulings],
        [r.rules_version for r in rulings],
    )
    closed = [r for r in rulings if r.decision is Decision.UPHELD]
    await connection.execute(CLOSE_RULED_APPLICATIONS, [r.application_id for r in closed], [r.decided_at for r in closed])
    return {row["ruling_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling that the item's public form follows."""

    item_id: str
    decision: str
    reason_code: str
    public_reason: str
    reply_number: str
    decided_at: datetime
    rules_version: str


PENDING_RULINGS = """
SELECT DISTINCT ON (r.item_id)
       r.item_id, r.decision, r.reason_code, r.public_reason, r.reply_number, r.decided_at, r.rules_version
  FROM publisher.rulings r
 WHERE r.item_id = ANY ($1::text[])
   AND r.decision = 'corrected'
   AND NOT EXISTS (SELECT FROM publisher.releases e WHERE e.item_id = r.item_id AND e.released_at > r.decided_at)
   AND NOT EXISTS (
       SELECT FROM publisher.applications a WHERE a.item_id = r.item_id AND a.receipt = r.receipt AND a.ruled_at IS NOT NULL)
 ORDER BY r.item_id, r.decided_at DESC
"""


async def fetch_pending_rulings(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, Ruling]:
    """Return by item id the newest ruling that corrects an item and from which something is still to follow."""
    return {row["item_id"]: Ruling(**dict(row)) for row in await connection.fetch(PENDING_RULINGS, item_ids)}


LAST_RULING = """
SELECT item_id, decision, reason_code, public_reason, reply_number, decided_at, rules_version
  FROM publisher.rulings
 WHERE item_id = $1
   AND decision <> 'upheld'
 ORDER BY decided_at DESC
 LIMIT 1
"""


async def fetch_last_ruling(connection: asyncpg.Connection, item_id: str) -> Ruling | None:
    """Return the newest ruling that changed an item."""
    row = await connection.fetchrow(LAST_RULING, item_id)
    return Ruling(**dict(row)) if row else None


@dataclass(frozen=True, slots=True)
class PendingApplication:
    """A correction application that is not decided yet."""

    receipt: str
    filed_at: datetime
    due_on: date


PENDING_APPLICATION = """
SELECT receipt, filed_at, due_on
  FROM publisher.applications
 WHERE item_id = $1
   AND ruled_at IS NULL
   AND kind = 'correction'
 ORDER BY filed_at
 LIMIT 1
"""


async def fetch_pending_application(connection: asyncpg.Connection, item_id: str) -> PendingApplication | None:
    """Return the oldest pending correction application on an item."""
    row = await connection.fetchrow(PENDING_APPLICATION, item_id)
    return PendingApplication(**dict(row)) if row else None
