"""A calendar that changes is an event: working days are recounted, and figures restated with the notice as the reason."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from services.stats.closing import close_month
from services.stats.domain.contributions import workdays_to_close
from services.stats.domain.periods import parse_period
from services.stats.handlers import ComplaintCounter
from services.stats.store.workdays import count_unfinished
from services.stats.verification import find_differences
from services.stats.workdays import plan_recount, recount_next
from shared.calendar import Calendar, TableDay, table
from shared.calendar.current import CalendarWatcher, CurrentCalendar
from shared.stream import ReceivedEvent
from tests.integration.stats.test_emission import emit_all
from tests.unit.stats.complaints import CALENDAR, OPERATORS, facts

NOTICE = "云州发〔2026〕12号"
OCTOBER = parse_period("2026-10")
TODAY = date(2026, 11, 20)
# Accepted on Saturday the 10th, a make-up day, closed on Friday the 16th: five working days, by the notice three.
REST_DAYS = (date(2026, 10, 13), date(2026, 10, 15))


def named(*days, paper=NOTICE):
    return [TableDay(day, is_workday=False, name="临时安排", paper=paper, announced=True) for day in days]


def by_notice(*days, paper=NOTICE):
    return Calendar([*CALENDAR.days, *named(*days, paper=paper)])


@pytest_asyncio.fixture(loop_scope="session")
async def watcher(stats, tmp_path):
    """The watcher of an empty folder; the shipped calendar is adopted."""
    stats.calendar.folder = tmp_path
    watcher = CalendarWatcher(stats.database, stats.calendar, "stats", plan_recount)
    await watcher.adopt(CALENDAR)
    await recount_all(stats)
    return watcher


async def recount_all(stats, size=5_000):
    while await recount_next(stats.database, stats.calendar, size):
        pass


def write_year(folder, *days):
    table.write_days(folder / "2026.csv", [*(day for day in CALENDAR.days if day.day.year == 2026), *named(*days)])


async def test_medians_follow_the_calendar_and_say_that_they_are_restated_and_why(stats, watcher):
    await stats.count(facts(1), facts(2), facts(3, received_on=date(2026, 9, 30)))
    before = await emit_all(stats)

    await watcher.adopt(by_notice(*REST_DAYS))
    await recount_all(stats)
    await stats.count(facts(4))
    after = await emit_all(stats)

    for name in (f"operator/{OPERATORS[0]}/year/2026", "all//month/2026-09", "region/990100/half/2026-H2"):
        assert (before[name].figures.median_days, after[name].figures.median_days) == (Decimal(5), Decimal(3))
    september = after["all//month/2026-09"]
    assert (september.restated, september.restated_from, september.notices) == (
        True,
        before["all//month/2026-09"].figures,
        (NOTICE,),
    )
    assert (await find_differences(stats.database)).differences == []


async def test_an_open_month_that_only_the_calendar_moved_is_restated(stats, watcher):
    await stats.count(facts(1))
    await emit_all(stats)

    await watcher.adopt(by_notice(*REST_DAYS))
    await recount_all(stats)
    figure = (await emit_all(stats))["all//month/2026-10"]

    assert (figure.restated, figure.figures.complaints, figure.notices) == (True, 1, (NOTICE,))
    [row] = await stats.fetch("SELECT before, after, notices FROM stats.restatements WHERE period = '2026-10' AND subject = ''")
    assert (orjson.loads(row["before"])["p90_days"], orjson.loads(row["after"])["p90_days"]) == ("5.0", "3.0")
    assert row["notices"] == [NOTICE]


async def test_late_data_in_a_closed_month_are_restated_without_a_notice(stats, watcher):
    await stats.count(facts(1))
    await close_month(stats.database, OCTOBER, TODAY, "ops")
    await emit_all(stats)

    await stats.count(facts(2))
    late = (await emit_all(stats))["all//month/2026-10"]
    await watcher.adopt(by_notice(*REST_DAYS))
    await recount_all(stats)
    moved = (await emit_all(stats))["all//month/2026-10"]

    assert (late.restated, late.notices) == (True, ())
    assert (moved.restated, moved.notices) == (True, (NOTICE,))


async def test_files_that_change_while_the_service_runs_are_adopted_once_they_are_whole(stats, watcher, tmp_path):
    await stats.count(facts(1))
    write_year(tmp_path, REST_DAYS[0])

    await watcher.check()
    half_copied = stats.calendar.value.version
    write_year(tmp_path, *REST_DAYS)
    await watcher.check()
    await watcher.check()

    assert half_copied == CALENDAR.version
    assert stats.calendar.value.version == by_notice(*REST_DAYS).version
    actions = [row["action"] for row in await stats.fetch("SELECT action FROM journal ORDER BY seq")]
    assert actions == ["calendar_changed", "calendar_changed"], "the shipped one and that of the files, nothing between"


async def test_files_that_cannot_be_read_leave_the_calendar_and_are_logged(stats, watcher, tmp_path):
    (tmp_path / "2026.csv").write_bytes(b"\xff\xfe")

    with capture_logs() as lines:
        await watcher.check()
        await watcher.check()
    shutil.rmtree(tmp_path)
    await watcher.check()
    await watcher.check()

    assert stats.calendar.value.version == CALENDAR.version
    assert [line["event"] for line in lines] == ["calendar_unreadable"]


async def test_a_process_that_has_not_seen_the_change_counts_by_it(stats, watcher):
    other = ComplaintCounter(CurrentCalendar(CALENDAR))
    counted = other.to_contribution(facts(1))

    await watcher.adopt(by_notice(*REST_DAYS))
    async with stats.database.unit_of_work() as uow:
        await other.count_complaints(uow, [ReceivedEvent(counted, None)])

    [row] = await stats.fetch("SELECT workdays FROM stats.contributions")
    assert row["workdays"] == 3


async def test_what_was_counted_by_a_former_calendar_differs_until_it_is_recounted(stats, watcher):
    await stats.count(facts(1))
    await emit_all(stats)

    by_other = (await find_differences(stats.database, by_notice(*REST_DAYS))).differences
    await watcher.adopt(by_notice(*REST_DAYS))
    unfinished = (await find_differences(stats.database)).differences
    async with stats.database.snapshot() as connection:
        waiting = await count_unfinished(connection)
    await recount_all(stats)

    assert [(d.table, d.stored, d.recounted) for d in by_other] == [("contributions", "5", "3")]
    assert unfinished == by_other
    assert waiting == 1
    assert (await find_differences(stats.database)).differences == []


async def test_a_tampered_number_of_working_days_is_found(stats, watcher):
    await stats.count(facts(1))
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE stats.contributions SET workdays_to_close = 1")

    found = (await find_differences(stats.database)).differences

    assert ("contributions", "1", "5") in {(d.table, d.stored, d.recounted) for d in found}


@pytest.mark.parametrize("size", [1, 2, 7, 100])
async def test_a_recount_that_is_interrupted_goes_on_where_it_stopped(stats, watcher, size):
    closed = [date(2026, 10, 10 + number) for number in range(10)]
    complaints = [facts(number, closed_on=day, region=["990102", None][number % 2]) for number, day in enumerate(closed, 1)]
    await stats.count(*complaints, facts(11, closed_on=None), facts(12, accepted_on=date(2026, 10, 20)))
    await emit_all(stats)
    calendar = by_notice(*REST_DAYS)

    await watcher.adopt(calendar)
    await recount_next(stats.database, stats.calendar, size)
    await recount_all(stats, size)

    rows = await stats.fetch("SELECT complaint_id, workdays FROM stats.contributions ORDER BY complaint_id")
    expected = [workdays_to_close(c.accepted_on, c.closed_on, calendar) for c in complaints]
    assert [row["workdays"] for row in rows] == [*expected, None, None]
    await emit_all(stats)
    assert (await find_differences(stats.database)).differences == []


async def test_a_recount_that_another_calendar_overtakes_leaves_its_reason(stats, watcher):
    await stats.count(facts(1))
    await emit_all(stats)

    await watcher.adopt(by_notice(REST_DAYS[0], paper="甲号"))
    await watcher.adopt(Calendar([*CALENDAR.days, *named(REST_DAYS[0], paper="甲号"), *named(REST_DAYS[1], paper="乙号")]))
    await recount_all(stats)
    figure = (await emit_all(stats))["all//month/2026-10"]

    assert set(figure.notices) == {"甲号", "乙号"}
    assert figure.figures.median_days == 3


async def test_a_notice_withdrawn_restores_the_days_and_is_the_reason(stats, watcher):
    await stats.count(facts(1))
    first = (await emit_all(stats))["all//month/2026-10"].figures

    for calendar in (by_notice(*REST_DAYS), CALENDAR):
        await watcher.adopt(calendar)
        await recount_all(stats)
        figure = (await emit_all(stats))["all//month/2026-10"]

    assert (figure.figures, figure.restated, figure.notices) == (first, True, (NOTICE,))


async def test_the_same_calendar_is_adopted_once(stats, watcher):
    await watcher.adopt(Calendar(CALENDAR.days))

    assert len(await stats.fetch("SELECT FROM calendars")) == 1


async def test_a_row_from_before_the_days_were_stored_takes_them_from_a_replay(stats, watcher):
    await stats.count(facts(1, amount="5.00"))
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE stats.contributions SET accepted_on = NULL, closed_on = NULL")

    await stats.count(facts(1, amount="5.00"))
    await watcher.adopt(by_notice(*REST_DAYS))
    await recount_all(stats)
    await emit_all(stats)

    [row] = await stats.fetch("SELECT complaint_id, workdays FROM stats.contributions")
    assert (row["complaint_id"], row["workdays"]) == (UUID(int=1), 3)
    assert (await find_differences(stats.database)).differences == []
