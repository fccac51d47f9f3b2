"""Thousands of random histories, many of them in each batch: sums and tallies are those of a plain count of the newest revisions."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from services.stats.domain.contributions import latest_revisions
from services.stats.store.sums import fold_days
from services.stats.store.verification import find_sum_differences
from shared.contracts import Channel, ComplaintOperator, Kind, Outcome, Status
from shared.contracts.reports import SaleMode
from tests.integration.stats.test_counting import expected, sums
from tests.unit.stats.complaints import facts

HISTORIES = 2_000
STEPS = 6
FIRST = date(2026, 3, 25)


def revision(rng, history, complaint, number):
    """The content of a revision: another operator now and then, so that complaints move between the histories' operators."""
    received = FIRST + timedelta(days=rng.randrange(40))
    accepted = rng.choice([None, received + timedelta(days=rng.randrange(-1, 12))])
    closed = rng.choice([None, received + timedelta(days=rng.randrange(90))])
    operator = f"N-{history if rng.random() < 0.8 else rng.randrange(HISTORIES)}"
    return facts(
        complaint,
        number,
        operator=ComplaintOperator(key=operator, name="店", site=rng.choice([None, "某商场"]), platform=None),
        kind=rng.choice([Kind.COMPLAINT] * 4 + [Kind.TIP_OFF]),
        channel=rng.choice(list(Channel)),
        received_on=received,
        region=rng.choice([None, "990102", "990103", "CA"]),
        category=rng.choice([None, "quality", "price"]),
        status=rng.choice(list(Status)),
        outcome=rng.choice([None, *Outcome]),
        accepted=accepted is not None,
        accepted_on=accepted,
        closed_on=closed,
        amount=rng.choice([None, f"{rng.randrange(10**6)}.{rng.randrange(100):02}"]),
        satisfaction=rng.choice([None, 1, 4, 5]),
        consents_to_direct=rng.random() < 0.5,
        case_number=rng.choice([None, None, "1"]),
        office=rng.choice([None, "990102000", "990103000"]),
        sale_mode=rng.choice([None, *SaleMode]),
    )


def histories(rng):
    """Return each history as its revisions in a random order, some of them twice."""
    for history in range(HISTORIES):
        complaints = [3 * history + n for n in range(rng.randrange(1, 4))]
        revisions = [revision(rng, history, each, n) for each in complaints for n in range(1, rng.randrange(2, 5))]
        applied = revisions + rng.choices(revisions, k=rng.randrange(3))
        rng.shuffle(applied)
        yield applied


async def test_two_thousand_histories_interleaved_in_any_order_give_the_plain_count(stats):
    rng = random.Random(20261128)
    steps = defaultdict(list)
    for history in histories(rng):
        for each in history:
            steps[rng.randrange(STEPS)].append(each)

    for step in sorted(steps):
        await stats.count(*steps[step])
        if step % 2:
            async with stats.database.unit_of_work() as uow:
                await fold_days(uow.connection)

    newest = latest_revisions(each for step in sorted(steps) for each in steps[step])
    counted = [each for each in newest if each.kind is Kind.COMPLAINT]
    assert await sums(stats) == expected(newest)
    async with stats.database.snapshot() as connection:
        assert await find_sum_differences(connection) == []
    stored = await stats.fetch(
        """SELECT subject_kind, subject, sum(complaints) AS complaints, sum(amount) AS amount
             FROM stats.days_of_subjects WHERE subject_kind IN ('office', 'sale_mode', 'category')
            GROUP BY 1, 2 HAVING sum(complaints) <> 0"""
    )
    plain, amounts = Counter(), defaultdict(Decimal)
    for each in counted:
        for key in (("office", each.office), ("sale_mode", each.sale_mode), ("category", each.category)):
            if key[1]:
                plain[key] += 1
                amounts[key] += Decimal(each.amount or 0)
    assert {(row["subject_kind"], row["subject"]): (row["complaints"], row["amount"]) for row in stored} == {
        key: (count, amounts[key]) for key, count in plain.items()
    }
