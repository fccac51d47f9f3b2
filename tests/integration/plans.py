"""How PostgreSQL would run a statement."""

from __future__ import annotations

from typing import Any

import asyncpg


async def plans(connection: asyncpg.Connection, statement: str, *arguments: Any) -> list[str]:
    """Return the plan for these arguments, and the one for any, which a service runs from the sixth batch on."""
    first = await connection.fetch(f"EXPLAIN {statement}", *arguments)
    await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE look AS {statement}")
    later = await connection.fetch(f"EXPLAIN EXECUTE look({', '.join(['NULL'] * len(arguments))})")
    return ["\n".join(row["QUERY PLAN"] for row in plan) for plan in (first, later)]
