"""The plan of a statement in PostgreSQL."""

from __future__ import annotations

from typing import Any

import asyncpg


async def explain_plans(connection: asyncpg.Connection, statement: str, *arguments: Any) -> list[str]:
    """Return the custom plan for these arguments and the generic plan, which a service uses from the sixth batch on."""
    custom = await connection.fetch(f"EXPLAIN {statement}", *arguments)
    await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE explained AS {statement}")
    generic = await connection.fetch(f"EXPLAIN EXECUTE explained({', '.join(['NULL'] * len(arguments))})")
    return ["\n".join(row["QUERY PLAN"] for row in plan) for plan in (custom, generic)]
