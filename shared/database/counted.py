"""Statements of which it matters how many rows they changed."""

from __future__ import annotations

import asyncpg


async def execute_counted(connection: asyncpg.Connection, statement: str, *arguments: object) -> int:
    """Execute INSERT, UPDATE or DELETE; return the number of rows that it changed, which PostgreSQL's tag ends with."""
    tag: str = await connection.execute(statement, *arguments)
    return int(tag.rpartition(" ")[2])
