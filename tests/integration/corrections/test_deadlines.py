"""Deadlines explain themselves, and move when the calendar does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from prometheus_client import REGISTRY

from services.corrections.app import recompute_deadlines
from services.corrections.overdue_gauge import OverdueGauge
from shared import clock
from shared.calendar import Calendar, TableDay, table
from shared.database import open_pool
from shared.stream import Store
from tests.integration.corrections.conftest import BROWSER


async def test_a_deadline_is_explained_day_by_day(harness):
    answer = (await harness.operator.get("/corrections/deadline?start=2026-09-18&days=15")).json()

    assert (answer["due"], answer["provisional"], answer["workdays"]) == ("2026-10-15", False, 15)
    days = {day["date"]: day for day in answer["days"]}
    assert (days["2026-09-20"]["kind"], days["2026-09-20"]["number"]) == ("make_up", 1)
    assert (days["2026-10-01"]["name"], days["2026-10-01"]["paper"]) == ("国庆节", "国办发明电〔2025〕7号")


async def test_a_deadline_beyond_the_announced_years_is_provisional(harness):
    answer = (await harness.operator.get("/corrections/deadline?start=2026-12-21&days=15")).json()
    page = await harness.operator.get("/corrections/deadline?start=2026-12-21&days=15", headers=BROWSER)

    assert answer["provisional"] is True
    assert "这个日期是暂定的" in page.text


@pytest.mark.parametrize("query", ["start=18.9.2026", "start=1989-12-31", "start=9999-12-31", "days=-1", "days=5000", "days=x"])
async def test_an_invalid_query_is_answered_with_a_reason(harness, query):
    answer = await harness.operator.get(f"/corrections/deadline?{query}")
    page = await harness.operator.get(f"/corrections/deadline?{query}", headers=BROWSER)

    assert answer.status_code == page.status_code == 422
    assert answer.json()["reasons"][0]["field"] in query


async def test_open_deadlines_follow_the_calendar_and_the_former_day_is_stored(harness):
    tracking = await harness.file_application()
    before = (await harness.operator.get(tracking)).json()
    due = date.fromisoformat(before["due_on"])
    closed_that_day = Calendar(
        [*table.read_days(table.SHIPPED), TableDay(due, is_workday=False, name="元旦", paper="", announced=True)]
    )
    pool = await open_pool(harness.settings, "corrections")

    await recompute_deadlines(Store(pool, clock.now, "/test"), closed_that_day)
    await recompute_deadlines(Store(pool, clock.now, "/test"), closed_that_day)
    await pool.close()

    after = (await harness.operator.get(tracking)).json()
    page = await harness.operator.get(tracking, headers=BROWSER)
    kept = "SELECT count(*) FROM corrections.deadline_changes WHERE application_id = $1"
    assert after["due_on"] > before["due_on"]
    assert before["due_on"] in page.text, "the day that was promised before is still told"
    assert await harness.connection.fetchval(kept, before["application_id"]) == 1


async def test_an_application_is_overdue_from_the_day_after_its_deadline(harness):
    tracking = await harness.file_application()
    due = date.fromisoformat((await harness.operator.get(tracking)).json()["due_on"])
    pool = await open_pool(harness.settings, "corrections")
    store = Store(pool, clock.now, "/test")

    counts = []
    for today in (due, due + timedelta(days=1)):
        await OverdueGauge(store, lambda _, today=today: today).update()
        counts.append(REGISTRY.get_sample_value("gongshi_applications_overdue"))
    await pool.close()

    assert counts == [0, 1]
