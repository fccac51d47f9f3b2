"""Figures as they were: what was said on a past day equals a plain count of what was known that day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from services.stats.closing import close_month
from services.stats.domain.periods import month_period, parse_period
from services.stats.domain.recount import GroupKey
from services.stats.domain.subjects import CountedKind
from services.stats.store.closing import insert_closed_month
from services.stats.store.past_figures import fetch_past_figure
from services.stats.store.recount import recount
from shared.contracts import ComplaintOperator, Outcome, Status
from shared.stream import Database
from tests.integration.stats.conftest import Stats
from tests.integration.stats.test_emission import emit_all
from tests.unit.stats.complaints import OPERATORS, facts

pytestmark = pytest.mark.asyncio(loop_scope="session")

ZONE = ZoneInfo("Asia/Shanghai")
MONTHS = [date(2026, month, 1) for month in (7, 8, 9)]
DAYS = 8
PERIODS = ("2026-07", "2026-08", "2026-09", "2026-Q3")


def midnight(day: int) -> datetime:
    return datetime(2026, 10, 20, tzinfo=ZONE) + timedelta(days=day)


def revised(random: Random, revisions: dict[int, int]):
    """A complaint as it is reported today: new, late, or another revision with another result, operator or month."""
    number = random.randrange(1, 30)
    revisions[number] = revisions.get(number, 0) + 1
    outcome = random.choice([*Outcome, None])
    return facts(
        number,
        revision=revisions[number],
        received_on=random.choice(MONTHS) + timedelta(days=random.randrange(28)),
        operator=ComplaintOperator(key=random.choice(OPERATORS), name="经营者"),
        status=Status.CLOSED if outcome else Status.ACCEPTED,
        outcome=outcome,
        closed_on=date(2026, 10, 1 + random.randrange(15)) if outcome else None,
        amount=f"{random.randrange(1000)}.{random.randrange(100):02}",
    )


async def test_what_was_said_on_each_past_day_is_the_count_of_what_was_known(stats):
    random, revisions, known, today = Random(16), {}, {}, 0
    stats = Stats(Database(stats.database.pool, lambda: midnight(today) + timedelta(hours=12), "/gongshi/stats"))
    for today in range(DAYS):
        latest = {}
        for _ in range(random.randrange(6) if today else 25):
            one = revised(random, revisions)
            latest[one.complaint_id] = one
        await stats.count(*latest.values())
        await emit_all(stats)
        if not today:
            for month in MONTHS:
                await close_month(stats.database, month_period(month), midnight(0).date(), "test")
        async with stats.database.snapshot() as connection:
            for name in PERIODS:
                period = parse_period(name)
                rows = await recount(connection, [GroupKey.OPERATOR], period.first, period.last)
                known[today, name] = {row.keys[0]: row.measures for row in rows}

    async with stats.database.snapshot() as connection:
        for (day, name), expected in known.items():
            months = parse_period(name).months()
            for operator in OPERATORS:
                found = await fetch_past_figure(connection, CountedKind.OPERATOR, operator, name, months, midnight(day + 1))
                assert found.is_kept
                assert (operator in expected) == (found.measures.complaints > 0)
                assert operator not in expected or found.measures == expected[operator]
        before = await fetch_past_figure(connection, CountedKind.ALL, "", "2026-Q3", tuple(MONTHS), midnight(0))
    assert not before.is_kept
    assert len({str(each) for each in known.values()}) > DAYS, "figures moved from day to day"


async def test_an_answer_as_of_a_day_has_the_figures_of_that_day_and_says_where_there_are_none(service):
    path = "/stats/all?period=2026-07"

    for query in ("&as_of=2026-08-01", "&as_of=2026-08-01&by=month"):
        assert (await service.get(path + query)).status_code == 409
    assert (await service.get("/stats/all?window=30d&as_of=2026-08-01")).status_code == 409
    async with service.app.state.database.unit_of_work() as uow:
        await insert_closed_month(uow.connection, date(2026, 7, 1), datetime(2026, 8, 7, tzinfo=ZONE))
    answer = (await service.get(f"{path}&as_of=2026-08-07")).json()
    assert (answer["figures"]["complaints"], answer["restated"], answer["comparisons"]) == (0, False, [])
    assert answer["as_of"] == "2026-08-08T00:00:00+08:00"
    for day in ("2026-08-06", "9999-12-31"):
        assert (await service.get(f"{path}&as_of={day}")).status_code == 409
