"""Every statement of the publisher fits its schema and its role."""

from __future__ import annotations

import pytest

from services.publisher.store import (
    batches,
    closings,
    deliveries,
    desk,
    feeds,
    figures,
    gate,
    handled,
    hub,
    items,
    journal_check,
    listing,
    mail,
    open_data,
    operators,
    overview,
    paging,
    pairing,
    public_items,
    recalls,
    release_record,
    repeats,
    rulings,
    screen_wall,
    screens,
    seals,
    targets,
    verification,
    versions,
)
from shared.database import open_pool
from tests.integration.plans import explain_plans

MODULES = (
    batches,
    closings,
    deliveries,
    desk,
    feeds,
    figures,
    gate,
    handled,
    hub,
    items,
    journal_check,
    listing,
    mail,
    open_data,
    operators,
    overview,
    paging,
    pairing,
    public_items,
    recalls,
    release_record,
    repeats,
    rulings,
    screen_wall,
    screens,
    seals,
    targets,
    verification,
    versions,
)
BEGINNINGS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
STATEMENTS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": statement
    for module in MODULES
    for name, statement in vars(module).items()
    if name.isupper() and isinstance(statement, str) and statement.strip().startswith(BEGINNINGS)
} | {f"verification.INVARIANTS[{number}]": statement for number, statement in enumerate(verification.INVARIANTS)}

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


async def test_similar_items_are_looked_up_one_by_one_without_statistics(database):
    keys = [f"key {number}" for number in range(60)]
    pool = await open_pool(database, "publisher")
    try:
        async with pool.acquire() as connection:
            found = await explain_plans(connection, items.SIMILAR_ITEMS, keys, keys, keys)
    finally:
        await pool.close()
    for plan in found:
        assert "versions_alike" in plan
        assert "Seq Scan" not in plan
        assert "items_board" not in plan
