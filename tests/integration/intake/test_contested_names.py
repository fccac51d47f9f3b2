"""A name that two credit codes claim: a person decides for whom it stands, and its complaints follow."""

from __future__ import annotations

import re

import pytest
from lxml import html

from services.intake import name_keys
from services.intake.domain.operators import name_key, provisional_key
from services.intake.web import names
from tests.integration.probes import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "云州锦程通讯器材有限公司"
FIRST, SECOND, THIRD = "91990102MA9K08RC3G", "91330100MA27XQ3J0C", "92990104MA9KED9J6F"
KEY = name_key(NAME)
NOBODY = provisional_key(KEY)
NAMES = "/intake/desk/names"


@pytest.fixture
async def contested(intake, desk):
    """A complaint that followed the first claimant, a second claimant, and a complaint that knows the name only after that."""
    await intake.report(1, operator={"name": NAME})
    await intake.report(2, operator={"name": NAME, "uscc": FIRST})
    await intake.wait_applied()
    await intake.report(3, operator={"name": NAME, "uscc": SECOND, "address": "解放东路1号"})
    await intake.report(4, operator={"name": NAME})
    await intake.wait_applied()
    return intake


async def keys(intake):
    return {number: complaint["operator"]["key"] for number, complaint in (await intake.complaints()).items()}


async def wait_keys(intake, *expected):
    async def follow() -> bool:
        found = await keys(intake)
        return (found["HZ-1"], found["HZ-4"]) == expected

    await wait_until("the complaints follow", follow)


async def assign(desk, uscc, name=KEY):
    return await desk.post(NAMES, data={"name": name, "uscc": uscc})


async def test_both_claimants_are_shown_and_nothing_moves_until_somebody_decides(contested, desk):
    page = await desk.get(NAMES)
    front = await desk.get("/intake/desk")

    assert page.status_code == 200
    assert all(text in page.text for text in (FIRST, SECOND, "解放东路1号", '<span class="nb">2件</span>'))
    assert NAMES in front.text
    assert await keys(contested) == {"HZ-1": FIRST, "HZ-2": FIRST, "HZ-3": SECOND, "HZ-4": NOBODY}


async def test_complaints_that_know_the_name_only_follow_the_decision_and_another_one(contested, desk):
    assert (await assign(desk, SECOND)).status_code == 303
    await wait_keys(contested, SECOND, SECOND)
    assert (await assign(desk, "")).status_code == 303
    await wait_keys(contested, NOBODY, NOBODY)
    assert (await assign(desk, FIRST)).status_code == 303
    await wait_keys(contested, FIRST, FIRST)

    assert (await keys(contested))["HZ-3"] == SECOND
    entries = await contested.database.fetch("SELECT actor, detail FROM intake.journal WHERE action = 'name_assigned'")
    assert [row["actor"] for row in entries] == ["chen"] * 3


async def test_later_reports_follow_the_decision_and_a_further_claim_changes_nothing(contested, desk):
    await assign(desk, SECOND)
    await wait_keys(contested, SECOND, SECOND)

    await contested.report(5, operator={"name": NAME, "uscc": "92990104MA9KED9J6F"})
    await contested.report(6, operator={"name": NAME})
    await contested.wait_applied()

    found = await keys(contested)
    assert (found["HZ-1"], found["HZ-6"]) == (SECOND, SECOND)


async def test_a_third_claimant_is_offered_too(contested, desk):
    await contested.report(5, operator={"name": NAME, "uscc": THIRD, "address": "人民路9号"})
    await contested.wait_applied()

    page = (await desk.get(NAMES)).text
    assert all(text in page for text in (FIRST, SECOND, THIRD, "人民路9号"))
    assert (await assign(desk, THIRD)).status_code == 303
    await wait_keys(contested, THIRD, THIRD)


async def test_names_are_listed_by_pages_and_no_name_is_in_an_address(contested, desk, monkeypatch):
    monkeypatch.setattr(names, "PAGE", 1)
    for number, name in enumerate(("云州木棉服饰有限公司", "云州小满餐饮管理有限公司"), 5):
        for code in (FIRST, SECOND):
            await contested.report(f"{number}{code}", operator={"name": name, "uscc": code})
    await contested.wait_applied()

    address, found = NAMES, []
    while address:
        page = html.fromstring((await desk.get(address)).text)
        found += page.xpath("//input[@name='name']/@value")
        address = next(iter(page.xpath("//nav[contains(@class, 'pager')]//a/@href")), None)
        assert address is None or re.fullmatch(r"[^?]*\?after=[0-9a-f]{32}(?:&lang=en)?", address)

    assert sorted(found) == sorted([KEY, "云州木棉服饰有限公司", "云州小满餐饮管理有限公司"])
    await assign(desk, FIRST)
    assert [KEY in (await desk.get(NAMES + view)).text for view in ("", "?view=decided")] == [False, True]


@pytest.mark.parametrize(
    ("other", "kept"), [(None, SECOND), (SECOND, SECOND), (FIRST, None)], ids=["alone", "the same", "another one"]
)
async def test_a_decision_holds_for_the_key_that_a_name_gets(contested, desk, other, kept):
    await assign(desk, SECOND)
    await wait_keys(contested, SECOND, SECOND)
    stored = await contested.database.fetchrow("SELECT claimed_by FROM intake.operator_names WHERE name_key = $1", KEY)
    if other:
        await contested.database.execute(
            "INSERT INTO intake.operator_names (name_key, name, claimed_by, assigned_to, assigned_by, assigned_at)"
            " VALUES ('old', $1, $2, $3, 'chen', now())", NAME, stored["claimed_by"], other,
        )  # fmt: skip
    else:
        await contested.database.execute("UPDATE intake.operator_names SET name_key = 'old' WHERE name_key = $1", KEY)

    assert await name_keys.renew_name_keys(contested.app.state.database) == 1

    row = await contested.database.fetchrow(
        "SELECT name_key, assigned_to, assigned_by FROM intake.operator_names WHERE name = $1", NAME
    )
    assert tuple(row) == (KEY, kept, kept and "chen")


@pytest.mark.parametrize("uscc", ["92990104MA9KED9J6F", "odd"])
async def test_a_code_that_does_not_claim_the_name_is_refused(contested, desk, uscc):
    assert (await assign(desk, uscc)).status_code == 409


async def test_a_name_that_nobody_contests_is_refused(contested, desk):
    await contested.report(7, operator={"name": "小满茶馆", "uscc": "92990104MA9KED9J6F"})
    await contested.wait_applied()

    assert (await assign(desk, "", "小满茶馆")).status_code == 409
    assert (await assign(desk, "", "没有这个名称")).status_code == 409
