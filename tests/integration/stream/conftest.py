"""The table of numbers that the handlers of these tests write."""

from __future__ import annotations

import asyncpg
import pytest


@pytest.fixture
async def stored_numbers(settings):
    """The numbers stored so far, sorted. The table is in the schema of the service that the tests play; 666 is rejected."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    await connection.execute("CREATE TABLE publisher.numbers (number integer NOT NULL CHECK (number <> 666))")
    await connection.execute("GRANT SELECT, INSERT ON publisher.numbers TO gongshi_publisher")

    async def fetch_numbers():
        return sorted(row[0] for row in await connection.fetch("SELECT number FROM publisher.numbers"))

    yield fetch_numbers
    await connection.close()
