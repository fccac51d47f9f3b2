"""Complaint revisions of tests, and an independent count of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from shared.calendar import Calendar
from shared.contracts import Channel, ComplaintFacts, ComplaintOperator, Kind, Outcome, Status

CALENDAR = Calendar.load()
OPERATORS = ("91330100MA0000001A", "91330100MA0000002B", "N-0f3a")


def facts(number=1, revision=1, **changes):
    """A closed, mediated complaint of October 2026 with changes."""
    fields = {
        "complaint_id": UUID(int=number),
        "revision": revision,
        "source": "/hotlines/12345/990100",
        "external_id": str(number),
        "kind": Kind.COMPLAINT,
        "channel": Channel.HOTLINE_12345,
        "received_on": date(2026, 10, 9),
        "region": "990102",
        "industry": "F5273",
        "category": "quality",
        "operator": ComplaintOperator(key=OPERATORS[0], name="云州某某商贸有限公司", uscc=OPERATORS[0]),
        "status": Status.CLOSED,
        "outcome": Outcome.MEDIATED,
        "accepted": True,
        "accepted_on": date(2026, 10, 10),
        "closed_on": date(2026, 10, 16),
        "amount": "1299.00",
        "recovered": "300.50",
    }
    return ComplaintFacts(**fields | changes)


DAYS = st.dates(date(2026, 1, 28), date(2026, 11, 3))
OPTIONAL_DAYS = st.none() | DAYS
YUAN = st.none() | st.decimals("0", "99999.99", places=2).map(str)


def draw_revision(number, revision, draw):
    """The content of a revision, drawn once."""
    key = draw(st.sampled_from(OPERATORS))
    return facts(
        number,
        revision,
        kind=draw(st.sampled_from([Kind.COMPLAINT] * 5 + [Kind.TIP_OFF])),
        channel=draw(st.sampled_from(list(Channel)[:3])),
        received_on=draw(DAYS),
        region=draw(st.sampled_from([None, "990102", "990103", "990121000", "CA"])),
        industry=draw(st.sampled_from([None, "F5273", "H6210"])),
        category=draw(st.sampled_from([None, "quality", "price"])),
        operator=ComplaintOperator(key=key, name=f"经营者{key[-2:]}"),
        status=draw(st.sampled_from(Status)),
        outcome=draw(st.none() | st.sampled_from(Outcome)),
        accepted=draw(st.booleans()),
        accepted_on=draw(OPTIONAL_DAYS),
        closed_on=draw(OPTIONAL_DAYS),
        amount=draw(YUAN),
        recovered=draw(YUAN),
        duplicate_of=draw(st.sampled_from([None, None, None, UUID(int=99)])),
    )


def count_plainly(revisions, adjustments=()):
    """Count complaints by operator and month in plain Python: counts, amounts and the working days of closed cases."""
    groups = defaultdict(
        lambda: {"complaints": 0, "accepted": 0, "resolved": 0, "mediations": 0, "amount": Decimal(0), "days": []}
    )
    for complaint in revisions:
        rulings = [a for a in adjustments if a.complaint_id == complaint.complaint_id]
        if complaint.kind is Kind.TIP_OFF or complaint.duplicate_of or any(a.excluded for a in rulings):
            continue
        ruled = {
            name: next((getattr(a, name) for a in reversed(rulings) if getattr(a, name) is not None), None)
            for name in ("status", "outcome", "amount")
        }
        status, outcome = ruled["status"] or complaint.status, ruled["outcome"] or complaint.outcome
        group = groups[complaint.operator.key, f"{complaint.received_on:%Y-%m}"]
        closed = status is Status.CLOSED
        group["complaints"] += 1
        mediated = closed and outcome in {Outcome.MEDIATED, Outcome.SELF_SETTLED, Outcome.FAILED}
        unaccepted = ruled["status"] in {Status.RECEIVED, Status.REJECTED}
        group["accepted"] += (
            status in {Status.ACCEPTED, Status.MEDIATING} or mediated or (complaint.accepted and not unaccepted)
        )
        group["resolved"] += closed and outcome in {Outcome.MEDIATED, Outcome.SELF_SETTLED}
        group["mediations"] += mediated
        group["amount"] += Decimal(ruled["amount"] or complaint.amount or 0)
        if closed and complaint.accepted_on and complaint.closed_on and complaint.closed_on >= complaint.accepted_on:
            group["days"].append(CALENDAR.workdays_between(complaint.accepted_on, complaint.closed_on))
    return {key: {**group, "days": sorted(group["days"])} for key, group in groups.items()}
