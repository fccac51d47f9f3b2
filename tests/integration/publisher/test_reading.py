"""What readers' requests ask of the database, and that what is kept or counted for them is right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from services.publisher.store import operators, overview
from services.publisher.web.overview import OverviewCache
from shared.contracts import Board
from tests.integration.probes import wait_until
from tests.integration.publisher.events import MONTH, NAMES, ruling, uscc
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")

HINT = "请至少输入两个字"
NOW = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)
TODAY = date(2026, 10, 9)

RELEASE = """
INSERT INTO publisher.releases (release_seq, item_id, version, kind, body, digest, released_by, released_at, rules_version)
VALUES ($1, $2, 1, 'released', '{}', '', 'wu', $3, '2026-1')
"""
ITEM = """
INSERT INTO publisher.public_items (item_id, release_seq, board, state, operator_key, expires_on, words, body)
VALUES ($2, $1, 'major', $3, CASE WHEN $3 <> 'withdrawn' THEN 'key' END, $4, '', '{}')
"""


async def put(owner, *items):
    """Put items of the major board where they are read from, past the gate: (state, day of expiry, time of release)."""
    await owner.execute("SET session_replication_role = replica")
    for seq, (state, expires_on, released_at) in enumerate(items, start=1):
        await owner.execute(RELEASE, seq, f"GS-2026-{seq:06d}", released_at)
        await owner.execute(ITEM, seq, f"GS-2026-{seq:06d}", state, expires_on)


@pytest.fixture
def calls(monkeypatch):
    """How operators are looked for from here on: (statement, what for)."""
    recorded = []
    search, named = operators.search_operators, operators.search_any_word

    async def record_search(connection, q, region, limit):
        recorded.append(("search", q))
        return await search(connection, q, region, limit)

    async def record_any_word(connection, words, limit):
        recorded.append(("named", *words))
        return await named(connection, words, limit)

    monkeypatch.setattr(operators, "search_operators", record_search)
    monkeypatch.setattr(operators, "search_any_word", record_any_word)
    return recorded


async def found(publisher, q):
    """The page of a search."""
    response = await publisher.public.get(f"/search?q={quote(q)}", headers=HTML)
    assert response.status_code == 200
    return response.text


async def test_a_search_of_many_words_queries_operators_twice_at_most(month, calls):
    await found(month, " ".join("abcdefghijklmnopqrstuvwxyz"))
    assert [statement for statement, *_ in calls] == ["search"]
    calls.clear()

    page = await found(month, "无此 乌有 木棉 锦程 小满")

    assert calls == [("search", "无此 乌有 木棉 锦程 小满"), ("named", "无此", "乌有", "木棉")]
    assert NAMES[1] in page.replace("<wbr>", "").replace("<mark>", "").replace("</mark>", "")


async def test_two_characters_are_found_and_one_is_answered_with_a_hint(month, calls):
    two, one = await found(month, "木棉"), await found(month, "木")

    assert f"/operators/{uscc(1)}" in two
    assert HINT not in two
    assert HINT in one
    assert calls == [("search", "木棉")]
    assert (await month.public.get("/api/search?q=%E6%9C%A8")).status_code == 422
    answer = await month.json("/api/search?q=%E6%9C%A8%E6%A3%89")
    assert [operator["uscc"] for operator in answer["operators"]] == [uscc(1)]


async def test_operators_of_the_first_word_come_first_and_a_code_before_all(month):
    async with month.database.snapshot() as connection:
        names = [found.name for found in await operators.search_any_word(connection, ["小满", "锦程"], 5)]
        coded = [found.name for found in await operators.search_any_word(connection, ["小满", uscc(0).lower()], 5)]
        literally = await operators.search_any_word(connection, ["%%", "__"], 5)

    assert names == [NAMES[2], NAMES[0]]
    assert coded == [NAMES[0], NAMES[2]]
    assert literally == []


async def test_the_level_of_a_trade_is_that_of_what_is_public_now(released):
    page = f"/operators/{uscc(0)}"
    assert "94.5%" in (await released.public.get(page, headers=HTML)).text  # 103 of 109
    other = next(i for i in await released.items() if i["content"]["complaints"] == 41)

    await released.produce(ruling(other["item_id"], "withdrawn"))

    await wait_until("the level without it", lambda: released.fetch_containing(released.public, page, "94.2%"))  # 65 of 69


async def test_months_and_trades_of_the_overview_add_up(month):
    kept = await month.app.state.overview_cache.current(month.database)

    (month,) = kept.months
    (trade,) = kept.industry_months([MONTH, "1999-01"], "F5273")
    assert (month.month, month.operators, month.complaints) == (MONTH, 3, 112)
    assert (trade.accepted, trade.resolved, trade.mediations, trade.mediation_successes) == (109, 103, 109, 103)
    assert kept.industry_months([MONTH], "F5212") == []


async def test_every_change_of_a_year_is_counted_however_many_items_are_newer(desk):
    year = timedelta(days=365)
    newer = [("released", None, NOW)] * 100
    await put(
        desk.owner, ("corrected", None, NOW - 2 * year), ("corrected", None, NOW), ("withdrawn", None, NOW),
        ("withdrawn", None, NOW), *newer,
    )  # fmt: skip

    async with desk.database.snapshot() as connection:
        assert await operators.count_corrections(connection, "key", NOW - year) == 1
        assert await operators.count_corrections(connection, "other", NOW - year) == 0


async def test_an_item_is_counted_until_the_day_that_it_expires_on_is_over(desk):
    await put(desk.owner, ("released", None, NOW), ("corrected", TODAY, NOW), ("withdrawn", None, NOW))
    day = SimpleNamespace(today=TODAY)
    bureau = SimpleNamespace(today=lambda _now: day.today, zone=desk.bureau.zone)
    overviews = OverviewCache(bureau, SimpleNamespace(generation=0))

    first = await overviews.current(desk.database)
    day.today += timedelta(days=1)
    second = await overviews.current(desk.database)

    assert (first.items, first.unexpired) == (2, 2)
    assert (second.items, second.unexpired) == (2, 1)
    assert second.boards[Board.MAJOR].unexpired == 1


async def test_the_list_of_all_items_shows_the_cached_total_on_every_page(month):
    seqs = sorted(i["release_seq"] for i in await month.items())

    for path in ("/items", f"/items?before={seqs[-1]}", f"/items?before={seqs[1]}"):
        assert "共3条" in (await month.public.get(path, headers=HTML)).text, path


async def test_non_publications_are_counted_by_an_index_of_their_own(desk):
    await desk.owner.execute("SET enable_seqscan = off")

    plan = await desk.owner.fetch(f"EXPLAIN {overview.COUNT_NON_PUBLICATIONS}", NOW)

    assert "versions_withheld" in " ".join(row["QUERY PLAN"] for row in plan)
