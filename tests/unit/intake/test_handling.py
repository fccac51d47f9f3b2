"""The handling of a complaint at the desk: which steps may follow, with which days and results."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.handling import (
    STEPS,
    HandlingFault,
    RecordedStep,
    Step,
    apply_step,
    find_faults,
    possible_steps,
    to_report_data,
)
from shared.contracts import ComplaintOperator, ComplaintRevised, Outcome, Status
from shared.contracts.reports import ComplaintReport

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 28)
RECEIVED, ACCEPTED = date(2026, 11, 2), date(2026, 11, 5)


def facts(status=Status.RECEIVED, **changes):
    is_accepted = status in {Status.ACCEPTED, Status.MEDIATING, Status.CLOSED}
    return ComplaintRevised(
        **{
            "complaint_id": UUID(int=1), "revision": 1, "source": "/gongshi/intake/desk", "external_id": "D20261102-ABC123",
            "kind": "complaint", "channel": "on_site", "received_on": RECEIVED, "region": None, "industry": None,
            "category": None, "operator": ComplaintOperator(key="N-1", name="云州双溪餐饮"), "status": status, "outcome": None,
            "accepted": is_accepted, "accepted_on": ACCEPTED if is_accepted else None, "closed_on": None, "amount": "100.00",
            "recovered": None, "ledger": "received", "received_at": datetime(2026, 11, 1, 16, tzinfo=UTC), "goods": None,
            "title": None, "text": "菜里有异物，联系电话[电话]。", "redaction": "redacted",
        } | changes
    )  # fmt: skip


@pytest.mark.parametrize("status", Status)
def test_what_may_follow_is_what_the_status_allows(status):
    for step in Step:
        recorded = RecordedStep(step, TODAY, Outcome.SELF_SETTLED)
        assert (find_faults(facts(status), recorded, TODAY) == {}) == (step in STEPS[status])


@pytest.mark.parametrize(
    ("status", "recorded", "faults"),
    [
        (Status.RECEIVED, RecordedStep(Step.ACCEPT, None), {"day": HandlingFault.DAY_MISSING}),
        (Status.RECEIVED, RecordedStep(Step.ACCEPT, date(2026, 11, 29)), {"day": HandlingFault.DAY_IN_FUTURE}),
        (Status.RECEIVED, RecordedStep(Step.ACCEPT, date(2026, 11, 1)), {"day": HandlingFault.DAY_TOO_EARLY}),
        (Status.MEDIATING, RecordedStep(Step.CLOSE, RECEIVED, Outcome.FAILED), {"day": HandlingFault.DAY_TOO_EARLY}),
        (Status.MEDIATING, RecordedStep(Step.CLOSE, TODAY), {"outcome": HandlingFault.OUTCOME_MISSING}),
        (
            Status.RECEIVED,
            RecordedStep(Step.CLOSE, TODAY, Outcome.MEDIATED),
            {"outcome": HandlingFault.OUTCOME_NEEDS_ACCEPTANCE},
        ),
        (
            Status.RECEIVED,
            RecordedStep(Step.REJECT, TODAY, grounds=frozenset({"J01"})),
            {"ground": HandlingFault.GROUND_MISSING},
        ),
        (Status.CLOSED, RecordedStep(Step.REOPEN, None), {}),
    ],
)
def test_days_and_results_that_make_no_sense_are_told(status, recorded, faults):
    assert find_faults(facts(status), recorded, TODAY) == faults


def test_what_was_withheld_is_written_again_before_anything_is_recorded():
    found = find_faults(facts(text=None), RecordedStep(Step.ACCEPT, TODAY), TODAY)

    assert found == {"step": HandlingFault.TEXT_WITHHELD}


@given(st.lists(st.sampled_from(Step), max_size=8), st.sampled_from(Outcome))
def test_any_way_through_the_steps_makes_reports_of_the_contract_that_grow_by_one(steps, outcome):
    current, revision = facts(), 1
    for step in steps:
        recorded = RecordedStep(step, TODAY, outcome, "10.00")
        if find_faults(current, recorded, TODAY):
            continue
        revision += 1
        data = apply_step(to_report_data(current, revision, ZONE), current, recorded, ZONE)
        report = ComplaintReport.model_validate_json(orjson.dumps(data))
        assert (report.revision, report.external_id, report.text) == (revision, current.external_id, current.text)
        assert (report.outcome is not None) == (report.status is Status.CLOSED)
        current = facts(
            report.status, outcome=report.outcome, accepted=current.accepted or report.accepted_at is not None,
            accepted_on=report.accepted_at and report.accepted_at.date(),
            closed_on=report.closed_at and report.closed_at.date(), recovered=report.recovered,
        )  # fmt: skip
        assert step not in possible_steps(current) or step in STEPS[current.status]
