"""Releases and approvals beside the journal entries that tell of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from services.publisher.store.verification import PREFETCH


@dataclass(frozen=True, slots=True)
class JournaledRelease:
    """A release with the digest of its public form as the journal has it; None where the journal has no such entry.

    Of one that `is_erased` the form is not left to be compared.
    """

    release_seq: int
    item_id: str
    body: str
    is_erased: bool
    after_digest: bytes | None


RELEASES = """
SELECT r.release_seq, r.item_id, r.body, r.erased_at IS NOT NULL AS is_erased, j.after_digest
  FROM publisher.releases r
  LEFT JOIN publisher.journal j
         ON j.subject = r.item_id AND j.action = r.kind AND j.actor = r.released_by
        AND j.detail ->> 'version' = r.version::text
 ORDER BY r.release_seq
"""


async def stream_releases(connection: asyncpg.Connection) -> AsyncIterator[JournaledRelease]:
    """Yield every release with what the journal says of it. Must run in a transaction."""
    async for row in connection.cursor(RELEASES, prefetch=PREFETCH):
        yield JournaledRelease(**dict(row))


# Each statement returns (item id, what is wrong).
DIFFERENCES = (
    """
SELECT r.item_id, 'the journal does not tell that release ' || r.release_seq || ' was erased'
  FROM publisher.releases r
 WHERE r.erased_at IS NOT NULL
   AND NOT EXISTS (
       SELECT FROM publisher.journal j
        WHERE j.subject = r.item_id AND j.action = 'item_erased' AND j.detail -> 'versions' @> to_jsonb(r.version))
""",
    """
SELECT j.subject, 'entry ' || j.seq || ' of the journal tells of a release that is not in the record'
  FROM publisher.journal j
 WHERE j.action IN ('released', 'corrected', 'withdrawn')
   AND NOT EXISTS (
       SELECT FROM publisher.releases r
        WHERE r.item_id = j.subject AND r.kind = j.action AND r.released_by = j.actor
          AND r.version::text = j.detail ->> 'version')
""",
    """
SELECT a.item_id, 'the journal does not tell that ' || a.person || ' approved v' || a.version
  FROM publisher.approvals a
 WHERE NOT EXISTS (
       SELECT FROM publisher.journal j
        WHERE j.subject = a.item_id AND j.actor = a.person AND j.detail ->> 'version' = a.version::text
          AND j.detail ->> 'content' = encode(a.digest, 'hex')
          AND CASE a.step WHEN 'review' THEN j.action = 'approved' ELSE j.action IN ('released', 'corrected', 'withdrawn') END)
""",
    """
SELECT j.subject, 'entry ' || j.seq || ' of the journal tells of an approval that is not there'
  FROM publisher.journal j
 WHERE j.action = 'approved'
   AND NOT EXISTS (
       SELECT FROM publisher.approvals a
        WHERE a.item_id = j.subject AND a.person = j.actor AND a.step = 'review'
          AND j.detail ->> 'version' = a.version::text AND j.detail ->> 'content' = encode(a.digest, 'hex'))
""",
)


async def find_differences(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Return item id and sentence of every release without an entry or entry without a release, and of approvals alike."""
    return [(row[0], row[1]) for statement in DIFFERENCES for row in await connection.fetch(statement)]
