"""Figures are emitted when they change, once, and restated after their month is closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import orjson
import pytest
from prometheus_client import REGISTRY

from services.stats.closing import MonthCloser, MonthNotOver, close_month
from services.stats.domain.periods import parse_period
from services.stats.emission import emit_changed_figures
from shared.contracts import ComplaintEffect, ComplaintOperator, FigureChanged, MonthClosed, Outcome, Status
from shared.contracts.figures import FIGURES
from shared.rules import RuleBook
from shared.settings import Settings
from shared.stream.outbox import count_unsent, delete_sent, enqueue, fetch_unsent, iterate_unsent
from shared.stream.outbox_batch import OutboxMessage
from tests.integration.stats.test_counting import assert_exact, ruling, sums
from tests.unit.stats.complaints import OPERATORS, facts

TODAY = date(2026, 11, 20)
OCTOBER = parse_period("2026-10")
SEPTEMBER = parse_period("2026-09")


async def emit_all(stats):
    """Emit all pending changes; return the emitted figures by key."""
    while True:
        async with stats.database.unit_of_work() as uow:
            if not await emit_changed_figures(uow):
                break
    return {event.key(): event for event in await take_events(stats, FigureChanged)}


async def take_events(stats, model):
    """Delete and return the events of one type from the outbox."""
    async with stats.database.unit_of_work() as uow:
        unsent = await fetch_unsent(uow.connection, 1_000_000)
        await delete_sent(uow.connection, unsent.row_ids)
        wanted = ("ce_type", model.type.encode())
        await enqueue(uow.connection, [message for message in unsent.messages if wanted not in message.headers])
    return [model.model_validate_json(message.value) for message in unsent.messages if wanted in message.headers]


async def test_every_subject_and_period_that_contains_a_complaint_is_emitted(stats):
    await stats.count(facts(1))

    figures = await emit_all(stats)

    subjects = {
        "all/",
        f"operator/{OPERATORS[0]}",
        "region/990102",
        "region/990100",
        "region/990000",
        "industry/F5273",
        "category/quality",
        "channel/hotline_12345",
    }
    periods = {"month/2026-10", "quarter/2026-Q4", "half/2026-H2", "year/2026"}
    assert figures.keys() == {f"{subject}/{name}" for subject in subjects for name in periods}
    assert {figure.version for figure in figures.values()} == {1}
    assert {figure.figures.complaints for figure in figures.values()} == {1}


async def test_an_operators_figure_carries_its_profile_region_and_industry(stats):
    await stats.count(facts(1), facts(2), facts(3, region="990103", industry="H6210"))

    figure = (await emit_all(stats))[f"operator/{OPERATORS[0]}/month/2026-10"]

    assert figure.operator == facts().operator
    assert (figure.region, figure.industry) == ("990102", "F5273")


async def test_several_changes_of_one_figure_are_coalesced(stats):
    for number in range(5):
        await stats.count(facts(number))

    figures = await emit_all(stats)

    assert figures["all//year/2026"].version == 1
    assert figures["all//year/2026"].figures.complaints == 5


async def test_an_unchanged_figure_is_not_emitted_again(stats):
    await stats.count(facts(1))
    await emit_all(stats)

    await stats.count(facts(1, 2), facts(2, received_on=date(2026, 1, 5)))
    figures = await emit_all(stats)

    assert figures["all//year/2026"].version == 2
    assert "all//month/2026-10" not in figures
    assert figures["all//month/2026-01"].version == 1


async def test_a_figure_that_falls_to_zero_is_emitted(stats):
    await stats.count(facts(1))
    await emit_all(stats)

    await stats.count(facts(1, 2, duplicate_of=UUID(int=7)))

    assert (await emit_all(stats))["all//month/2026-10"].figures.complaints == 0


async def test_a_month_closed_event_counts_operators_and_complaints_it_has(stats):
    await stats.count(facts(1), facts(2), facts(3, operator=ComplaintOperator(key=OPERATORS[1], name="另一家")))

    closed = await close_month(stats.database, OCTOBER, TODAY, "ops")

    [event] = await take_events(stats, MonthClosed)
    assert (event.month, event.operators, event.complaints) == ("2026-10", 2, 3)
    assert closed.operators == 2
    assert await close_month(stats.database, OCTOBER, TODAY, "ops") == closed
    assert await take_events(stats, MonthClosed) == []


async def test_a_month_is_closed_after_its_figures_are_emitted(stats):
    await stats.count(facts(1))

    await close_month(stats.database, OCTOBER, TODAY, "ops")

    async with stats.database.snapshot() as connection:
        keys = [message.key async for message in iterate_unsent(connection, FIGURES)]
    assert keys.index(b"2026-10") == len(keys) - 1


async def test_a_month_that_is_not_over_is_not_closed(stats):
    with pytest.raises(MonthNotOver, match="2026-11 ends on 2026-11-30"):
        await close_month(stats.database, parse_period("2026-11"), TODAY, "ops")


async def test_a_month_that_is_due_is_not_closed_while_records_wait_and_is_counted_as_unclosed(stats):
    consumer = SimpleNamespace(lag=lambda: 7)
    context = SimpleNamespace(database=stats.database, settings=Settings(), consumers=[consumer])
    closer = MonthCloser(context, stats.calendar, RuleBook.load(Settings().rules))

    await closer.check()
    while_behind = REGISTRY.get_sample_value("gongshi_months_unclosed"), await take_events(stats, MonthClosed)
    consumer.lag = lambda: 0
    await closer.check()

    assert while_behind == (1, [])
    assert REGISTRY.get_sample_value("gongshi_months_unclosed") == 0
    assert [event.month for event in await take_events(stats, MonthClosed)] == ["2026-10"]


async def test_a_late_revision_restates_a_closed_month_and_no_open_period(stats):
    await stats.count(facts(1))
    await close_month(stats.database, OCTOBER, TODAY, "ops")
    await emit_all(stats)

    await stats.count(facts(2))
    figures = await emit_all(stats)

    month = figures["all//month/2026-10"]
    assert month.restated
    assert (month.restated_from.complaints, month.figures.complaints, month.version) == (1, 2, 2)
    assert not figures["all//year/2026"].restated
    [restatement] = await stats.fetch("SELECT * FROM stats.restatements WHERE subject_kind = 'all'")
    assert (restatement["period"], restatement["version"], list(restatement["ruling_ids"])) == ("2026-10", 2, [])
    assert orjson.loads(restatement["before"])["complaints"] == 1


async def test_a_ruling_after_the_close_is_named_in_the_restatement(stats):
    await stats.count(facts(1), facts(2))
    await close_month(stats.database, OCTOBER, TODAY, "ops")
    await emit_all(stats)

    await stats.rule(ruling(ComplaintEffect(complaint_id=UUID(int=1), outcome=Outcome.FAILED), number=5))
    figure = (await emit_all(stats))[f"operator/{OPERATORS[0]}/month/2026-10"]

    assert (figure.restated_from.resolved, figure.figures.resolved) == (2, 1)
    assert figure.rulings == (UUID(int=5),)
    restatements = await stats.fetch("SELECT DISTINCT ruling_ids FROM stats.restatements")
    assert [list(row["ruling_ids"]) for row in restatements] == [[UUID(int=5)]]


@pytest.mark.parametrize(
    ("number", "effect"),
    [(1, {"outcome": Outcome.MEDIATED}), (2, {"exclude": True})],
    ids=["the same outcome", "counts already not"],
)
async def test_a_ruling_that_changes_nothing_is_named_with_the_figure_as_it_was(stats, number, effect):
    await stats.count(facts(1, outcome=Outcome.MEDIATED), facts(2, duplicate_of=UUID(int=1)))
    before = (await emit_all(stats))[f"operator/{OPERATORS[0]}/month/2026-10"]

    await stats.rule(ruling(ComplaintEffect(complaint_id=UUID(int=number), **effect), number=5))
    figure = (await emit_all(stats))[f"operator/{OPERATORS[0]}/month/2026-10"]

    assert (figure.rulings, figure.restated, figure.version) == ((UUID(int=5),), False, before.version + 1)
    assert figure.figures == before.figures
    assert await stats.fetch("SELECT FROM stats.restatements") == []


async def test_a_complaint_that_moves_into_a_closed_month_restates_from_nothing(stats):
    await close_month(stats.database, SEPTEMBER, TODAY, "ops")

    await stats.count(facts(1, received_on=date(2026, 9, 3)))
    figure = (await emit_all(stats))["all//month/2026-09"]

    assert figure.restated
    assert figure.restated_from.complaints == 0


async def test_a_year_is_restated_only_when_all_its_months_are_closed(stats):
    for month in range(1, 13):
        await close_month(stats.database, parse_period(f"2025-{month:02}"), TODAY, "ops")

    await stats.count(facts(1, received_on=date(2025, 5, 5)))
    figures = await emit_all(stats)

    assert all(figures[f"all//{name}"].restated for name in ("month/2025-05", "quarter/2025-Q2", "half/2025-H1", "year/2025"))


async def test_a_complaint_opened_again_is_resolved_no_more_and_neither_is_one_that_then_fails(stats):
    key = (OPERATORS[0], "2026-10")
    reopened = {"status": Status.MEDIATING, "outcome": None}
    lives = [facts(1, 1), facts(1, 2, **reopened), facts(1, 3, outcome=Outcome.FAILED, closed_on=date(2026, 11, 5))]

    resolved, emitted = [], []
    for revision in lives:
        await stats.count(revision)
        resolved.append((await sums(stats))[key][2])
        figure = (await emit_all(stats))[f"operator/{OPERATORS[0]}/month/2026-10"].figures
        emitted.append((figure.accepted, figure.resolved, figure.median_days))

    assert resolved == [1, 0, 0]
    assert emitted == [(1, 1, Decimal(5)), (1, 0, None), (1, 0, Decimal(19))]
    await assert_exact(stats, lives)


async def test_rows_of_one_message_and_rows_of_many_are_read_in_the_order_of_their_ids(stats):
    headers = (("ce_type", b"t"),)
    of_before = "INSERT INTO outbox (topic, key, headers, value) VALUES ('a', '1', '[[\"ce_type\",\"t\"]]', $1)"
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute(of_before, b"1")
        await enqueue(uow.connection, [OutboxMessage("a", b"1", headers, value) for value in (b"2", b"3")])
        await uow.connection.execute(of_before, b"4")

        first = await fetch_unsent(uow.connection, 2)
        count = await count_unsent(uow.connection)
        await delete_sent(uow.connection, first.row_ids)
        rest = await fetch_unsent(uow.connection, 2)

    assert first.messages == [OutboxMessage("a", b"1", headers, value) for value in (b"1", b"2", b"3")]
    assert rest.messages == [OutboxMessage("a", b"1", headers, b"4")]
    assert count == 4
