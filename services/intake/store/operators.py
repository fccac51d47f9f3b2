"""Operators with a credit code, operator names, and the credit codes that claim them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import asyncpg

from services.intake.domain.operators import NameClaims

FETCH_CLAIMS = "SELECT name_key, claimed_by, assigned_to FROM intake.operator_names WHERE name_key = ANY ($1::text[])"


async def fetch_claims(connection: asyncpg.Connection, names: Collection[str]) -> dict[str, NameClaims]:
    """Return the claims of each registered name."""
    return _by_name(await connection.fetch(FETCH_CLAIMS, list(names)))


LOCK_CLAIMS = """
SELECT name_key, claimed_by, assigned_to
  FROM intake.operator_names
 WHERE name_key = ANY ($1::text[])
 ORDER BY name_key
   FOR SHARE
"""


async def lock_claims(connection: asyncpg.Connection, names: Collection[str]) -> dict[str, NameClaims]:
    """Return the claims of each name, locked FOR SHARE until the transaction ends.

    A concurrent claim would reattribute the complaints of a name without those that this transaction inserts.
    """
    return _by_name(await connection.fetch(LOCK_CLAIMS, list(names)))


def _by_name(rows: Iterable[asyncpg.Record]) -> dict[str, NameClaims]:
    return {row["name_key"]: NameClaims(tuple(row["claimed_by"]), row["assigned_to"]) for row in rows}


@dataclass(frozen=True, slots=True)
class NameClaim:
    """A name as reported, and the credit code reported with it, or None."""

    name_key: str
    name: str
    uscc: str | None


# A name that more codes claim than a person can tell apart is everybody's.
MAX_CLAIMANTS = 20
ADD_CLAIMS = """
INSERT INTO intake.operator_names AS n (name_key, name, claimed_by)
SELECT c.name_key, min(c.name), coalesce((array_agg(DISTINCT c.uscc) FILTER (WHERE c.uscc IS NOT NULL))[1:20], '{}')
  FROM unnest($1::text[], $2::text[], $3::text[]) AS c(name_key, name, uscc)
 GROUP BY c.name_key
 ORDER BY c.name_key
    ON CONFLICT (name_key) DO UPDATE
   SET claimed_by = (n.claimed_by || ARRAY(SELECT unnest(excluded.claimed_by) EXCEPT SELECT unnest(n.claimed_by)))[1:20]
 WHERE cardinality(n.claimed_by) < 20
   AND NOT excluded.claimed_by <@ n.claimed_by
RETURNING name_key, claimed_by, assigned_to
"""


async def add_claims(connection: asyncpg.Connection, claims: Collection[NameClaim]) -> dict[str, NameClaims]:
    """Insert names and claims; return the claims of the names that are new or have one claimant more."""
    rows = await connection.fetch(
        ADD_CLAIMS,
        [claim.name_key for claim in claims],
        [claim.name for claim in claims],
        [claim.uscc for claim in claims],
    )
    return _by_name(rows)


FETCH_USCCS = "SELECT operator_key FROM intake.operators WHERE operator_key = ANY ($1::text[])"


async def fetch_registered_usccs(connection: asyncpg.Connection, usccs: Collection[str]) -> set[str]:
    """Return which of the credit codes are registered."""
    return {row["operator_key"] for row in await connection.fetch(FETCH_USCCS, list(usccs))}


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with a credit code, as it was first reported."""

    uscc: str
    name: str
    address: str | None
    scope: str | None


ADD_OPERATORS = """
INSERT INTO intake.operators (operator_key, uscc, name, address, scope)
SELECT o.uscc, o.uscc, o.name, o.address, o.scope
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS o(uscc, name, address, scope)
 ORDER BY o.uscc
    ON CONFLICT (operator_key) DO NOTHING
"""


async def add_operators(connection: asyncpg.Connection, operators: Iterable[Operator]) -> None:
    """Insert operators that are not registered; of several rows with one credit code the last counts."""
    distinct = list({operator.uscc: operator for operator in operators}.values())
    if not distinct:
        return
    await connection.execute(
        ADD_OPERATORS,
        [operator.uscc for operator in distinct],
        [operator.name for operator in distinct],
        [operator.address for operator in distinct],
        [operator.scope for operator in distinct],
    )
