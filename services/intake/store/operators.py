"""Operators, and the names that were claimed for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import asyncpg

CLAIMS = "SELECT name_key, claimed_by FROM intake.operator_names WHERE name_key = ANY ($1::text[])"


async def claims(connection: asyncpg.Connection, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return who claims each of the names that are known."""
    return {row["name_key"]: tuple(row["claimed_by"]) for row in await connection.fetch(CLAIMS, list(names))}


CLAIMS_FOR_SHARE = """
SELECT name_key, claimed_by
  FROM intake.operator_names
 WHERE name_key = ANY ($1::text[])
 ORDER BY name_key
   FOR SHARE
"""


async def claims_held(connection: asyncpg.Connection, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return who claims each of the names, and keep it so until the transaction ends.

    A claim that commits meanwhile would move the complaints of a name without seeing the ones this transaction adds.
    """
    return {row["name_key"]: tuple(row["claimed_by"]) for row in await connection.fetch(CLAIMS_FOR_SHARE, list(names))}


@dataclass(frozen=True, slots=True)
class Claim:
    """A name as reported, and the credit code it came with, if any."""

    name_key: str
    name: str
    uscc: str | None


ADD_CLAIMS = """
INSERT INTO intake.operator_names AS n (name_key, name, claimed_by)
SELECT c.name_key, min(c.name), coalesce((array_agg(DISTINCT c.uscc) FILTER (WHERE c.uscc IS NOT NULL))[1:2], '{}')
  FROM unnest($1::text[], $2::text[], $3::text[]) AS c(name_key, name, uscc)
 GROUP BY c.name_key
 ORDER BY c.name_key
    ON CONFLICT (name_key) DO UPDATE
   SET claimed_by = ARRAY(SELECT DISTINCT unnest(n.claimed_by || excluded.claimed_by) LIMIT 2)
 WHERE cardinality(n.claimed_by) < 2
   AND NOT excluded.claimed_by <@ n.claimed_by
RETURNING name_key, claimed_by
"""


async def add_claims(connection: asyncpg.Connection, wanted: Collection[Claim]) -> dict[str, tuple[str, ...]]:
    """Register names and claims, and return the claimants of the names that are new or have one more."""
    rows = await connection.fetch(
        ADD_CLAIMS,
        [claim.name_key for claim in wanted],
        [claim.name for claim in wanted],
        [claim.uscc for claim in wanted],
    )
    return {row["name_key"]: tuple(row["claimed_by"]) for row in rows}


KNOWN = "SELECT operator_key FROM intake.operators WHERE operator_key = ANY ($1::text[])"


async def known_operators(connection: asyncpg.Connection, usccs: Collection[str]) -> set[str]:
    """Return those of the credit codes that are registered."""
    return {row["operator_key"] for row in await connection.fetch(KNOWN, list(usccs))}


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
    """Register operators that are not known yet; of several rows for one the last counts."""
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
