"""Complaints: what is known of them, and what was said last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.domain.decision import Key, State
from shared.errors import TransientError


class Raced(TransientError):
    """Another transaction changed one of these complaints meanwhile."""


STATES = """
SELECT c.source_id, c.external_id, c.complaint_id, c.source_revision, c.content_hash, c.ever_accepted, c.withheld, c.revision,
       c.operator_key, c.name_key
  FROM unnest($1::bigint[], $2::text[]) AS k(source_id, external_id)
  JOIN intake.complaints AS c USING (source_id, external_id)
 ORDER BY c.complaint_id
   FOR UPDATE OF c
"""


async def states(connection: asyncpg.Connection, keys: Collection[Key]) -> dict[Key, State]:
    """Return what is known of the complaints and lock them; (source id, external id) is the key."""
    rows = await connection.fetch(STATES, [source for source, _ in keys], [external for _, external in keys])
    return {(row["source_id"], row["external_id"]): _state(row) for row in rows}


# Each name is looked up by itself, whatever the planner knows of the table: on a fresh system, which nothing has analysed yet,
# it went through all complaints for a handful of names.
BY_NAME = """
WITH behind AS (
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
       c.operator_key, c.name_key
  FROM intake.complaints AS c
 WHERE c.complaint_id = ANY (ARRAY(SELECT complaint_id FROM behind))
 ORDER BY c.complaint_id
   FOR UPDATE OF c
"""


async def left_behind(connection: asyncpg.Connection, operators: Mapping[str, str], most: int) -> dict[Key, State]:
    """Return and lock complaints whose operator was found by a name that stands for another now, at most so many.

    `operators` are the keys of the operators that the names stand for. One that moved meanwhile is among them: look again.
    """
    rows = await connection.fetch(BY_NAME, list(operators), list(operators.values()), most)
    return {(row["source_id"], row["external_id"]): _state(row) for row in rows}


def _state(row: asyncpg.Record) -> State:
    return State(
        complaint_id=UUID(int=row["complaint_id"].int),
        source_revision=row["source_revision"],
        content_hash=row["content_hash"],
        ever_accepted=row["ever_accepted"],
        withheld=row["withheld"],
        revision=row["revision"],
        operator_key=row["operator_key"],
        name_key=row["name_key"],
    )


PAYLOADS = "SELECT complaint_id, payload FROM intake.complaints WHERE complaint_id = ANY ($1::uuid[])"


async def payloads(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return what was said last of the complaints, as JSON."""
    rows = await connection.fetch(PAYLOADS, list(complaint_ids))
    return {UUID(int=row["complaint_id"].int): row["payload"] for row in rows}


@dataclass(frozen=True, slots=True)
class Row:
    """A complaint to be written: its key, its state, and what is said of it now."""

    key: Key
    state: State
    payload: bytes


# In the middle the fields of a state, in their order; they are $1 to $8 of `REVISE`.
COLUMNS = ("source_id", "external_id", *State._fields, "payload", "revised_at")


async def _add(connection: asyncpg.Connection, rows: Sequence[Row], now: datetime) -> None:
    """Add complaints that were not known. COPY takes two thirds of the time of an INSERT that minds conflicts."""
    if not rows:
        return
    # In the order of the key, so that two transactions with the same new complaints never wait for each other.
    records = [(*row.key, *row.state, row.payload, now) for row in sorted(rows, key=lambda row: row.key)]
    try:
        await connection.copy_records_to_table("complaints", schema_name="intake", columns=COLUMNS, records=records)
    except asyncpg.UniqueViolationError:
        raise Raced from None


REVISE = """
UPDATE intake.complaints AS c
   SET source_revision = r.source_revision,
       content_hash = r.content_hash,
       ever_accepted = r.ever_accepted,
       withheld = r.withheld,
       revision = r.revision,
       operator_key = r.operator_key,
       name_key = r.name_key,
       payload = r.payload,
       revised_at = $10
  FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::boolean[], $5::boolean[], $6::integer[], $7::text[], $8::text[],
              $9::bytea[])
       AS r(complaint_id, source_revision, content_hash, ever_accepted, withheld, revision, operator_key, name_key, payload)
 WHERE c.complaint_id = r.complaint_id
   AND c.revision = r.revision - 1
"""


async def _revise(connection: asyncpg.Connection, rows: Sequence[Row], now: datetime) -> None:
    """Revise complaints that were read, and locked, in this transaction."""
    if not rows:
        return
    states = zip(*(row.state for row in rows), strict=True)
    tag = await connection.execute(REVISE, *states, [row.payload for row in rows], now)
    if int(tag.rsplit(" ", 1)[1]) != len(rows):
        raise Raced


async def write(connection: asyncpg.Connection, rows: Sequence[Row], now: datetime) -> None:
    """Write the complaints, each once. Raises `Raced` when one is no longer as it was read."""
    await _add(connection, [row for row in rows if row.state.revision == 1], now)
    await _revise(connection, [row for row in rows if row.state.revision != 1], now)
