"""What became of a source's reports: its complaints as they stand, and its reports that were refused and wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson

from shared.contracts import ComplaintRevised

# By the unique index of sources and numbers, so that the hot path pays for no other.
LIST = """
SELECT c.external_id, c.source_revision, c.revised_at, c.withheld, c.payload, own.external_id AS duplicate_of
  FROM intake.complaints AS c
  LEFT JOIN intake.complaints AS own ON own.complaint_id = c.duplicate_of AND own.source_id = c.source_id
 WHERE c.source_id = (SELECT source_id FROM intake.sources WHERE name = $1)
   AND c.external_id > $2
 ORDER BY c.external_id
 LIMIT $3
"""
FIND = """
SELECT c.external_id, c.source_revision, c.revised_at, c.withheld, c.payload, own.external_id AS duplicate_of
  FROM intake.complaints AS c
  LEFT JOIN intake.complaints AS own ON own.complaint_id = c.duplicate_of AND own.source_id = c.source_id
 WHERE c.source_id = (SELECT source_id FROM intake.sources WHERE name = $1)
   AND c.external_id = $2
"""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A complaint of a source: its own number and revision, and the facts that intake passed on.

    `duplicate_of`: the source's own number of the complaint that counts for the dispute, None where another source has it.
    """

    external_id: str
    revision: int
    revised_at: datetime
    withheld: bool
    facts: ComplaintRevised
    duplicate_of: str | None

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> SourceReport:
        """Build from a row of `complaints`."""
        facts = ComplaintRevised.model_validate_json(row["payload"])
        return cls(row["external_id"], row["source_revision"], row["revised_at"], row["withheld"], facts, row["duplicate_of"])


async def list_reports(connection: asyncpg.Connection, source: str, after: str, limit: int) -> list[SourceReport]:
    """Return complaints of a source with a number behind `after`, in the order of numbers."""
    return [SourceReport.from_row(row) for row in await connection.fetch(LIST, source, after, limit)]


async def find_report(connection: asyncpg.Connection, source: str, external_id: str) -> list[SourceReport]:
    """Return the complaint of a source with this number, or nothing."""
    return [SourceReport.from_row(row) for row in await connection.fetch(FIND, source, external_id)]


# Only what waits is looked through, in the order of its index; keys have no index of their own.
LIST_REFUSED = """
SELECT id, key, reason, detail, recorded_at
  FROM intake.dead_letters
 WHERE replayed_at IS NULL
   AND superseded_at IS NULL
   AND id > $2
   AND substring(key FOR octet_length($1::bytea)) = $1::bytea
 ORDER BY id
 LIMIT $3
"""

REVISED_AT = """
SELECT external_id, revised_at
  FROM intake.complaints
 WHERE source_id = (SELECT source_id FROM intake.sources WHERE name = $1)
   AND external_id = ANY ($2::text[])
"""


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """A report that was refused and waits: the number of the dead letter, and its findings.

    `revised_at`: when a report of this number was accepted last, if after this one was refused.
    """

    id: int
    external_id: str
    reason: str
    findings: list[dict[str, str]]
    recorded_at: datetime
    revised_at: datetime | None


async def list_refused(connection: asyncpg.Connection, source: str, after: int, limit: int) -> list[RefusedReport]:
    """Return the reports under keys `source|number` that were refused and wait, behind a dead letter, the oldest first."""
    prefix = f"{source}|".encode()
    rows = await connection.fetch(LIST_REFUSED, prefix, after, limit)
    numbers = [row["key"][len(prefix) :].decode("utf-8", "replace").replace("\0", "") for row in rows]
    found = await connection.fetch(REVISED_AT, source, numbers) if rows else []
    revised = {row["external_id"]: row["revised_at"] for row in found}
    return [
        RefusedReport(
            row["id"],
            number,
            row["reason"],
            orjson.loads(row["detail"]),
            row["recorded_at"],
            at if (at := revised.get(number)) and at > row["recorded_at"] else None,
        )
        for row, number in zip(rows, numbers, strict=True)
    ]
