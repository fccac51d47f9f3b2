"""Operator names that several credit codes claim, and what people decided about them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Claimant:
    """A credit code that claims a name: the operator's name and address as first reported, and since when it is known."""

    uscc: str
    name: str
    address: str | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ContestedName:
    """A name with several claimants. `complaints` know the name only. `assigned_to`: a code, or empty for nobody."""

    name_key: str
    name: str
    claimed_by: tuple[str, ...]
    complaints: int
    assigned_to: str | None
    assigned_by: str | None
    assigned_at: datetime | None


LIST = """
SELECT n.name_key, n.name, n.claimed_by, n.assigned_to, n.assigned_by, n.assigned_at,
       (SELECT count(*) FROM intake.complaints c WHERE c.name_key = n.name_key) AS complaints
  FROM intake.operator_names n
 WHERE cardinality(n.claimed_by) > 1
   AND (n.assigned_to IS NOT NULL) = $1
   AND left(encode(sha256(convert_to(n.name_key, 'UTF8')), 'hex'), 32) > $2
 ORDER BY left(encode(sha256(convert_to(n.name_key, 'UTF8')), 'hex'), 32)
 LIMIT $3
"""


def cursor_of(name: ContestedName) -> str:
    """Return the place of a name in the list, which is in no order that people know: a name may be a person's."""
    return hashlib.sha256(name.name_key.encode()).hexdigest()[:32]


async def list_names(connection: asyncpg.Connection, *, decided: bool, after: str = "", limit: int) -> list[ContestedName]:
    """Return contested names, those that were decided or those that wait, behind a cursor."""
    rows = await connection.fetch(LIST, decided, after, limit)
    return [ContestedName(**{**dict(row), "claimed_by": tuple(row["claimed_by"])}) for row in rows]


COUNT_WAITING = "SELECT count(*) FROM intake.operator_names WHERE cardinality(claimed_by) > 1 AND assigned_to IS NULL"


async def count_waiting(connection: asyncpg.Connection) -> int:
    """Return how many names wait for a decision."""
    return int(await connection.fetchval(COUNT_WAITING))


CLAIMANTS = """
SELECT uscc, name, address, first_seen_at
  FROM intake.operators
 WHERE operator_key = ANY ($1::text[])
"""


async def fetch_claimants(connection: asyncpg.Connection, usccs: list[str]) -> dict[str, Claimant]:
    """Return the claimants by credit code."""
    return {row["uscc"]: Claimant(**dict(row)) for row in await connection.fetch(CLAIMANTS, usccs)}


ASSIGN = """
UPDATE intake.operator_names
   SET assigned_to = $2, assigned_by = $3, assigned_at = $4
 WHERE name_key = $1
   AND cardinality(claimed_by) > 1
   AND assigned_to IS DISTINCT FROM $2
   AND ($2 = '' OR $2 = ANY (claimed_by))
RETURNING name
"""


async def assign(connection: asyncpg.Connection, name_key: str, uscc: str, *, by: str, at: datetime) -> str | None:
    """Let a contested name stand for one of its claimants, or for nobody (empty); return the name.

    None: it is not contested, stands so already, or the code does not claim it.
    """
    name: str | None = await connection.fetchval(ASSIGN, name_key, uscc, by, at)
    return name
