"""Every statement of intake fits its schema and its role."""

from __future__ import annotations

import pytest

from services.intake.store import arrivals, complaints, operators, overview, sources
from shared.database import open_pool

STATEMENTS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": statement
    for module in (arrivals, complaints, operators, overview, sources)
    for name, statement in vars(module).items()
    if name.isupper() and isinstance(statement, str)
}


async def test_every_statement_is_accepted_in_the_role_of_intake(settings):
    pool = await open_pool(settings, "intake")
    try:
        async with pool.acquire() as connection:
            for name, statement in STATEMENTS.items():
                try:
                    await connection.prepare(statement)
                except Exception as error:
                    pytest.fail(f"{name}: {error}")
    finally:
        await pool.close()
    assert len(STATEMENTS) > 15
