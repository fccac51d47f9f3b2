"""Complaints: their state and the payload of their last event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.intake.domain.decision import ComplaintKey, ComplaintState
from shared.database.counted import execute_counted
from shared.errors import TransientError


class ConcurrentUpdate(TransientError):
    """Another transaction changed one of these complaints meanwhile; try again."""


LOCK_STATES = """
SELECT c.source_id, c.external_id, c.complaint_id, c.source_revision, c.content_hash, c.ever_accepted, c.withheld, c.revision,
       c.operator_key, c.name_key, c.duplicate_of
  FROM unnest($1::bigint[], $2::text[]) AS k(source_id, external_id)
  JOIN intake.complaints AS c USING (source_id, external_id)
 ORDER BY c.complaint_id
   FOR UPDATE OF c
"""


async def lock_states(connection: asyncpg.Connection, keys: Collection[ComplaintKey]) -> dict[ComplaintKey, ComplaintState]:
    """Return the stored states of complaints by (source id, external id), locked for update."""
    rows = await connection.fetch(LOCK_STATES, [source for source, _ in keys], [external for _, external in keys])
    return {(row["source_id"], row["external_id"]): to_state(row) for row in rows}


# OFFSET 0 forces one index scan per name: without statistics (a fresh system) the planner chose a sequential scan.
LOCK_MISATTRIBUTED = """
WITH misattributed AS (
    SELECT c.complaint_id
      FROM unnest($1::text[], $2::text[]) AS n(name_key, operator_key)
     CROSS JOIN LATERAL (
           SELECT complaint_id
             FROM intake.complaints
            WHERE name_key = n.name_key AND operator_key <> n.operator_key
           OFFSET 0) AS c
     ORDER BY c.complaint_id
     LIMIT $3
)
SELECT c.source_id, c.external_id, c.complaint_id, c.source_revision, c.content_hash, c.ever_accepted, c.withheld, c.revision,
       c.operator_key, c.name_key, c.duplicate_of
  FROM intake.complaints AS c
 WHERE c.complaint_id = ANY (ARRAY(SELECT complaint_id FROM misattributed))
 ORDER BY c.complaint_id
   FOR UPDATE OF c
"""


async def lock_misattributed(
    connection: asyncpg.Connection, operator_keys: Mapping[str, str], limit: int
) -> dict[ComplaintKey, ComplaintState]:
    """Return, locked for update, at most `limit` complaints whose name resolves to another operator than theirs.

    `operator_keys`: name key → operator key. A complaint moved by a concurrent transaction may be among them: compare again.
    """
    rows = await connection.fetch(LOCK_MISATTRIBUTED, list(operator_keys), list(operator_keys.values()), limit)
    return {(row["source_id"], row["external_id"]): to_state(row) for row in rows}


LOCK_BY_IDS = """
SELECT c.source_id, c.external_id, c.complaint_id, c.source_revision, c.content_hash, c.ever_accepted, c.withheld, c.revision,
       c.operator_key, c.name_key, c.duplicate_of
  FROM intake.complaints AS c
 WHERE c.complaint_id = ANY ($1::uuid[])
 ORDER BY c.complaint_id
   FOR UPDATE OF c
"""


async def lock_by_ids(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[ComplaintKey, ComplaintState]:
    """Return complaints by their ids, locked for update."""
    rows = await connection.fetch(LOCK_BY_IDS, list(complaint_ids))
    return {(row["source_id"], row["external_id"]): to_state(row) for row in rows}


class EmittedComplaint(NamedTuple):
    """A complaint with its source and the JSON payload of its last event."""

    complaint_id: UUID
    source_id: int
    duplicate_of: UUID | None
    payload: bytes


FETCH_EMITTED = (
    "SELECT complaint_id, source_id, duplicate_of, payload FROM intake.complaints WHERE complaint_id = ANY ($1::uuid[])"
)


async def fetch_emitted(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> list[EmittedComplaint]:
    """Return complaints as they were last emitted, by their ids."""
    rows = await connection.fetch(FETCH_EMITTED, list(complaint_ids))
    return [
        EmittedComplaint(
            UUID(int=row["complaint_id"].int),
            row["source_id"],
            row["duplicate_of"] and UUID(int=row["duplicate_of"].int),
            row["payload"],
        )
        for row in rows
    ]


FETCH_LINKED = """
SELECT s.name, c.external_id
  FROM intake.complaints AS c
  JOIN intake.sources AS s USING (source_id)
 WHERE c.duplicate_of IS NOT NULL
"""


async def fetch_linked(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    """Return source and external id of each complaint that is a duplicate; reads the whole table, for verifications."""
    return {(row["name"], row["external_id"]) for row in await connection.fetch(FETCH_LINKED)}


def to_state(row: asyncpg.Record) -> ComplaintState:
    """Return the state that the columns of a row say."""
    return ComplaintState(
        complaint_id=UUID(int=row["complaint_id"].int),
        source_revision=row["source_revision"],
        content_hash=row["content_hash"],
        ever_accepted=row["ever_accepted"],
        withheld=row["withheld"],
        revision=row["revision"],
        operator_key=row["operator_key"],
        name_key=row["name_key"],
        duplicate_of=row["duplicate_of"] and UUID(int=row["duplicate_of"].int),
    )


FETCH_PAYLOADS = "SELECT complaint_id, payload FROM intake.complaints WHERE complaint_id = ANY ($1::uuid[])"


async def fetch_payloads(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return the JSON payload of the last event of each complaint."""
    rows = await connection.fetch(FETCH_PAYLOADS, list(complaint_ids))
    return {UUID(int=row["complaint_id"].int): row["payload"] for row in rows}


class ComplaintRow(NamedTuple):
    """A complaint to store: its key, its state and the JSON payload of its event."""

    key: ComplaintKey
    state: ComplaintState
    payload: bytes


# In the middle the fields of `ComplaintState`, in their order; they are $1 to $9 of `UPDATE`.
COLUMNS = ("source_id", "external_id", *ComplaintState._fields, "payload", "revised_at")


async def _insert(connection: asyncpg.Connection, rows: Sequence[ComplaintRow], now: datetime) -> None:
    """Insert new complaints by COPY, in two thirds of the time of INSERT … ON CONFLICT."""
    if not rows:
        return
    # In the order of the key, so that two transactions with the same new complaints never wait for each other.
    records = [(*row.key, *row.state, row.payload, now) for row in sorted(rows, key=lambda row: row.key)]
    try:
        await connection.copy_records_to_table("complaints", schema_name="intake", columns=COLUMNS, records=records)
    except asyncpg.UniqueViolationError:
        raise ConcurrentUpdate from None


UPDATE = """
UPDATE intake.complaints AS c
   SET source_revision = r.source_revision,
       content_hash = r.content_hash,
       ever_accepted = r.ever_accepted,
       withheld = r.withheld,
       revision = r.revision,
       operator_key = r.operator_key,
       name_key = r.name_key,
       duplicate_of = r.duplicate_of,
       payload = r.payload,
       revised_at = $11
  FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::boolean[], $5::boolean[], $6::integer[], $7::text[], $8::text[],
              $9::uuid[], $10::bytea[])
       AS r(complaint_id, source_revision, content_hash, ever_accepted, withheld, revision, operator_key, name_key,
            duplicate_of, payload)
 WHERE c.complaint_id = r.complaint_id
   AND c.revision = r.revision - 1
"""


async def _update(connection: asyncpg.Connection, rows: Sequence[ComplaintRow], now: datetime) -> None:
    """Update complaints that this transaction has locked."""
    if not rows:
        return
    states = zip(*(row.state for row in rows), strict=True)
    if await execute_counted(connection, UPDATE, *states, [row.payload for row in rows], now) != len(rows):
        raise ConcurrentUpdate


async def upsert_complaints(connection: asyncpg.Connection, rows: Sequence[ComplaintRow], now: datetime) -> None:
    """Insert or update the complaints, each once. Raises `ConcurrentUpdate` when a row is no longer as it was read."""
    await _insert(connection, [row for row in rows if row.state.revision == 1], now)
    await _update(connection, [row for row in rows if row.state.revision != 1], now)
