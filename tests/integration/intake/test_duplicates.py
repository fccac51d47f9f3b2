"""One dispute that is reported to several sources is one complaint, in any order of reports, and a clerk's word holds."""

from __future__ import annotations

import re

import pytest

from services.intake.store import match_queue, report_traits
from shared.database import open_pool
from tests.integration.intake.conftest import HOTLINE
from tests.integration.plans import explain_plans
from tests.integration.probes import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = "/intake/desk/duplicates"
PLATFORM, COUNTER = "/platforms/12315", "/desks/county"
CODE, NAME = "91990102MA9K08RC3G", "云州锦程通讯器材有限公司"
PHONE = "13912345670"
PERSON = {"name": "周小宁", "phone": PHONE}
TEXT = "9月30日在锦程通讯购买手机一部，回家后发现屏幕有亮点，商家拒绝更换，要求退货退款。"
RETOLD = "消费者称于9月30日从锦程通讯器材购买手机，到家发现屏幕有亮点，找商家要求更换被拒绝，现请求退货退款。"


async def tell(intake, number, source, **fields):
    """Report the dispute to a source."""
    reported = {"operator": {"name": NAME, "uscc": CODE}, "complainant": PERSON, "title": "手机屏幕有亮点", "text": TEXT}
    await intake.report(number, source, **reported | fields)


async def tell_platform(intake, number=2, **fields):
    reported = {"channel": "platform", "text": RETOLD, "received_at": "2026-10-03T10:00:00+08:00"}
    await tell(intake, number, PLATFORM, **reported | fields)


async def wait_compared(intake):
    await intake.wait_applied()

    async def is_compared() -> bool:
        return await intake.database.fetchval(match_queue.COUNT) == 0

    await wait_until("every report compared", is_compared)


async def links(intake):
    """The number of the complaint that each counts as a duplicate of, None for those that count."""
    emitted = await intake.complaints()
    numbers = {each["complaint_id"]: number for number, each in emitted.items()}
    return {number: numbers.get(each["duplicate_of"]) for number, each in emitted.items()}


async def verdicts(intake):
    rows = await intake.database.fetch("SELECT verdict, agreements FROM intake.report_pairs ORDER BY first_id, second_id")
    return [(row["verdict"], set(row["agreements"])) for row in rows]


async def test_the_same_dispute_at_two_sources_is_one_complaint_and_its_figures_follow_by_a_revision(intake):
    await tell(intake, 1, HOTLINE)
    await wait_compared(intake)
    await tell_platform(intake)
    await wait_compared(intake)

    # The platform mediates, the hotline passes on: what the platform says counts.
    assert await links(intake) == {"HZ-1": "HZ-2", "HZ-2": None}
    ((verdict, agreements),) = await verdicts(intake)
    assert verdict == "linked"
    assert {"same_phone", "same_operator", "same_amount"} <= agreements
    emitted = await intake.complaints()
    assert emitted["HZ-1"]["duplicate_of"] == emitted["HZ-2"]["complaint_id"]
    revisions = {number: each["revision"] for number, each in (await intake.complaints()).items()}
    assert revisions == {"HZ-1": 2, "HZ-2": 1}

    # A later revision of what is linked stays linked, and says so at once.
    await tell(intake, 1, HOTLINE, revision=2, status="accepted", accepted_at="2026-10-04T09:00:00+08:00")
    await intake.wait_applied()
    assert (await intake.complaints())["HZ-1"]["duplicate_of"] is not None
    await wait_compared(intake)
    assert await links(intake) == {"HZ-1": None, "HZ-2": "HZ-1"}
    await tell_platform(intake, revision=2, status="closed", outcome="mediated", accepted_at="2026-10-04T09:00:00+08:00")
    await wait_compared(intake)
    assert await links(intake) == {"HZ-1": "HZ-2", "HZ-2": None}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
async def test_whatever_the_order_three_reports_are_one_complaint_and_a_repeated_one_changes_nothing(intake, order):
    reported = [
        lambda: tell(intake, 1, HOTLINE),
        lambda: tell_platform(intake),
        lambda: tell(intake, 3, COUNTER, channel="on_site", text=RETOLD, received_at="2026-10-06T10:00:00+08:00"),
    ]
    for index in order:
        await reported[index]()
        await wait_compared(intake)
    before = await intake.complaints()
    for index in order:
        await reported[index]()
    await wait_compared(intake)

    found = await links(intake)
    assert sum(each is None for each in found.values()) == 1
    assert found["HZ-1"] is not None
    assert await intake.complaints() == before


async def test_a_revision_that_is_about_something_else_is_a_complaint_of_its_own_again(intake):
    await tell(intake, 1, HOTLINE)
    await tell_platform(intake)
    await wait_compared(intake)
    assert (await links(intake))["HZ-1"] == "HZ-2"

    await tell(intake, 1, HOTLINE, revision=2, kind="tip_off")
    await wait_compared(intake)

    assert await links(intake) == {"HZ-1": None, "HZ-2": None}
    assert [verdict for verdict, _ in await verdicts(intake)] == ["separate"]


async def test_many_people_with_one_text_are_many_complaints_and_no_number_is_stored(intake):
    for number, source in enumerate((HOTLINE, PLATFORM, HOTLINE, COUNTER), start=1):
        await tell(
            intake, number, source, complainant={"name": f"周小{'宁安平和'[number - 1]}", "phone": f"1391234567{number}"}
        )
    await wait_compared(intake)

    assert set((await links(intake)).values()) == {None}
    assert await verdicts(intake) == []
    stored = await intake.database.fetch("SELECT t::text AS row FROM intake.report_traits AS t")
    assert stored
    assert not [row for row in stored if "1391234567" in row["row"] or "周小" in row["row"]]


async def test_a_clerk_answers_what_is_in_doubt_and_takes_apart_what_was_linked(intake, desk):
    await tell(intake, 1, HOTLINE)
    await tell_platform(intake, amount="899.00")
    await wait_compared(intake)
    assert await links(intake) == {"HZ-1": None, "HZ-2": None}
    page = (await desk.get(PAGE)).text.replace("<wbr>", "")
    assert all(words in page for words in ("HZ-1", "HZ-2", "金额不同", "电话相同", TEXT, RETOLD))
    assert PHONE not in page

    linked = await desk.post(PAGE, data=answer(page, "linked"))
    assert linked.headers["location"] == f"{PAGE}?done=linked"
    assert await links(intake) == {"HZ-1": "HZ-2", "HZ-2": None}
    assert (await desk.post(PAGE, data=answer(page, "linked"))).status_code == 409
    # What the sources say later does not change a clerk's word.
    await tell_platform(intake, revision=2, amount="899.00", status="accepted", accepted_at="2026-10-04T09:00:00+08:00")
    await wait_compared(intake)
    assert await links(intake) == {"HZ-1": "HZ-2", "HZ-2": None}

    page = (await desk.get(f"{PAGE}?view=linked")).text
    assert (await desk.post(PAGE, data=answer(page, "separate"))).headers["location"] == f"{PAGE}?done=separate"
    assert await links(intake) == {"HZ-1": None, "HZ-2": None}
    assert "HZ-1" in (await desk.get(f"{PAGE}?view=separate")).text
    # Nor through a third report that is like both.
    await tell(intake, 3, COUNTER, channel="on_site", amount=None)
    await wait_compared(intake)
    found = await links(intake)
    assert {found["HZ-1"], found["HZ-2"]} == {None} or found["HZ-1"] != found["HZ-2"] != "HZ-1"
    assert sum(each is None for each in found.values()) == 2
    entries = await intake.database.fetch("SELECT actor, action FROM intake.journal WHERE action LIKE 'reports_%' ORDER BY 2")
    assert [tuple(row) for row in entries] == [("chen", "reports_linked"), ("chen", "reports_separated")]


def answer(page, verdict):
    first, second = (re.search(f'name="{name}" value="([0-9a-f-]+)"', page).group(1) for name in ("first", "second"))
    return {"first": first, "second": second, "verdict": verdict}


async def test_a_complaint_of_a_name_that_finds_its_operator_later_is_compared_anew(intake):
    await tell(intake, 1, HOTLINE, operator={"name": "锦程"}, amount=None)
    await tell_platform(intake, amount=None)
    await wait_compared(intake)
    assert (await links(intake))["HZ-1"] is None

    await intake.report(9, HOTLINE, operator={"name": "锦程", "uscc": CODE})
    await wait_until("the complaint follows", lambda: _operator_is(intake, "HZ-1", CODE))
    await wait_compared(intake)

    assert (await links(intake))["HZ-1"] == "HZ-2"


async def _operator_is(intake, number, key):
    return (await intake.complaints())[number]["operator"]["key"] == key


async def test_candidates_are_found_by_index(settings):
    pool = await open_pool(settings, "intake")
    try:
        plans = []
        for statement, arguments in (
            (report_traits.BY_KEYS, ([1], ["00000000-0000-0000-0000-000000000001"], 40)),
            (report_traits.OF_NOBODY, ([], [], [], 15, 40)),
            (report_traits.OF_ANYBODY, ([], [], [], 15, 40)),
        ):
            async with pool.acquire() as connection:
                plans += await explain_plans(connection, statement, *arguments)
                await connection.execute("DEALLOCATE explained")
    finally:
        await pool.close()
    assert len(plans) == 6
    for plan in plans:
        assert "Seq Scan" not in plan
