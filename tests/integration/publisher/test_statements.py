"""Every statement of the publisher fits its schema and its role."""

from __future__ import annotations

import pytest

from services.publisher.store import (
    closings,
    desk,
    figures,
    gate,
    items,
    listing,
    operators,
    overview,
    paging,
    public,
    record,
    rulings,
    screens,
    verification,
    versions,
)
from shared.database import open_pool

MODULES = (
    closings,
    desk,
    figures,
    gate,
    items,
    listing,
    operators,
    overview,
    paging,
    public,
    record,
    rulings,
    screens,
    verification,
    versions,
)
BEGINNINGS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
STATEMENTS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": statement
    for module in MODULES
    for name, statement in vars(module).items()
    if name.isupper() and isinstance(statement, str) and statement.strip().startswith(BEGINNINGS)
} | {f"verification.FAULTS[{number}]": statement for number, statement in enumerate(verification.FAULTS)}

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_statement_is_accepted_in_the_role_of_the_publisher(database):
    pool = await open_pool(database, "publisher")
    try:
        async with pool.acquire() as connection:
            for name, statement in STATEMENTS.items():
                try:
                    await connection.prepare(statement)
                except Exception as error:
                    pytest.fail(f"{name}: {error}")
    finally:
        await pool.close()
    assert len(STATEMENTS) > 50
