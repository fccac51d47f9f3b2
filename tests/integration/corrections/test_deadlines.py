"""Deadlines explain themselves, and move when the calendar does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from services.corrections.app import create_watcher
from services.corrections.overdue_gauge import OverdueGauge
from shared import clock
from shared.calendar import Calendar, TableDay, table
from shared.calendar.current import CurrentCalendar
from shared.database import open_pool
from shared.stream import Database
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


NOTICE = "云州发〔2026〕12号"


@pytest_asyncio.fixture(loop_scope="session")
async def bureau(harness, tmp_path):
    """Another process of the service, with a folder of calendar files that is empty so far."""
    pool = await open_pool(harness.settings, "corrections")
    current = CurrentCalendar.load(tmp_path)
    watcher = create_watcher(Database(pool, clock.now, "/test"), current)
    await watcher.adopt(Calendar.load())
    yield current, watcher
    # The service is that of all tests here: they count by the shipped calendar.
    await watcher.adopt(Calendar.load())
    await pool.close()


async def withdraw(harness, tracking):
    response = await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    assert response.status_code == 303


def closed_on(due):
    return Calendar([*Calendar.load().days, TableDay(due, is_workday=False, name="临时安排", paper=NOTICE, announced=True)])


async def test_open_deadlines_follow_the_calendar_and_the_former_day_is_stored_and_shown(harness, bureau):
    tracking = await harness.file_application()
    before = (await harness.operator.get(tracking)).json()

    await bureau[1].adopt(closed_on(date.fromisoformat(before["due_on"])))
    await bureau[1].adopt(closed_on(date.fromisoformat(before["due_on"])))

    after = (await harness.operator.get(tracking)).json()
    page = await harness.operator.get(tracking, headers=BROWSER)
    desk = await harness.officer.get(f"/corrections/desk/{before['application_id']}", headers=BROWSER)
    assert after["due_on"] > before["due_on"]
    assert [(c["before"], c["after"], c["notices"]) for c in after["deadline_changes"]] == [
        (before["due_on"], after["due_on"], [NOTICE])
    ]
    for text in (page.text, desk.text):
        assert before["due_on"] in text, "the day that was promised before is still shown"
        assert NOTICE in text
    await withdraw(harness, tracking)


async def test_deadlines_move_while_the_service_runs_when_the_files_change(harness, bureau, tmp_path):
    tracking = await harness.file_application()
    before = (await harness.operator.get(tracking)).json()
    due = date.fromisoformat(before["due_on"])
    current, watcher = bureau
    named = [day for day in closed_on(due).days if day.day.year == due.year]

    table.write_days(tmp_path / f"{due.year}.csv", named)
    await watcher.check()
    await watcher.check()

    after = (await harness.operator.get(tracking)).json()
    await withdraw(harness, tracking)
    second = await harness.file_application()
    later = (await harness.operator.get(second)).json()
    await withdraw(harness, second)
    assert current.value.version == closed_on(due).version
    assert after["due_on"] > before["due_on"]
    assert later["due_on"] == after["due_on"], "the running service counts by the calendar that the other one adopted"
    moved = "SELECT count(*) FROM corrections.journal WHERE action = 'deadline_moved' AND subject = $1"
    assert await harness.connection.fetchval(moved, before["receipt"]) == 1


async def test_an_application_is_due_from_the_working_day_before_its_deadline_and_overdue_from_the_day_after(harness):
    pool = await open_pool(harness.settings, "corrections")
    database = Database(pool, clock.now, "/test")

    async def count(today):
        await OverdueGauge(database, CurrentCalendar(Calendar.load()), lambda _: today).update()
        return [REGISTRY.get_sample_value(f"gongshi_applications_{name}") for name in ("due", "overdue")]

    tracking = await harness.file_application()
    due = date.fromisoformat((await harness.operator.get(tracking)).json()["due_on"])
    calendar = Calendar.load()
    workdays = [day for back in range(20) if calendar.is_workday(day := due - timedelta(days=back))]
    days = (workdays[2], workdays[1], due, due + timedelta(days=1))
    while_open = [await count(day) for day in days]
    await withdraw(harness, tracking)
    without_it = [await count(day) for day in days]
    await pool.close()

    of_it = [
        tuple(counted - others for counted, others in zip(*pair, strict=True))
        for pair in zip(while_open, without_it, strict=True)
    ]
    assert of_it == [(0, 0), (1, 0), (1, 0), (0, 1)]
