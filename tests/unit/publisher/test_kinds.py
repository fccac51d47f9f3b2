"""The kinds that offices draft: what their forms take and refuse, what their checks find, what they say in public."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publisher.desk_drafts import to_form
from services.publisher.domain.checks import CheckName, Result, check_deadline, kind_checks
from services.publisher.domain.personal_data import find_personal_data
from services.publisher.domain.terms import expiry, find_kind_faults, last_day, limit_end, publication_deadline
from services.publisher.kinds import FIELDS, KINDS, OperatorUse
from services.publisher.kinds.fields import (
    Choice,
    Count,
    CreditCode,
    Day,
    FieldFault,
    Industry,
    Line,
    MyriadYuan,
    Number,
    Period,
    Prose,
    Reader,
    Yuan,
)
from shared.calendar import Calendar
from shared.contracts import Board
from shared.reference import industries
from shared.rules import DayUnit, TermStart, TimeLimit
from shared.web.formats import Formats
from tests.integration.publisher.events import uscc
from tests.unit.publisher.test_public_form import RULES

READER = Reader(Formats("zh", ZoneInfo("Asia/Shanghai")), "zh")
CALENDAR = Calendar.load()
OPERATOR = {"operator.name": "云州锦程通讯器材有限公司", "operator.uscc": uscc(0), "operator.address": "解放东路118号"}


def typed(kind, **changes):
    """What somebody fills into the whole form of a kind."""
    values = dict(OPERATOR) if kind.operator is not OperatorUse.NONE else {}
    for each in kind.fields:
        match each:
            case Choice():
                values[each.name] = next(reversed(each.options))
            case Industry():
                values[each.name] = next(iter(industries()))
            case Day():
                values[each.name] = "2036-10-09" if each.name.endswith("_until") else "2026-10-09"
            case Period():
                values[each.name] = "2026-H1" if each.name == "covers" else "2026"
            case Count() | Number():
                values[each.name] = "12"
            case CreditCode():
                values[each.name] = uscc(1)
            case Prose():
                values[each.name] = "商品说明与实物不符，经核查责令改正。\n消费者应保留凭证。"
            case _:
                values[each.name] = f"示例{each.label}"
    return {**values, **changes}


def form_of(kind, **changes):
    filled = kind.read(typed(kind, **changes))
    assert filled.faults == {}
    return to_form(kind, filled, None)


def results(kind, form):
    return {(check.name, check.finding): check.result for check in kind_checks(form, RULES, kind)}


def test_the_four_boards_that_offices_draft_have_kinds_and_the_program_drafts_records():
    drafted = [kind for kind in KINDS.values() if not kind.is_drafted_by_program]

    assert {kind.board for kind in drafted} == {Board.ANALYSIS, Board.WARNINGS, Board.PENALTIES, Board.OTHER}
    assert len(drafted) == 18
    assert [(kind.name, kind.board) for kind in KINDS.values() if kind.is_drafted_by_program] == [("record", Board.BASIC)]


def test_fields_of_one_name_are_alike_in_every_kind():
    for kind in KINDS.values():
        for each in kind.fields:
            known = FIELDS[each.name]
            assert (type(each), each.label) == (type(known), known.label), (kind.name, each.name)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_whole_form_becomes_an_item_and_an_empty_one_tells_each_field(kind):
    form = form_of(kind)

    assert form.title
    assert form.summary
    assert form.kind == kind.name
    assert all(isinstance(form.content[each.name], str | int) for each in kind.typed_fields() if each.name in form.content)
    assert find_personal_data(form) == frozenset()
    assert set(kind.read({}).faults) == {each.name for each in kind.form_fields() if kind.is_required(each)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_person_in_any_text_of_what_happened_blocks_the_item(kind):
    for each in (each for each in kind.fields if each.is_narrative):
        form = form_of(kind, **{each.name: "据唐女士反映，电话13800138000。"})

        assert results(kind, form)[CheckName.PERSONAL, "found"] is Result.FAIL, each.name


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"party_kind": "person"}, {"party"}),
        ({"penalty_kind": "warning"}, {"only_warning"}),
        ({"fine": "50000", "penalty_kind": "fine"}, {"unit"}),
        ({"decided_on": "2026-10-09", "public_until": "2026-10-08"}, {"order"}),
        ({"fine": "0.5", "confiscated": ""}, set()),
    ],
)
def test_a_penalty_of_a_person_a_mere_warning_and_wrong_units_are_found(changes, found):
    kind = KINDS["penalty"]
    form = form_of(kind, **({"party_kind": "organisation", "penalty_kind": "fine"} | changes))

    assert {finding for name, finding in results(kind, form) if name is CheckName.KIND} == found


def test_a_wrong_unit_only_warns():
    kind = KINDS["penalty"]
    form = form_of(kind, party_kind="organisation", penalty_kind="fine", fine="50000")

    assert results(kind, form)[CheckName.KIND, "unit"] is Result.WARN


def test_an_operator_needs_a_right_code():
    kind = KINDS["award"]

    assert set(kind.read(typed(kind, **{"operator.uscc": "91990102MA9K000000"})).faults) == {"operator.uscc"}
    assert set(kind.read(typed(kind, **{"operator.name": ""})).faults) == {"operator.name"}


def test_items_are_told_apart_by_their_natural_key():
    kind = KINDS["spot_check"]
    first, second = form_of(kind), form_of(kind, model="另一型号")

    assert kind.key_of(first.content, first.operator) != kind.key_of(second.content, second.operator)
    assert KINDS["consumer_tip"].key_of({}, None) is None


FIRST = date(2026, 10, 9)


@pytest.mark.parametrize(
    ("content", "starts", "last"),
    [
        ({"seriousness": "minor"}, "published", date(2027, 1, 9)),
        ({"seriousness": "ordinary"}, "published", date(2029, 10, 9)),
        ({"seriousness": "ordinary", "decided_on": "2026-09-08"}, "decided", date(2029, 9, 8)),
        ({"seriousness": "ordinary", "public_until": "2026-12-31"}, "published", date(2026, 12, 31)),
        ({"seriousness": "unheard of"}, "published", date(2029, 10, 9)),
        ({}, "published", date(2029, 10, 9)),
    ],
)
def test_a_penalty_stays_by_its_seriousness_from_the_day_that_the_rules_name(content, starts, last):
    of_kind = RULES.kinds["penalty"]
    terms = {name: term.model_copy(update={"starts": TermStart(starts)}) for name, term in of_kind.terms.items()}
    rules = RULES.model_copy(update={"kinds": {"penalty": of_kind.model_copy(update={"terms": terms})}})

    assert expiry("penalty", content, Board.PENALTIES, rules, FIRST) == last


def test_a_kind_without_terms_of_its_own_stays_as_its_board_does():
    months = RULES.boards[Board.OTHER].term_months

    assert expiry("award", {}, Board.OTHER, RULES, FIRST) == last_day(FIRST, months)
    assert expiry(None, {}, Board.MAJOR, RULES, FIRST) == date(2027, 10, 9)


@pytest.mark.parametrize(("today", "finding"), [(date(2026, 11, 13), "in_time"), (date(2026, 11, 16), "late")])
def test_a_penalty_is_published_within_twenty_working_days_of_the_decision(today, finding):
    last = publication_deadline(KINDS["penalty"], {"decided_on": "2026-10-16"}, RULES, CALENDAR)

    assert last == date(2026, 11, 13)
    assert check_deadline(last, today).finding == finding
    assert publication_deadline(KINDS["award"], {}, RULES, CALENDAR) is None
    assert publication_deadline(KINDS["penalty"], {"decided_on": "1900-01-01"}, RULES, CALENDAR) is None


@pytest.mark.parametrize(
    ("name", "change", "places"),
    [
        ("penalty", {}, []),
        ("penality", {}, ["kinds.penality"]),
        ("award", {}, ["kinds.award.terms.minor", "kinds.award.terms.ordinary"]),
    ],
)
def test_rules_that_speak_of_what_there_is_not_are_told(name, change, places):
    rules = RULES.model_copy(update={"kinds": {name: RULES.kinds["penalty"].model_copy(update=change)}})

    assert sorted(place for place, _ in find_kind_faults(rules)) == places


@given(st.dates(date(2024, 1, 1), date(2026, 9, 1)), st.integers(1, 90))
def test_a_limit_in_days_ends_on_its_last_day_or_on_the_first_working_day_after_it(start, days):
    last = limit_end(start, TimeLimit(days=days, unit=DayUnit.DAYS, citation="x"), CALENDAR)

    plain = start + timedelta(days=days)
    assert CALENDAR.is_workday(last)
    assert not any(CALENDAR.is_workday(plain + timedelta(days=n)) for n in range((last - plain).days))
    assert last >= plain


def test_a_limit_that_ends_in_the_national_holiday_ends_after_it():
    assert limit_end(date(2026, 8, 2), TimeLimit(days=60, unit=DayUnit.DAYS, citation="x"), CALENDAR) == date(2026, 10, 8)
    assert limit_end(date(2026, 9, 28), TimeLimit(days=3, unit=DayUnit.WORKDAYS, citation="x"), CALENDAR) == date(2026, 10, 8)
    assert limit_end(date(9999, 12, 1), TimeLimit(days=60, unit=DayUnit.DAYS, citation="x"), CALENDAR) is None


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_money_in_10_000_yuan_keeps_every_decimal(amount):
    field = MyriadYuan(name="fine", label=FIELDS["fine"].label)

    assert Decimal(field.parse(f"{amount:f}")) == amount


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        (MyriadYuan(name="f", label="f"), "1.2345678", "too_many_decimals"),
        (Yuan(name="f", label="f"), "-1", "out_of_range"),
        (Yuan(name="f", label="f"), "nan", "out_of_range"),
        (Yuan(name="f", label="f"), "一百", "no_number"),
        (Count(name="f", label="f"), "1.5", "no_count"),
        (Count(name="f", label="f", maximum=5), "6", "out_of_range"),
        (Day(name="f", label="f"), "2026-02-30", "no_day"),
        (Day(name="f", label="f"), "0001-01-01", "out_of_range"),
        (Day(name="f", label="f"), "9999-12-31", "out_of_range"),
        (Period(name="f", label="f"), "2026-13", "no_period"),
        (Period(name="f", label="f"), "２０２６", "no_period"),
        (CreditCode(name="f", label="f"), "91990102MA9K000000", "bad_uscc"),
        (Period(name="f", label="f"), "30d", "no_period"),
        (Line(name="f", label="f", max_length=3), "四个汉字", "too_long"),
        (Prose(name="f", label="f", max_length=3), "四个汉字", "too_long"),
        (Choice(name="f", label="f", options={}), "x", "no_choice"),
        (Industry(name="f", label="f"), "x", "no_choice"),
    ],
)
def test_what_a_field_does_not_take_is_told_with_a_code(field, text, code):
    with pytest.raises(FieldFault) as refused:
        field.parse(text)

    assert refused.value.code == code
    assert str(refused.value.text)


def test_values_are_written_as_people_read_them():
    options = KINDS["penalty"].fields[0].options

    assert MyriadYuan(name="f", label="f").write("1.500000", READER).variables[0] == ("number", "1.5")
    assert MyriadYuan(name="f", label="f").write("100.000000", READER).variables[0] == ("number", "100")
    assert Yuan(name="f", label="f").write("1234.50", READER) == "1,234.50元"
    assert Yuan(name="f", label="f").parse("-0") == "0.00"
    assert Count(name="f", label="f").write(12345, READER) == "12,345"
    assert Day(name="f", label="f").write("2026-10-09", READER) == "2026年10月9日"
    assert Period(name="f", label="f").write("2026-Q3", READER) == "2026年第三季度"
    assert str(Choice(name="f", label="f", options=options).write("person", READER)) == "自然人"
    assert date.fromisoformat(Day(name="f", label="f").parse(" 2026-10-09 ")) == date(2026, 10, 9)
