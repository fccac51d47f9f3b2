"""The sums equal a recount, whatever the order, the repetition and the batches."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.stats.domain.adjustments import to_adjustments
from services.stats.domain.contributions import latest_revisions
from services.stats.domain.recount import GroupKey
from services.stats.store.recount import recount
from services.stats.store.verification import find_sum_differences
from shared.contracts import (
    ApplicationKind,
    ComplaintEffect,
    ComplaintOperator,
    Decision,
    Kind,
    Outcome,
    RulingMade,
    Status,
)
from shared.errors import PERMANENT_ERRORS
from tests.unit.stats.complaints import OPERATORS, count_plainly, draw_revision, facts

DECIDED = datetime(2026, 11, 1, tzinfo=UTC)


def ruling(*effects, number=1, days=0):
    return RulingMade(
        ruling_id=UUID(int=number), application_id=uuid4(), receipt="R-1", item_id="i-1", item_version=1,
        kind=ApplicationKind.CORRECTION, operator_key=OPERATORS[0], decision=Decision.CORRECTED, reason_code="C01",
        public_reason="统计口径适用有误", reply_number="云市监更〔2026〕1号", effects=effects,
        decided_at=DECIDED + timedelta(days=days), rules_version="2018-01-01",
    )  # fmt: skip


async def sums(stats):
    """The recount by operator and month, in the form of the plain count."""
    async with stats.database.snapshot() as connection:
        rows = await recount(connection, [GroupKey.OPERATOR, GroupKey.MONTH])
    return {
        row.keys: (
            row.measures.complaints,
            row.measures.accepted,
            row.measures.resolved,
            row.measures.mediations,
            row.measures.amount,
        )
        for row in rows
    }


def expected(revisions, adjusted=()):
    groups = count_plainly(revisions, adjusted)
    return {k: (g["complaints"], g["accepted"], g["resolved"], g["mediations"], g["amount"]) for k, g in groups.items()}


async def assert_exact(stats, applied, rulings=()):
    async with stats.database.snapshot() as connection:
        assert await find_sum_differences(connection) == []
    assert await sums(stats) == expected(latest_revisions(applied), to_adjustments(rulings))


async def test_a_revision_replaces_what_the_one_before_added(stats):
    first = facts(1, 1, status=Status.ACCEPTED, outcome=None, closed_on=None, amount="10.00")
    moved = facts(
        1, 2, received_on=date(2026, 9, 30), region="990103", operator=ComplaintOperator(key=OPERATORS[1], name="另一家")
    )

    await stats.count(first)
    await stats.count(moved)

    await assert_exact(stats, [first, moved])
    stored = await stats.fetch(
        "SELECT subject, complaints FROM stats.subject_months WHERE subject_kind = 'region' AND complaints > 0 ORDER BY 1"
    )
    assert [tuple(row) for row in stored] == [("990000", 1), ("990100", 1), ("990103", 1)]


async def test_an_older_or_repeated_revision_changes_nothing(stats):
    await stats.count(facts(1, 2))
    before = await sums(stats)

    await stats.count(facts(1, 1, amount="5"), facts(1, 2, amount="7"))

    assert await sums(stats) == before
    assert len(await stats.fetch("SELECT FROM stats.pending_changes WHERE subject_kind = 'all'")) == 1


async def test_tip_offs_and_duplicates_are_stored_and_not_counted(stats):
    await stats.count(facts(1, kind=Kind.TIP_OFF), facts(2, duplicate_of=UUID(int=9)), facts(3))

    assert [values[0] for values in (await sums(stats)).values()] == [1]


async def test_a_district_adds_to_its_city_and_its_province(stats):
    await stats.count(facts(1, region="990102"), facts(2, region="990103001"), facts(3, region="CA"), facts(4, region=None))

    stored = await stats.fetch("SELECT subject, complaints FROM stats.subject_months WHERE subject_kind = 'region' ORDER BY 1")

    assert [tuple(row) for row in stored] == [
        ("990000", 2),
        ("990100", 2),
        ("990102", 1),
        ("990103", 1),
        ("990103001", 1),
        ("CA", 1),
    ]


async def test_an_excluded_complaint_does_not_count_whichever_comes_first(stats):
    excluded = [ruling(ComplaintEffect(complaint_id=UUID(int=n), exclude=True), number=n) for n in (1, 2)]

    await stats.count(facts(1))
    await stats.rule(*excluded)
    await stats.count(facts(2), facts(3))
    await stats.count(facts(1, 2))

    await assert_exact(stats, [facts(1, 2), facts(2), facts(3)], excluded)


async def test_the_latest_ruling_that_sets_a_fact_applies(stats):
    amended = [
        ruling(ComplaintEffect(complaint_id=UUID(int=1), outcome=Outcome.FAILED, amount="1.00"), number=1, days=1),
        ruling(ComplaintEffect(complaint_id=UUID(int=1), outcome=Outcome.SELF_SETTLED), number=2, days=0),
    ]

    await stats.count(facts(1))
    await stats.rule(amended[0])
    await stats.rule(amended[1])

    [(complaints, accepted, resolved, mediations, amount)] = (await sums(stats)).values()
    assert (complaints, accepted, resolved, mediations, amount) == (1, 1, 0, 1, Decimal("1.00"))


async def test_what_was_settled_or_withdrawn_is_closed_and_in_no_numerator(stats):
    await stats.count(
        facts(1, outcome=Outcome.SETTLED_OR_WITHDRAWN), facts(2, outcome=Outcome.SETTLED_OR_WITHDRAWN, accepted=False)
    )
    await stats.rule(ruling(ComplaintEffect(complaint_id=UUID(int=2), outcome=Outcome.SETTLED_OR_WITHDRAWN)))

    [(complaints, accepted, resolved, mediations, _amount)] = (await sums(stats)).values()
    assert (complaints, accepted, resolved, mediations) == (2, 1, 0, 0)


async def test_a_ruling_applied_twice_changes_nothing_more(stats):
    once = ruling(ComplaintEffect(complaint_id=UUID(int=1), amount="7.50"))

    await stats.count(facts(1))
    await stats.rule(once)
    await stats.rule(once)

    await assert_exact(stats, [facts(1)], [once])


@st.composite
def histories(draw):
    """Revisions of a few complaints in batches, in any order and repetition, with rulings between them."""
    keys = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), min_size=1, max_size=14))
    contents = {key: draw_revision(*key, draw) for key in dict.fromkeys(keys)}
    rulings = [
        ruling(
            ComplaintEffect(
                complaint_id=UUID(int=draw(st.integers(1, 6))),
                exclude=draw(st.booleans()),
                status=draw(st.none() | st.sampled_from(Status)),
                outcome=draw(st.none() | st.sampled_from(Outcome)),
                amount=draw(st.none() | st.just("42.42")),
            ),
            number=number,
            days=draw(st.integers(0, 3)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    applied = [contents[key] for key in keys] + rulings
    order = draw(st.permutations(applied))
    cuts = sorted(draw(st.sets(st.integers(0, len(order)), max_size=5)) | {0, len(order)})
    return [order[a:b] for a, b in pairwise(cuts)]


# How many histories this process tries; the nightly job asks for more.
HISTORIES = 60


# Examples are drawn in a thread; meanwhile clients in the loop's own thread use `random`, which is none of the strategy's.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module:hypothesis.errors.HypothesisDeprecationWarning")
async def test_any_order_repetition_and_batching_gives_the_recount(stats, database):
    loop = asyncio.get_running_loop()
    owner = await asyncpg.connect(database.database_url.get_secret_value())  # the service itself cannot delete adjustments

    async def hold(history):
        for table in (
            "contributions",
            "day_buckets",
            "subject_days",
            "day_changes",
            "subject_months",
            "pending_changes",
            "adjustments",
        ):
            await owner.execute(f"DELETE FROM stats.{table}")
        for batch in history:
            await stats.count(*[each for each in batch if not isinstance(each, RulingMade)])
            await stats.rule(*[each for each in batch if isinstance(each, RulingMade)])
        applied = [each for batch in history for each in batch]
        await assert_exact(
            stats, [c for c in applied if not isinstance(c, RulingMade)], [r for r in applied if isinstance(r, RulingMade)]
        )

    @hypothesis_settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def holds(history):
        asyncio.run_coroutine_threadsafe(hold(history), loop).result(timeout=60)

    await asyncio.to_thread(holds)
    await owner.close()


async def test_two_processes_that_count_the_same_subjects_at_once_agree_with_the_recount(stats):
    batches = [
        [facts(n, 1, received_on=date(2026, 1 + n % 9, 1 + n % 28)) for n in range(start, start + 40)]
        for start in range(0, 400, 20)
    ]

    await asyncio.gather(*(stats.count(*batch) for batch in batches))

    await assert_exact(stats, [c for batch in batches for c in batch])


@pytest.mark.parametrize(
    "poison",
    [
        *({"amount": amount} for amount in ("-1", "NaN", "Infinity", "ten", "1e20")),
        {"recovered": "-0.01"},
        {"revision": 2**40},
        {"operator": ComplaintOperator(key="N-\x00", name="店")},
        {"operator": ComplaintOperator(key=OPERATORS[0], name="\x00")},
        {"region": "99\x00"},
        {"source": "\x00"},
    ],
    ids=str,
)
async def test_what_the_database_cannot_hold_is_a_permanent_failure(stats, poison):
    """The stream core makes such a record a dead letter and applies its neighbours; any other error would block it."""
    with pytest.raises(PERMANENT_ERRORS):
        await stats.count(facts(1, **poison))


async def test_days_far_away_are_counted(stats):
    far = facts(1, received_on=date(1, 1, 1), accepted_on=date(1970, 1, 1), closed_on=date(9999, 12, 31))

    await stats.count(far)

    async with stats.database.snapshot() as connection:
        assert await find_sum_differences(connection) == []
