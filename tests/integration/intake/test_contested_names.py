"""A name that two credit codes claim: a person decides for whom it stands, and its complaints follow."""

from __future__ import annotations

import pytest

from services.intake.domain.operators import name_key, provisional_key
from tests.integration.probes import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "云州锦程通讯器材有限公司"
FIRST, SECOND = "91990102MA9K08RC3G", "91330100MA27XQ3J0C"
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


@pytest.mark.parametrize("uscc", ["92990104MA9KED9J6F", "odd"])
async def test_a_code_that_does_not_claim_the_name_is_refused(contested, desk, uscc):
    assert (await assign(desk, uscc)).status_code == 409


async def test_a_name_that_nobody_contests_is_refused(contested, desk):
    await contested.report(7, operator={"name": "小满茶馆", "uscc": "92990104MA9KED9J6F"})
    await contested.wait_applied()

    assert (await assign(desk, "", "小满茶馆")).status_code == 409
    assert (await assign(desk, "", "没有这个名称")).status_code == 409
