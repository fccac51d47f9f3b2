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
# it went through all complaints for a handful of names. One that moves before it is locked comes as it is then.
BY_NAME = """
WITH behind AS MATERIALIZED (
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

    `operators` are the keys of the operators that the names stand for.
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


WRITE = """
INSERT INTO intake.complaints AS c (
    source_id, external_id, complaint_id, source_revision, content_hash, ever_accepted, withheld, revision, operator_key,
    name_key, payload, revised_at
)
SELECT w.*, $12
  FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::integer[], $5::bytea[], $6::boolean[], $7::boolean[], $8::integer[],
              $9::text[], $10::text[], $11::bytea[]) AS w
    ON CONFLICT (source_id, external_id) DO UPDATE
   SET source_revision = excluded.source_revision,
       content_hash = excluded.content_hash,
       ever_accepted = excluded.ever_accepted,
       withheld = excluded.withheld,
       revision = excluded.revision,
       operator_key = excluded.operator_key,
       name_key = excluded.name_key,
       payload = excluded.payload,
       revised_at = excluded.revised_at
 WHERE c.complaint_id = excluded.complaint_id
   AND c.revision = excluded.revision - 1
"""


async def write(connection: asyncpg.Connection, rows: Sequence[Row], now: datetime) -> None:
    """Write the complaints, each once. Raises `Raced` when one is no longer as it was read."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.key)
    tag = await connection.execute(
        WRITE,
        [row.key[0] for row in ordered],
        [row.key[1] for row in ordered],
        [row.state.complaint_id for row in ordered],
        [row.state.source_revision for row in ordered],
        [row.state.content_hash for row in ordered],
        [row.state.ever_accepted for row in ordered],
        [row.state.withheld for row in ordered],
        [row.state.revision for row in ordered],
        [row.state.operator_key for row in ordered],
        [row.state.name_key for row in ordered],
        [row.payload for row in ordered],
        now,
    )
    if int(tag.rsplit(" ", 1)[1]) != len(ordered):
        raise Raced
