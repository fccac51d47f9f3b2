"""The one public projection, leases of screens, and the words of all pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest

from services.publisher.domain.case_summary import doubt_names
from services.publisher.domain.checks import (
    CheckName,
    Result,
    check_deadline,
    check_end,
    form_checks,
    major_checks,
    withdrawal_checks,
)
from services.publisher.domain.form import Form
from services.publisher.domain.lease import Lease, verify_lease_token
from services.publisher.domain.major import major_form
from services.publisher.domain.terms import last_day
from services.publisher.projection import ReleaseDetails, public_item, with_current_state, withdrawn_item
from services.publisher.web.check_texts import CHECK_NAMES, FINDINGS, check_entries
from shared.contracts import Board, PublicOperator
from shared.rules import RuleBook
from shared.web.catalogue import find_untranslated, find_unused
from tests.integration.publisher.events import complaint, uscc

ROOT = Path(__file__).parents[3]
RULES = RuleBook.load(ROOT / "deploy" / "rules" / "gongshi.yaml").in_force(date(2026, 10, 9))
AT = datetime(2026, 10, 9, tzinfo=UTC)
RELEASE = ReleaseDetails("GS-2026-000001", Board.MAJOR, 1, AT, AT, None, date(2027, 10, 9), "2018-01-01")
KEY = b"k" * 32


def test_the_public_form_is_the_reviewed_form_and_nothing_else():
    form = major_form(complaint())
    item = public_item(form, RELEASE)

    assert {name: getattr(item, name) for name in Form.model_fields} == {n: getattr(form, n) for n in Form.model_fields}
    assert item.state == "released"


def test_a_later_version_is_a_correction():
    item = public_item(major_form(complaint()), replace(RELEASE, version=2, supersedes=1))

    assert (item.state, item.supersedes) == ("corrected", 1)


def test_a_withdrawn_item_has_no_content():
    form = major_form(complaint()).model_copy(update={"reason_code": "W03", "reason": "主体对应错误"})
    item = withdrawn_item(form, replace(RELEASE, version=2, supersedes=1))

    assert (item.title, item.summary, item.content, item.operator, item.region, item.complaint_id) == (None,) * 6
    assert (item.reason_code, item.state) == ("W03", "withdrawn")


@pytest.mark.parametrize(("today", "state"), [(date(2027, 10, 9), "released"), (date(2027, 10, 10), "expired")])
def test_an_item_expires_after_the_last_day_of_its_term(today, state):
    assert with_current_state(public_item(major_form(complaint()), RELEASE), today, under_review=False).state == state


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 10, 9), 12, date(2027, 10, 9)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), None, None),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_the_last_of_the_month(day, months, last):
    assert last_day(day, months) == last


def test_a_lease_is_read_with_its_own_key_only():
    lease = Lease("mall", datetime(2026, 10, 9, 4, tzinfo=UTC), 7, "open")
    token = lease.token(KEY)

    assert verify_lease_token(token, KEY) == lease
    assert verify_lease_token(token, b"x" * 32) is None
    assert verify_lease_token(token.replace("mall", "hall"), KEY) is None


@pytest.mark.parametrize("token", ["", ".", "mall", "mall.1.1.", "a.b.c.d", "十.1.1.x"])
def test_a_token_that_is_none_of_ours_is_no_lease(token):
    assert verify_lease_token(token, KEY) is None


@pytest.mark.parametrize(("code", "result"), [(None, Result.FAIL), ("91990102MA9K000000", Result.FAIL), (uscc(0), Result.PASS)])
def test_an_operator_needs_a_right_code(code, result):
    form = Form(operator=PublicOperator(key="k", name="n", uscc=code))

    assert form_checks(form, RULES, Board.BASIC)[0].result is result


def test_loaded_words_are_a_warning_and_an_open_dispute_is_a_failure():
    revised = complaint(status="mediating", outcome=None)
    checks = {c.name: c.result for c in major_checks(major_form(revised, "经营者拒不退款"), RULES, revised, [])}

    assert (checks[CheckName.WORDING], checks[CheckName.HANDLED]) == (Result.WARN, Result.FAIL)


def test_every_finding_has_its_words():
    variants = [
        {},
        {"redaction": "withheld"},
        {"status": "accepted", "outcome": None},
        {"duplicate_of": complaint(9).complaint_id},
    ]
    summaries = (None, "经营者恶意拖延，电话13800138000")
    codes = [None, "91990102MA9K000000", uscc(0)]
    notice = RULES.boards[Board.MAJOR].model_copy(update={"notice_workdays": 3})
    strict = RULES.model_copy(update={"boards": {**RULES.boards, Board.MAJOR: notice}})
    seen = set()
    public = (False, True)
    alikes = ([], ["GS-2026-000002"])
    for changes, code, alike, rules, is_public, summary in product(variants, codes, alikes, (RULES, strict), public, summaries):
        revised = complaint(**changes)
        revised = revised.model_copy(update={"operator": revised.operator.model_copy(update={"uscc": code})})
        checks = major_checks(major_form(revised, summary), rules, revised, alike, is_public=is_public)
        seen |= {(c.name, c.finding) for c in checks}
        assert all(str(entry["text"]) and str(entry["name"]) for entry in check_entries(checks))

    again = form_checks(Form(), RULES, Board.BASIC, "GS-2026-000001")
    assert all(str(entry["text"]) for entry in check_entries(again))
    deadlines = [check_deadline(date(2026, 10, 9), day) for day in (date(2026, 10, 9), date(2026, 10, 10))]
    last = date(2026, 10, 9)
    deadlines += [*check_end(last, date(2026, 10, 10)), *withdrawal_checks(Form(reason="不应公示"), RULES, last)]
    assert all(str(entry["text"]) for entry in check_entries(deadlines))
    doubted = doubt_names(again, ["李四"])
    assert all(str(entry["text"]) for entry in check_entries(doubted))
    assert seen | {(c.name, c.finding) for c in (*again, *deadlines, *doubted)} == set(FINDINGS)
    assert {name for name, _ in FINDINGS} | {CheckName.KIND} == set(CHECK_NAMES)


def test_every_text_of_the_publisher_has_its_english_and_none_is_left_over():
    publisher = ROOT / "services" / "publisher"

    assert find_untranslated(publisher) == []
    assert find_unused(publisher) == []
