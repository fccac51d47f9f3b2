"""Names without a credit code: a clerk assigns them to an operator, merges spellings, leaves what nobody recognises."""

from __future__ import annotations

import re

import pytest

from services.intake.domain.operators import name_key, provisional_key
from services.intake.store import uncoded_names
from services.intake.web import uncoded
from shared.database import open_pool
from tests.integration.plans import explain_plans
from tests.integration.probes import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = "/intake/desk/names/uncoded"
KNOWN, CODE = "云州锦程通讯器材有限公司", "91990102MA9K08RC3G"
FIRST, SECOND, OTHER = "锦程手机店", "锦程通讯（解放路）", "路边摊"
NEW_CODE = "91330100MA27XQ3J0C"


@pytest.fixture
async def uncoded_complaints(intake, desk):
    """Complaints about an operator with a code, two spellings of it without one, and somebody nobody knows."""
    await intake.report(1, operator={"name": KNOWN, "uscc": CODE, "address": "解放东路1号"})
    for number, name in ((2, FIRST), (3, FIRST), (4, SECOND), (5, OTHER)):
        await intake.report(number, operator={"name": name})
    await intake.wait_applied()
    return intake


async def decide(desk, name, **fields):
    return await desk.post(PAGE, data={"name": name_key(name), **fields})


async def wait_keys(intake, **expected):
    async def follow() -> bool:
        found = {number: each["operator"]["key"] for number, each in (await intake.complaints()).items()}
        return all(found[f"HZ-{number[1:]}"] == key for number, key in expected.items())

    await wait_until("the complaints follow", follow)


async def test_names_are_listed_by_their_complaints_with_operators_of_a_like_name(uncoded_complaints, desk):
    page = (await desk.get(PAGE)).text

    assert re.findall(r'<h2 id="name-\d">([^<]+)<', page.replace("<wbr>", ""))[0] == FIRST
    assert page.count(f'value="{CODE}"') == 2
    assert "解放东路1号" in page
    assert "没有名称相近" in page
    assert PAGE in (await desk.get("/intake/desk")).text


async def test_spellings_that_are_assigned_to_one_code_are_one_operator(uncoded_complaints, desk):
    for name in (FIRST, SECOND):
        assert (await decide(desk, name, uscc=CODE)).headers["location"] == f"{PAGE}?done=assigned"

    await wait_keys(uncoded_complaints, n2=CODE, n3=CODE, n4=CODE, n5=provisional_key(name_key(OTHER)))
    assert (await decide(desk, FIRST, uscc=CODE)).status_code == 409
    await uncoded_complaints.report(6, operator={"name": FIRST})
    await uncoded_complaints.wait_applied()
    await wait_keys(uncoded_complaints, n6=CODE)
    entries = await uncoded_complaints.database.fetch("SELECT actor FROM intake.journal WHERE action = 'name_assigned'")
    assert [row["actor"] for row in entries] == ["chen", "chen"]


async def test_a_code_that_is_not_known_yet_is_entered_and_a_wrong_one_is_told(uncoded_complaints, desk):
    wrong = await decide(desk, OTHER, typed="91330100MA27XQ3J0D")
    assert wrong.headers["location"] == f"{PAGE}?fault=uscc"
    assert "信用代码应为18位" in (await desk.get(wrong.headers["location"])).text

    assert (await decide(desk, OTHER, typed=NEW_CODE.lower(), registered="云州路边餐饮店")).status_code == 303

    await wait_keys(uncoded_complaints, n5=NEW_CODE)
    stored = await uncoded_complaints.database.fetchval("SELECT name FROM intake.operators WHERE uscc = $1", NEW_CODE)
    assert stored == "云州路边餐饮店"


async def test_a_name_that_is_left_waits_no_more_and_a_decision_is_taken_back(uncoded_complaints, desk):
    assert (await decide(desk, OTHER, act="leave")).headers["location"] == f"{PAGE}?done=left"
    assert OTHER not in (await desk.get(PAGE)).text
    assert OTHER in (await desk.get(f"{PAGE}?view=decided")).text
    await decide(desk, FIRST, uscc=CODE)
    await wait_keys(uncoded_complaints, n2=CODE)

    for name in (OTHER, FIRST):
        assert (await decide(desk, name, act="reopen")).headers["location"] == f"{PAGE}?done=reopened"

    await wait_keys(uncoded_complaints, n2=provisional_key(name_key(FIRST)))
    page = (await desk.get(PAGE)).text
    assert OTHER in page
    assert (await decide(desk, OTHER, act="reopen")).status_code == 409


async def test_pages_hold_each_name_once_and_their_addresses_none(uncoded_complaints, desk, monkeypatch):
    monkeypatch.setattr(uncoded, "PAGE", 1)
    address, shown = PAGE, []
    while address:
        page = (await desk.get(address)).text.replace("<wbr>", "")
        shown += re.findall(r'<h2 id="name-\d">([^<]+)<', page)
        onwards = re.findall(r'href="(?:[^"?]*)\?(?:[^"]*&amp;)?after=([0-9a-f~%E]+)', page.partition("<main")[2])
        address = f"{PAGE}?after={onwards[0]}" if onwards else ""
        assert not re.search(r"[\u4e00-\u9fff]", address)

    assert (shown[0], set(shown[1:]), len(shown)) == (FIRST, {SECOND, OTHER}, 3)


async def test_no_complaint_with_an_operator_is_read(settings):
    pool = await open_pool(settings, "intake")
    try:
        async with pool.acquire() as connection:
            found = await explain_plans(connection, uncoded_names.WAITING, 5, "", 20)
    finally:
        await pool.close()
    for plan in found:
        assert "complaints_unattributed" in plan
