"""Operators with a credit code by a part of their name, for who enters a complaint."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from services.intake.domain.operators import parse_uscc

MIN_LENGTH = 2


@dataclass(frozen=True, slots=True)
class FoundOperator:
    """An operator as it was first reported with its code."""

    uscc: str
    name: str
    address: str | None


# Names that begin with what was typed come first, then the shortest.
SEARCH = """
SELECT uscc, name, address
  FROM intake.operators
 WHERE name LIKE $1 OR operator_key = $2
 ORDER BY name NOT LIKE ltrim($1, '%'), length(name), name, uscc
 LIMIT $3
"""


async def search_operators(connection: asyncpg.Connection, text: str, limit: int) -> list[FoundOperator]:
    """Return the operators whose name contains the text, or whose code it is; none for less than two characters."""
    words = text.strip()
    if len(words) < MIN_LENGTH:
        return []
    pattern = "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    rows = await connection.fetch(SEARCH, pattern, parse_uscc(words) or "", limit)
    return [FoundOperator(**dict(row)) for row in rows]
