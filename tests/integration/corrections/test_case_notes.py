"""Officers: notes on an application for colleagues, handing it over, and the search of operators by a part of their name."""

from __future__ import annotations

import pytest

from services.corrections.store import case_notes, replicas
from tests.integration.corrections.conftest import BROWSER, decision


@pytest.fixture
async def address(harness):
    return "/corrections/desk/" + await harness.application_id(await harness.file_application())


async def test_a_note_is_read_by_officers_without_numbers_of_persons(harness, address):
    assert (await harness.officer.post(f"{address}/notes", data={"note": "请核对押金单，来电13987654321"})).status_code == 303
    assert (await harness.officer.post(f"{address}/notes", data={"note": "  "})).status_code == 422

    page = (await harness.colleague.get(address, headers=BROWSER)).text

    assert "请核对押金单，来电[电话]" in page
    assert "13987654321" not in page
    assert (await harness.operator.post(f"{address}/notes", data={"note": "x"})).status_code == 401


async def test_an_application_is_handed_over_once_until_it_is_decided(harness, address):
    assert "赵凯" in (await harness.officer.get(address, headers=BROWSER)).text
    first = await harness.officer.post(f"{address}/hand-over", data={"to": "zhao", "handler": ""})
    stale = await harness.officer.post(f"{address}/hand-over", data={"to": "zhao", "handler": ""})
    nobody = await harness.officer.post(f"{address}/hand-over", data={"to": "nobody", "handler": "zhao"})
    assert (first.status_code, stale.status_code, nobody.status_code) == (303, 409, 422)
    assert "移交赵凯" in (await harness.officer.get(address, headers=BROWSER)).text

    assert (await harness.colleague.post(f"{address}/hand-over", data={"to": "shen", "handler": "zhao"})).status_code == 303
    await harness.officer.post(f"{address}/decision", data=decision())

    assert (await harness.officer.post(f"{address}/hand-over", data={"to": "zhao", "handler": "shen"})).status_code == 409
    assert (await harness.officer.post(f"{address}/notes", data={"note": "已寄出"})).status_code == 303


async def test_notes_are_never_changed(harness, address):
    async with harness.app.state.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT has_table_privilege('corrections.case_notes', 'INSERT')")
        for right in ("UPDATE", "DELETE"):
            assert not await connection.fetchval("SELECT has_table_privilege('corrections.case_notes', $1)", right)
        for statement in (case_notes.ADD, case_notes.LIST, case_notes.LOCK, replicas.SEARCH_ITEMS):
            await connection.prepare(statement)


@pytest.mark.parametrize("words", ["悦动健身", "云州悦动", "服务有限公司"])
async def test_an_operator_is_found_by_any_part_of_its_name(harness, words):
    page = (await harness.operator.get("/corrections", params={"q": words}, headers=BROWSER)).text

    assert "悦动健身" in page
    assert "没有找到正在公示的信息" not in page
