"""Decisions not to publish: proposed by one person, confirmed by another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.store.versions import Version


@dataclass(frozen=True, slots=True)
class NonPublication:
    """A proposal not to publish a content, on a coded ground; it lapses when the content changes."""

    item_id: str
    version: int
    digest: bytes
    code: str
    note: str
    proposed_by: str
    proposed_at: datetime

    def is_about(self, version: Version) -> bool:
        """Return whether the proposal is about this content."""
        return (self.version, self.digest) == (version.version, version.digest)


PROPOSE = """
INSERT INTO publisher.non_publications (item_id, version, digest, code, note, proposed_by, proposed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (item_id, version) DO UPDATE
   SET digest = excluded.digest, code = excluded.code, note = excluded.note, proposed_by = excluded.proposed_by,
       proposed_at = excluded.proposed_at, confirmed_by = NULL, confirmed_at = NULL
"""


async def propose(connection: asyncpg.Connection, proposal: NonPublication) -> None:
    """Store a proposal in place of an earlier one of the same version."""
    await connection.execute(
        PROPOSE,
        proposal.item_id,
        proposal.version,
        proposal.digest,
        proposal.code,
        proposal.note,
        proposal.proposed_by,
        proposal.proposed_at,
    )


WAITING_OF_ITEM = """
SELECT item_id, version, digest, code, note, proposed_by, proposed_at
  FROM publisher.non_publications
 WHERE item_id = $1 AND confirmed_by IS NULL
 ORDER BY version DESC
 LIMIT 1
"""


async def fetch_waiting(connection: asyncpg.Connection, item_id: str) -> NonPublication | None:
    """Return the newest proposal about an item that waits for a second person."""
    row = await connection.fetchrow(WAITING_OF_ITEM, item_id)
    return NonPublication(**row) if row else None


CONFIRM = """
UPDATE publisher.non_publications SET confirmed_by = $3, confirmed_at = $4 WHERE (item_id, version) = ($1, $2)
"""


async def confirm(connection: asyncpg.Connection, proposal: NonPublication, *, by: str, at: datetime) -> None:
    """Store who confirmed. Raises `asyncpg.CheckViolationError` where the person may not."""
    await connection.execute(CONFIRM, proposal.item_id, proposal.version, by, at)


DISMISS = "DELETE FROM publisher.non_publications WHERE (item_id, version) = ($1, $2) AND confirmed_by IS NULL"


async def dismiss(connection: asyncpg.Connection, proposal: NonPublication) -> None:
    """Delete a proposal that a second person did not agree with."""
    await connection.execute(DISMISS, proposal.item_id, proposal.version)


PROPOSED_ITEMS = """
SELECT n.item_id
  FROM publisher.non_publications n
  JOIN publisher.versions v USING (item_id, version, digest)
 WHERE n.confirmed_by IS NULL
   AND n.item_id = ANY ($1::text[])
"""


async def fetch_proposed(connection: asyncpg.Connection, item_ids: Sequence[str]) -> frozenset[str]:
    """Return those of the items of which it is proposed not to publish them."""
    return frozenset(row["item_id"] for row in await connection.fetch(PROPOSED_ITEMS, item_ids))


WAITING = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, n.code AS return_code, n.note AS return_note, n.proposed_by AS decided_by,
       n.proposed_at AS decided_at, v.urgent
  FROM publisher.non_publications n
  JOIN publisher.versions v USING (item_id, version, digest)
  JOIN publisher.items i USING (item_id)
 WHERE n.confirmed_by IS NULL
   AND v.state IN ('draft', 'returned', 'approved')
 ORDER BY n.proposed_at, n.item_id
 LIMIT $1
"""


async def list_waiting(connection: asyncpg.Connection, limit: int) -> list[Version]:
    """Return versions whose proposal waits, the oldest first; ground, note, person and time are those of the proposal."""
    return [Version.from_row(row) for row in await connection.fetch(WAITING, limit)]


DECLINED = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.state = 'rejected'
   AND v.return_code IS NOT NULL
   AND NOT EXISTS (SELECT FROM publisher.versions n WHERE n.item_id = v.item_id AND n.version > v.version)
   AND ($1::timestamptz IS NULL OR (v.decided_at, v.item_id) < ($1, $2))
 ORDER BY v.decided_at DESC, v.item_id DESC
 LIMIT $3
"""


async def list_declined(connection: asyncpg.Connection, before: tuple[datetime, str] | None, limit: int) -> list[Version]:
    """Return the versions that are not published on a ground, the newest decision first, from `before` on.

    A decision stands until the content comes again, reopened or changed.
    """
    decided_at, item_id = before or (None, "")
    return [Version.from_row(row) for row in await connection.fetch(DECLINED, decided_at, item_id, limit)]


REOPEN = """
INSERT INTO publisher.versions
       (item_id, version, purpose, state, form, digest, facts, checks, failing, warning, urgent, drafted_by, drafted_at,
        rules_version)
SELECT v.item_id, v.version + 1, v.purpose, 'draft', v.form, v.digest, v.facts, v.checks, v.failing, v.warning, v.urgent,
       v.drafted_by, $3, $4
  FROM publisher.versions v
 WHERE v.item_id = $1
   AND v.digest = $2
   AND v.state = 'rejected'
   AND v.return_code IS NOT NULL
   AND v.version = (SELECT max(version) FROM publisher.versions WHERE item_id = $1)
RETURNING version
"""


async def reopen(
    connection: asyncpg.Connection, item_id: str, digest: bytes, *, at: datetime, rules_version: str
) -> int | None:
    """Draft the content of an item's newest version again, if that was declined; return the number of the draft."""
    version: int | None = await connection.fetchval(REOPEN, item_id, digest, at, rules_version)
    return version
