"""A database that was used before its last migrations: withdrawn items lose their operator, older rows are found by the search."""

from __future__ import annotations

import shutil
from uuid import uuid4

import asyncpg
import pytest

from services.publisher.domain.search import search_pattern
from services.publisher.store import search
from shared.database import migrate, migrations
from tests.integration.conftest import replace_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The first migration after which nothing is known of withdrawn items' operators.
FIRST_NEW = "20261127100001"
ITEM = """
INSERT INTO publisher.public_items (item_id, release_seq, board, state, operator_key, operator_name, words, body)
VALUES ($1, $2, 'major', $3, $4, $5, $6, $7)
"""
RELEASE = """
INSERT INTO publisher.releases (release_seq, item_id, version, kind, body, digest, released_by, released_at, rules_version)
VALUES ($1, $2, 1, 'released', '{}', '', 'wu', now(), '2018-01-01')
"""
BODY = """
{"item_id": "%s", "board": "major", "version": 1, "state": "released", "title": "手机争议：云州ＡＢＣ公司", "summary": null, "content": {},
 "operator": {"key": "kept", "name": "云州ＡＢＣ公司", "uscc": null, "address": "东路1号"}, "rules_version": "2018-01-01",
 "first_released_at": "2026-10-09T00:00:00Z", "released_at": "2026-10-09T00:00:00Z"}
"""


@pytest.fixture
async def used(engines, tmp_path, monkeypatch):
    """A database at the migrations before, with a public item, a withdrawn one of another operator, and both operators listed."""
    name = f"test_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(engines.database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    url = replace_database(engines.database_url, name)
    stream, own = migrations.SCHEMAS["publisher"]
    before = tmp_path / "before"
    shutil.copytree(own, before)
    for file in before.glob("*.sql"):
        if file.name >= FIRST_NEW:
            file.unlink()
    monkeypatch.setitem(migrations.SCHEMAS, "publisher", (stream, before))
    # Tables of later migrations are among them.
    monkeypatch.setitem(migrations.APPEND_ONLY_TABLES, "publisher", ())
    await migrate(url)
    monkeypatch.undo()
    owner = await asyncpg.connect(url)
    await owner.execute("SET session_replication_role = replica")
    for number, (state, key, operator) in enumerate([("released", "kept", "云州ＡＢＣ公司"), ("withdrawn", "gone", None)], 1):
        item_id = f"GS-2026-{number:06d}"
        await owner.execute(RELEASE, number, item_id)
        await owner.execute(ITEM, item_id, number, state, key, operator, "手机争议", BODY % item_id)
        await owner.execute("INSERT INTO publisher.public_operators (key, name) VALUES ($1, 'an older name')", key)
    await owner.execute("SET session_replication_role = origin")
    yield url, owner
    await owner.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_withdrawn_items_lose_their_operator_and_the_search_finds_older_rows(used):
    url, owner = used
    await owner.execute("ALTER TABLE publisher.public_items DISABLE TRIGGER guard_public")

    await migrate(url)
    while await search.fill_operators(owner) + await search.fill_items(owner):
        pass

    operators = await owner.fetch("SELECT key, name, address, search_name FROM publisher.public_operators")
    assert [tuple(row) for row in operators] == [("kept", "云州ＡＢＣ公司", "东路1号", "云州abc公司")]
    keys = await owner.fetch("SELECT operator_key FROM publisher.public_items ORDER BY item_id")
    assert [row["operator_key"] for row in keys] == ["kept", None]
    found = "SELECT item_id FROM publisher.public_items WHERE search_words LIKE $1 AND state <> 'withdrawn'"
    assert [row["item_id"] for row in await owner.fetch(found, search_pattern("abc 公司"))] == ["GS-2026-000001"]
