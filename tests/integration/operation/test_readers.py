"""Keys of programs that read figures: made, replaced, revoked, each act in the journal."""

from __future__ import annotations

import asyncpg

from shared.keys import key_hash
from shared.settings import Settings
from tests.integration.operation.test_databases import gongshi


async def test_a_readers_key_is_shown_once_and_void_when_revoked(settings: Settings) -> None:
    made = await gongshi(settings, "readers", "add", "dashboard")
    again = await gongshi(settings, "readers", "add", "dashboard")
    listed = await gongshi(settings, "readers", "list")
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    stored = await connection.fetchval("SELECT key_hash FROM stats.readers WHERE name = 'dashboard'")
    revoked = await gongshi(settings, "readers", "revoke", "dashboard")
    unknown = await gongshi(settings, "readers", "revoke", "dashboard")
    left = await connection.fetchval("SELECT count(*) FROM stats.readers")
    acts = await connection.fetch("SELECT action, subject FROM stats.journal ORDER BY seq")
    await connection.close()

    first, second = made[1].splitlines()[-1], again[1].splitlines()[-1]
    assert stored == key_hash(second) != key_hash(first)
    assert "dashboard" in listed[1]
    assert second not in listed[1]
    assert revoked[0] == 0
    assert (unknown[0], left) == (1, 0)
    assert "no reader dashboard" in unknown[2]
    assert [row["action"] for row in acts] == ["reader_key_made", "reader_key_replaced", "reader_key_revoked"]
