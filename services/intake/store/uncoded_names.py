"""Operator names that no credit code claims: their complaints stand with nobody until a person says whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.intake.store.operator_search import FoundOperator


@dataclass(frozen=True, slots=True)
class UncodedName:
    """A name that came without a credit code only, with its complaints. `assigned_to`: a code, or empty where it is left."""

    name_key: str
    name: str
    complaints: int
    assigned_to: str | None
    assigned_by: str | None
    assigned_at: datetime | None


# Those with the most complaints first; the partial index holds complaints without an operator only.
WAITING = """
WITH counted AS (
    SELECT c.name_key, count(*) AS complaints,
           left(encode(sha256(convert_to(c.name_key, 'UTF8')), 'hex'), 32) AS place
      FROM intake.complaints c
     WHERE c.operator_key LIKE 'N-%'
     GROUP BY c.name_key
)
SELECT n.name_key, n.name, c.complaints, n.assigned_to, n.assigned_by, n.assigned_at
  FROM counted c
  JOIN intake.operator_names n USING (name_key)
 WHERE cardinality(n.claimed_by) = 0
   AND n.assigned_to IS NULL
   AND (-c.complaints, c.place) > (-$1::bigint, $2)
 ORDER BY -c.complaints, c.place
 LIMIT $3
"""
BEFORE_ALL = (2**62, "")


def place_of(name: UncodedName) -> tuple[int, str]:
    """Return the place of a name in the list, which tells nothing of it: a name may be a person's."""
    return name.complaints, hashlib.sha256(name.name_key.encode()).hexdigest()[:32]


async def list_waiting(connection: asyncpg.Connection, after: tuple[int, str], limit: int) -> list[UncodedName]:
    """Return names without a credit code behind a place, those with the most complaints first."""
    return [UncodedName(**dict(row)) for row in await connection.fetch(WAITING, *after, limit)]


DECIDED = """
SELECT n.name_key, n.name, n.assigned_to, n.assigned_by, n.assigned_at,
       (SELECT count(*) FROM intake.complaints c WHERE c.name_key = n.name_key) AS complaints
  FROM intake.operator_names n
 WHERE cardinality(n.claimed_by) = 0
   AND n.assigned_to IS NOT NULL
 ORDER BY n.assigned_at DESC, n.name_key
 LIMIT $1
"""


async def list_decided(connection: asyncpg.Connection, limit: int) -> list[UncodedName]:
    """Return the names without a credit code that were decided on, the newest decision first."""
    return [UncodedName(**dict(row)) for row in await connection.fetch(DECIDED, limit)]


CANDIDATES = """
SELECT c.name_key, o.uscc, o.name, o.address
  FROM unnest($1::text[], $2::text[], $3::text[]) AS c(name_key, core, beginning)
 CROSS JOIN LATERAL (
       SELECT f.uscc, f.name, f.address
         FROM intake.operators f
        WHERE f.name LIKE c.core OR f.name LIKE c.beginning
        ORDER BY f.name NOT LIKE c.core, length(f.name), f.name, f.uscc
        LIMIT $4) o
"""


async def fetch_candidates(
    connection: asyncpg.Connection, cores: Mapping[str, str], limit: int
) -> dict[str, list[FoundOperator]]:
    """Return operators that names may mean, by comparable name; `cores` are the distinctive parts of the names."""
    found: dict[str, list[FoundOperator]] = {name: [] for name in cores}
    patterns = [_pattern(core) for core in cores.values()]
    beginnings = [_pattern(core[:2]) for core in cores.values()]
    for row in await connection.fetch(CANDIDATES, list(cores), patterns, beginnings, limit):
        found[row["name_key"]].append(FoundOperator(row["uscc"], row["name"], row["address"]))
    return found


def _pattern(words: str) -> str:
    return "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


ASSIGN = """
UPDATE intake.operator_names
   SET assigned_to = $2, assigned_by = $3, assigned_at = $4
 WHERE name_key = $1
   AND cardinality(claimed_by) = 0
   AND assigned_to IS DISTINCT FROM $2
RETURNING name
"""


async def assign(connection: asyncpg.Connection, name_key: str, uscc: str, *, by: str, at: datetime) -> str | None:
    """Let a name stand for a credit code, or leave it (empty); return the name. None: it has claimants or stands so already."""
    name: str | None = await connection.fetchval(ASSIGN, name_key, uscc, by, at)
    return name


REOPEN = """
UPDATE intake.operator_names
   SET assigned_to = NULL, assigned_by = NULL, assigned_at = NULL
 WHERE name_key = $1
   AND cardinality(claimed_by) = 0
   AND assigned_to IS NOT NULL
RETURNING name
"""


async def reopen(connection: asyncpg.Connection, name_key: str) -> str | None:
    """Take a decision on a name back; return the name. None where there is none."""
    name: str | None = await connection.fetchval(REOPEN, name_key)
    return name
