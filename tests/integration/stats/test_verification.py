"""A recount finds every difference; each kind of tampering is found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from services.stats.domain.recount import GroupKey
from services.stats.nightly import NightlyRecount
from services.stats.store.recount import recount
from services.stats.store.sums import fold_days
from services.stats.verification import find_differences
from shared.contracts import Channel, ComplaintEffect, ComplaintOperator, FiguresVerified, Kind, Outcome, Status
from shared.metrics import FIGURES_DIFFERENT, FIGURES_VERIFIED_AT
from shared.stream import Database
from tests.integration.stats.conftest import NOW
from tests.integration.stats.test_counting import ruling
from tests.integration.stats.test_emission import emit_all, take_events
from tests.unit.stats.complaints import OPERATORS, facts

SOME = [
    facts(
        number,
        received_on=date(2026, 1 + number % 10, 1 + number % 28),
        region=["990102", "990103", None, "CA"][number % 4],
        channel=list(Channel)[number % 8],
        status=Status.CLOSED if number % 3 else Status.RECEIVED,
        accepted=bool(number % 3),
        outcome=list(Outcome)[number % 5],
        operator=ComplaintOperator(key=OPERATORS[number % 3], name=f"经营者{number % 3}"),
        closed_on=date(2026, 11, 1 + number % 20),
        amount=f"{number}.10",
    )
    for number in range(1, 120)
]


async def fill(stats):
    await stats.count(*SOME)
    await stats.rule(ruling(ComplaintEffect(complaint_id=UUID(int=3), exclude=True)))
    await emit_all(stats)
    async with stats.database.unit_of_work() as uow:
        await fold_days(uow.connection)


async def test_stored_sums_and_emitted_figures_equal_the_recount(stats):
    await fill(stats)

    report = await find_differences(stats.database)

    assert report.differences == []
    assert report.complaints == 118
    assert report.figures > 100


async def test_the_database_rounds_a_rate_as_every_channel_does(stats):
    """1 ÷ 32 is 0.03125: half up 0.0313, half to even 0.0312."""
    waiting = {"status": Status.ACCEPTED, "outcome": None, "closed_on": None}
    await stats.count(facts(1), *(facts(number, **waiting) for number in range(2, 33)))

    figures = await emit_all(stats)

    assert str(figures["all//month/2026-10"].figures.resolution_rate) == "0.0313"
    assert (await find_differences(stats.database)).differences == []


@pytest.mark.parametrize(
    ("table", "tampering"),
    [
        (
            "day_buckets",
            "UPDATE stats.day_buckets SET complaints = complaints + 1 WHERE ctid = (SELECT min(ctid) FROM stats.day_buckets)",
        ),
        (
            "subject_days",
            "UPDATE stats.subject_days SET tallies = tallies + 1 WHERE subject_kind = 'channel' AND day = '2026-02-02'",
        ),
        ("day_buckets", "DELETE FROM stats.day_buckets WHERE ctid = (SELECT min(ctid) FROM stats.day_buckets)"),
        (
            "subject_days",
            "UPDATE stats.subject_days SET amount = amount + 0.01 WHERE subject_kind = 'all' AND day = '2026-02-02'",
        ),
        (
            "subject_months",
            "UPDATE stats.subject_months SET workdays = workdays + 1 WHERE subject = '990102' AND month = '2026-03-01'",
        ),
        (
            "figures",
            "UPDATE stats.figures SET measures = jsonb_set(measures, '{p90_days}', '99.0') WHERE period = '2026' AND subject_kind = 'all'",
        ),
        ("figures", "DELETE FROM stats.figures WHERE period = '2026-Q2' AND subject = 'letter'"),
    ],
)
async def test_tampering_is_found(stats, table, tampering):
    await fill(stats)
    async with stats.database.unit_of_work() as uow:
        assert await uow.connection.execute(tampering) in {"UPDATE 1", "DELETE 1"}

    report = await find_differences(stats.database)

    assert [difference.table for difference in report.differences] == [table]


async def test_pending_changes_are_no_difference(stats):
    await fill(stats)

    await stats.count(facts(500))

    assert (await find_differences(stats.database)).differences == []


async def test_a_recount_groups_by_the_keys_in_their_order(stats):
    await stats.count(facts(1), facts(2, received_on=date(2025, 12, 31)), facts(3, kind=Kind.TIP_OFF), facts(4, category=None))

    async with stats.database.snapshot() as connection:
        by_year = await recount(connection, [GroupKey.YEAR, GroupKey.CATEGORY])
        october = await recount(connection, [GroupKey.OPERATOR], date(2026, 10, 1), date(2026, 10, 31))

    assert [(row.keys, row.measures.complaints) for row in by_year] == [
        (("2025", "quality"), 1),
        (("2026", ""), 1),
        (("2026", "quality"), 1),
    ]
    assert [(row.keys, row.operator_name, row.measures.amount) for row in october] == [
        ((OPERATORS[0],), facts().operator.name, Decimal("2598.00"))
    ]


async def test_a_night_recounts_once_says_what_it_found_and_enters_it_into_the_journal(stats, database):
    await fill(stats)
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE stats.subject_months SET complaints = complaints + 1 WHERE subject_kind = 'all'")
    night = NightlyRecount(SimpleNamespace(database=stats.database, settings=database))

    await night.check()
    await night.check()

    [stored] = await stats.fetch("SELECT day, complaints, differences FROM stats.verifications")
    [entry] = await stats.fetch("SELECT actor, subject FROM stats.journal WHERE action = 'figures_verified'")
    [event] = await take_events(stats, FiguresVerified)
    assert (stored["day"], stored["complaints"], stored["differences"] > 0) == (date(2026, 11, 20), 118, True)
    assert tuple(entry) == ("stats", "2026-11-20")
    assert (event.day, event.differences) == (date(2026, 11, 20), stored["differences"])
    assert (FIGURES_VERIFIED_AT._value.get(), FIGURES_DIFFERENT._value.get()) == (NOW.timestamp(), stored["differences"])


async def test_before_three_in_the_morning_nothing_is_recounted(stats, database):
    early = Database(stats.database.pool, lambda: NOW.replace(hour=18), "/gongshi/stats")

    await NightlyRecount(SimpleNamespace(database=early, settings=database)).check()

    assert await stats.fetch("SELECT FROM stats.verifications") == []
