"""Synthetic complaint revisions for measuring the stats step, deterministic for the same arguments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared.contracts import (
    Channel,
    ComplaintOperator,
    ComplaintRevised,
    Kind,
    Ledger,
    Outcome,
    Redaction,
    Status,
)
from shared.reference import categories, districts, industries

OPERATORS = 2_000
FIRST_DAY = date(2024, 11, 1)
DAYS = 730
# Of each hundred records: tip-offs, which are not counted, and second revisions, which replace what the first added.
TIP_OFFS = 5
SECOND_REVISIONS = 20
# Complaints between the first and the second revision.
REVISION_DISTANCE = 500
TEXT = (
    "消费者反映：在该店购买商品后三天出现质量问题，当场联系店员，店员要求等待厂家检测。此后多次致电均未得到明确答复，"
    "消费者要求按照约定退货并退还货款，商家表示已超过退货期限，仅同意维修。消费者认为商品存在质量问题，请求协调处理。"
)


@dataclass(slots=True)
class Expected:
    """The correct count of the yielded records: all of them, and the complaints among them, each once."""

    records: int = 0
    complaints: int = 0


def revisions(total: int, seed: int, expected: Expected) -> Iterator[ComplaintRevised]:
    """Yield `total` revisions in the order of receipt, over `DAYS` days, and count complaints in `expected`."""
    rng = random.Random(seed)  # noqa: S311 synthetic data, not a secret
    operators = _operators(rng)
    open_complaints: list[ComplaintRevised] = []
    for number in range(total):
        expected.records += 1
        if len(open_complaints) > REVISION_DISTANCE and rng.randrange(100) < SECOND_REVISIONS:
            yield _closed(rng, open_complaints.pop(rng.randrange(len(open_complaints))))
            continue
        day = FIRST_DAY + timedelta(days=number * DAYS // total)
        complaint = _received(rng, number, day, operators[int(len(operators) * rng.random() ** 2)])
        if complaint.kind is Kind.COMPLAINT:
            expected.complaints += 1
        if complaint.status is not Status.CLOSED:
            open_complaints.append(complaint)
        yield complaint


def _operators(rng: random.Random) -> list[tuple[ComplaintOperator, str, str]]:
    """Return operators with their region and industry; the first have most complaints."""
    regions, trades = [region.code for region in districts()], list(industries())
    return [
        (
            ComplaintOperator(
                key=f"N-{number:08x}",
                name=f"云州市测量{number}号商贸有限公司",
                address=f"云州市湖东区测量路{number}号",
                scope="日用百货零售",
            ),
            rng.choice(regions),
            rng.choice(trades),
        )
        for number in range(OPERATORS)
    ]


def _received(rng: random.Random, number: int, day: date, operator: tuple[ComplaintOperator, str, str]) -> ComplaintRevised:
    complaint_operator, region, industry = operator
    closed = rng.random() < 0.5  # noqa: PLR2004
    accepted_on = day + timedelta(days=rng.randrange(1, 7))
    return ComplaintRevised(
        complaint_id=_time_ordered(rng, number),
        revision=1,
        source="/bench/12345",
        external_id=str(number),
        kind=Kind.TIP_OFF if rng.randrange(100) < TIP_OFFS else Kind.COMPLAINT,
        channel=rng.choice(list(Channel)),
        received_on=day,
        region=region,
        industry=industry,
        category=rng.choice(list(categories())),
        operator=complaint_operator,
        status=Status.CLOSED if closed else Status.ACCEPTED,
        outcome=rng.choice(list(Outcome)) if closed else None,
        accepted=True,
        accepted_on=accepted_on,
        closed_on=accepted_on + timedelta(days=rng.randrange(1, 45)) if closed else None,
        amount=f"{rng.randrange(10_00, 5_000_00) / 100:.2f}",
        recovered=None,
        ledger=Ledger.DISPATCHED,
        received_at=datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC),
        goods="手机",
        title="商品质量问题",
        text=TEXT,
        redaction=Redaction.CLEAN,
        office="990102000",
    )


def _time_ordered(rng: random.Random, number: int) -> UUID:
    """Return an id in the order of receipt, as intake gives them (RFC 9562, version 7)."""
    return UUID(int=number << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62))


def _closed(rng: random.Random, complaint: ComplaintRevised) -> ComplaintRevised:
    """Return the second revision of a complaint: it was closed."""
    assert complaint.accepted_on is not None  # noqa: S101 `_received` sets it
    changes = {
        "revision": 2,
        "status": Status.CLOSED,
        "outcome": rng.choice(list(Outcome)),
        "closed_on": complaint.accepted_on + timedelta(days=rng.randrange(1, 45)),
    }
    return complaint.model_copy(update=changes)
