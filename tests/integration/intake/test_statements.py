"""Every statement of intake fits its schema and its role."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.intake.store import (
    arrivals,
    cases,
    complaints,
    list_history,
    match_queue,
    name_keys,
    operator_search,
    operators,
    overview,
    reattributions,
    report_pairs,
    report_traits,
    source_keys,
    source_reports,
    sources,
)
from shared.database import open_pool
from tests.integration.plans import explain_plans

STATEMENTS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": statement
    for module in (
        arrivals,
        cases,
        complaints,
        list_history,
        match_queue,
        name_keys,
        operator_search,
        operators,
        overview,
        reattributions,
        report_pairs,
        report_traits,
        source_keys,
        source_reports,
        sources,
    )
    for name, statement in vars(module).items()
    if name.isupper() and isinstance(statement, str) and " " in statement
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


async def test_misattributed_complaints_are_found_by_index_without_table_statistics(settings):
    names = [f"name {number}" for number in range(40)]
    pool = await open_pool(settings, "intake")
    try:
        async with pool.acquire() as connection:
            found = await explain_plans(connection, complaints.LOCK_MISATTRIBUTED, names, names, 2_000)
    finally:
        await pool.close()
    for plan in found:
        assert "complaints_by_name" in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        (cases.BY_ID, (UUID(int=1),)),
        (cases.BY_NUMBER, ("HZ-1",)),
        (cases.ENTERED, ("/gongshi/intake/desk", "E", None, None, None, 50)),
        (cases.HISTORY, (UUID(int=1),)),
    ],
    ids=["by id", "by number", "entered at the desk", "history"],
)
async def test_the_desk_reads_no_table_of_complaints_through(settings, statement, arguments):
    pool = await open_pool(settings, "intake")
    try:
        async with pool.acquire() as connection:
            found = await explain_plans(connection, statement, *arguments)
    finally:
        await pool.close()
    for plan in found:
        assert "Seq Scan on complaints" not in plan
        assert "Seq Scan on case_steps" not in plan
