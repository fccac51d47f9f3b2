"""Evidence that is requested stops the clock until it is there or its time is over; a term is extended once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import (
    ApplicationState,
    StepFault,
    ask_for_evidence,
    extend_term,
    receive_evidence,
    recompute_deadline,
)
from tests.unit.corrections.samples import AT, CALENDAR, RULES, TODAY, application

TERM = RULES.applications.reply_workdays
FOR_EVIDENCE = RULES.applications.evidence_workdays


def ask(after_days=0, **changes):
    return ask_for_evidence(
        replace(application(), **changes), "请补营业执照", "沈佳", TODAY + timedelta(after_days), CALENDAR, RULES
    )


def extend(case, today=TODAY):
    return extend_term(case, "需要向承办单位调取材料", "沈佳", today, CALENDAR, RULES)


@given(st.integers(0, 20), st.integers(0, 60))
def test_the_days_until_the_answer_do_not_count_and_no_more_than_its_time(requested_after, answered_after):
    requested = ask(requested_after)
    if requested is StepFault.OVERDUE:
        return
    day = requested.evidence_request.requested_on + timedelta(answered_after)

    answered = receive_evidence(requested, day, CALENDAR)

    stopped = min(CALENDAR.workdays_between(requested.evidence_request.requested_on, day), FOR_EVIDENCE)
    if day > requested.evidence_request.due_on:
        assert answered is requested
        stopped = FOR_EVIDENCE
    assert answered.due_on == CALENDAR.add_workdays(TODAY, TERM + stopped).due
    assert answered.term_workdays == CALENDAR.workdays_between(TODAY, answered.due_on)
    assert recompute_deadline(answered, CALENDAR) == answered
    assert receive_evidence(answered, day + timedelta(1), CALENDAR) is answered


def test_evidence_of_which_nothing_was_asked_moves_nothing():
    case = application()

    assert receive_evidence(case, TODAY, CALENDAR) is case


def test_the_clock_stands_until_the_last_day_and_not_in_a_closed_case():
    requested = ask()
    due = requested.evidence_request.due_on

    assert requested.is_stopped(due)
    assert not requested.is_stopped(due + timedelta(1))
    assert not replace(requested, state=ApplicationState.DECIDED, closed_at=AT).is_stopped(due)


def test_an_extension_and_a_request_add_up_in_either_order():
    one = extend(ask())
    other = ask_for_evidence(extend(application()), "请补营业执照", "沈佳", TODAY, CALENDAR, RULES)

    assert one == other
    assert one.term_workdays == TERM + FOR_EVIDENCE + RULES.applications.extension_workdays


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (lambda: ask(state=ApplicationState.DECIDED, closed_at=AT), StepFault.CLOSED),
        (lambda: extend(replace(application(), state=ApplicationState.WITHDRAWN_BY_OPERATOR, closed_at=AT)), StepFault.CLOSED),
        (lambda: ask_for_evidence(application(), "", "沈佳", TODAY, CALENDAR, RULES), StepFault.WORDS),
        (lambda: ask_for_evidence(application(), "字" * 501, "沈佳", TODAY, CALENDAR, RULES), StepFault.WORDS),
        (lambda: ask_for_evidence(ask(), "还缺委托书", "沈佳", TODAY, CALENDAR, RULES), StepFault.REQUESTED_BEFORE),
        (lambda: extend(extend(application())), StepFault.EXTENDED_BEFORE),
        (lambda: extend(application(), date(2027, 1, 4)), StepFault.OVERDUE),
        (lambda: ask_for_evidence(application(), "请补", "沈佳", TODAY, CALENDAR, without_steps()), StepFault.NOT_PROVIDED),
        (lambda: extend_term(application(), "请补", "沈佳", TODAY, CALENDAR, without_steps()), StepFault.NOT_PROVIDED),
    ],
)
def test_a_step_that_may_not_be_taken_says_why(step, fault):
    assert step() is fault


def without_steps():
    applications = RULES.applications.model_copy(update={"evidence_workdays": 0, "extension_workdays": 0})
    return RULES.model_copy(update={"applications": applications})
