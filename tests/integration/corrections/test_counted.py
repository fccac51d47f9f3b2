"""The complaints behind a figure, for those who review, release or decide."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.corrections.store import replicas
from shared import accounts
from shared.accounts import Role
from shared.contracts import ComplaintOperator, Kind
from tests.integration.corrections.conftest import BROWSER, NUMBERS, PASSWORD, complaint
from tests.integration.plans import explain_plans

PATH = "/corrections/desk/complaints"
KEY = "91330108MA27XTQC62"


@pytest.fixture
async def counted(harness):
    """Complaints of two months about one operator, one of them a tip-off; the ids of those that October counts."""
    about = {"operator": ComplaintOperator(key=KEY, name="云州双溪餐饮有限公司", uscc=KEY)}
    ids = [UUID(int=next(NUMBERS)) for _ in range(4)]
    days = [date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1), date(2026, 10, 5)]
    kinds = [Kind.COMPLAINT, Kind.COMPLAINT, Kind.COMPLAINT, Kind.TIP_OFF]
    await harness.publish_and_wait(
        *(complaint(i, received_on=day, kind=kind, **about) for i, day, kind in zip(ids, days, kinds, strict=True))
    )
    return ids[:2]


async def test_a_month_of_an_operator_lists_what_its_figure_counts_and_opens_each_at_intake(harness, counted, monkeypatch):
    monkeypatch.setattr("services.corrections.web.counted.PAGE", 1)
    first = (await harness.officer.get(f"{PATH}?operator={KEY}&month=2026-10", headers=BROWSER)).text
    (onwards,) = re.findall(r'href="([^"]*after=[^"]+)"', first)
    second = (await harness.officer.get(onwards.replace("&amp;", "&"), headers=BROWSER)).text

    shown = [re.findall(r"/intake/desk/complaints/([0-9a-f-]+)", page) for page in (first, second)]

    assert shown == [[str(counted[0])], [str(counted[1])]]
    assert "现计入2件" in re.sub(r"<[^>]+>|\s", "", first)


@pytest.mark.parametrize("query", ["month=2026-10", f"operator={KEY}&month=2026-13", f"operator={KEY}&month=2026-10&after=x"])
async def test_what_is_no_operator_or_month_is_refused(harness, query):
    assert (await harness.officer.get(f"{PATH}?{query}", headers=BROWSER)).status_code == 422


async def test_reviewers_read_it_and_others_do_not(harness, counted):
    for number, (role, status) in enumerate(((Role.REVIEWER, 200), (Role.CLERK, 403))):
        name = f"reader{number}"
        person = await accounts.add_person(harness.connection, name, "王芳", role, PASSWORD)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=harness.app), base_url="http://corrections.test"
        ) as browser:
            browser.cookies.set("gongshi_session", await accounts.open_session(harness.connection, person))
            assert (await browser.get(f"{PATH}?operator={KEY}&month=2026-10", headers=BROWSER)).status_code == status


async def test_it_reads_the_complaints_of_the_operator_only(harness):
    days = (date(2026, 10, 1), date(2026, 10, 31))
    connection = await asyncpg.connect(harness.settings.database_url.get_secret_value())
    # Of a few rows the planner reads all, whatever index there is.
    await connection.execute("SET enable_seqscan = off")
    plans = await explain_plans(connection, replicas.COUNTED_PAGE, KEY, *days, days[0], UUID(int=0), 200)
    await connection.close()

    for plan in plans:
        assert "Seq Scan on complaints" not in plan
