"""Operators that are kept by the day: the same figures, whatever a batch has written when they are."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from random import Random

import pytest

from services.stats.domain.contributions import row_by_calendar, to_contribution
from services.stats.domain.periods import single_days
from services.stats.domain.subjects import CountedKind
from services.stats.nightly import keep_large_operators
from services.stats.store import large_operators
from services.stats.store.contributions import upsert_contributions
from services.stats.store.large_operators import add_large_operator
from services.stats.store.sums import ADD_DAY_BUCKETS, ADD_SUBJECTS, EMITTED_KINDS, fold_days
from services.stats.store.sums_of_days import Grouping, fetch_grouped_sums
from services.stats.store.tallies import fetch_tallies
from services.stats.verification import find_differences
from shared.contracts import Channel, ComplaintOperator, Outcome, Status
from tests.integration.stats.test_emission import emit_all
from tests.unit.stats.complaints import CALENDAR, OPERATORS, facts

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)


def batch(random, revision):
    """Complaints about two operators, each as another one than in the batch before."""
    return [
        facts(
            number,
            revision=revision,
            received_on=FIRST + timedelta(days=random.randrange(60)),
            operator=ComplaintOperator(key=random.choice(OPERATORS[:2]), name="经营者"),
            channel=random.choice(list(Channel)),
            status=Status.CLOSED,
            outcome=random.choice(list(Outcome)),
        )
        for number in range(1, 40)
    ]


async def read(stats):
    """Everything that is answered about both operators by the day, together and apart."""
    async with stats.database.snapshot() as connection:
        days = single_days(FIRST, LAST)
        sums = await fetch_grouped_sums(connection, CountedKind.OPERATOR, OPERATORS[:2], days, Grouping.DAY)
        apart = await fetch_grouped_sums(connection, CountedKind.OPERATOR, OPERATORS[:2], days, Grouping.SUBJECT)
        tallies = await fetch_tallies(connection, "operator", OPERATORS[:2], FIRST, LAST, apart=True)
    shown = {key: [day for day in days if day.complaints or day.counts] for key, days in tallies.items()}
    return {key: each for key, each in sums.items() if each.complaints}, apart, shown


async def test_the_answers_are_the_same_before_and_after_and_stay_exact(stats, monkeypatch):
    random = Random(5)
    await stats.count(*batch(random, 1))
    before = await read(stats)

    async with stats.database.unit_of_work() as uow:
        await add_large_operator(uow.connection, OPERATORS[0], uow.now)
    assert await read(stats) == before
    await stats.count(*batch(random, 2))
    monkeypatch.setattr(large_operators, "LARGE_MONTH", 5)
    assert await keep_large_operators(stats.database, LAST) == 1
    await stats.count(*batch(random, 3))
    unfolded = await read(stats)
    await emit_all(stats)
    async with stats.database.unit_of_work() as uow:
        await fold_days(uow.connection)

    assert await read(stats) == unfolded
    kept = await stats.fetch("SELECT DISTINCT subject FROM stats.subject_days WHERE subject_kind = 'operator'")
    assert {record["subject"] for record in kept} == set(OPERATORS[:2])
    assert (await find_differences(stats.database)).differences == []
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute("DELETE FROM stats.large_operators")
        await uow.connection.execute("DELETE FROM stats.subject_days WHERE subject_kind = 'operator'")
    assert await read(stats) == unfolded, "the buckets say the same"


@pytest.mark.parametrize("is_written", [False, True], ids=["buckets are written", "days are written too"])
async def test_a_batch_in_flight_is_counted_once(stats, is_written):
    await stats.count(*batch(Random(6), 1))
    rows = [row_by_calendar(to_contribution(each, CALENDAR), CALENDAR) for each in batch(Random(7), 2)]

    async def add():
        async with stats.database.unit_of_work() as uow:
            await add_large_operator(uow.connection, OPERATORS[0], uow.now)

    async with stats.database.unit_of_work() as uow:
        await upsert_contributions(uow.connection, rows)
        await uow.connection.execute(ADD_DAY_BUCKETS)
        if is_written:
            await uow.connection.execute(ADD_SUBJECTS, EMITTED_KINDS)
        adding = asyncio.create_task(add())
        if is_written:
            await asyncio.wait([adding], timeout=0.1)
            assert not adding.done(), "it waits for the batch"
        else:
            await adding
            await uow.connection.execute(ADD_SUBJECTS, EMITTED_KINDS)
    await adding

    await emit_all(stats)
    assert (await find_differences(stats.database)).differences == []
