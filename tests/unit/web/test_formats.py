from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.formats import Formats, change_texts
from shared.web.periods import month_name, period_name
from shared.web.units import format_cell, format_with_unit, label_unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZH, EN = Formats("zh", SHANGHAI), Formats("en", SHANGHAI)
MOMENT = datetime(2026, 10, 8, 16, 5, tzinfo=UTC)


def test_counts_are_written_in_full_with_commas():
    assert [ZH.count(value) for value in (0, 8642, 1234567, None)] == ["0", "8,642", "1,234,567", "—"]


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [(9999, "9,999", "9,999"), (10_000, "1万", "10,000"), (12_431, "1.2万", "12,431"), (230_000_000, "2.3亿", "230,000,000"),
     (99_960, "10万", "99,960"), (99_999_499, "9,999.9万", "99,999,499"), (99_999_500, "1亿", "99,999,500"), (None, "—", "—")],
)  # fmt: skip
def test_charts_shorten_counts_from_ten_thousand_in_chinese_only(value, zh, en):
    assert (ZH.brief(value), EN.brief(value)) == (zh, en)


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [("36800.00", "36,800.00元", "¥36,800.00"), (Decimal("0.5"), "0.50元", "¥0.50"), (7, "7.00元", "¥7.00"), (None, "—", "—")],
)
def test_money_has_two_decimals(amount, zh, en):
    assert (ZH.money(amount), EN.money(amount)) == (zh, en)


@pytest.mark.parametrize(
    ("numerator", "denominator", "floor", "shown"),
    [(6891, 8105, 0, "85.0%"), (0, 9, 0, "0.0%"), (3, 0, 0, "—"), (6, 7, 30, "—"), (30, 30, 30, "100.0%"), (None, 5, 0, "—"),
     (1, 8, 0, "12.5%"), (1, 16, 0, "6.3%")],
)  # fmt: skip
def test_a_rate_has_one_decimal_and_is_a_dash_under_its_floor(numerator, denominator, floor, shown):
    assert ZH.rate(numerator, denominator, floor) == shown


def test_a_quotient_is_rounded_half_up_and_grouped():
    assert [ZH.ratio(1, 8, 2), ZH.ratio(3, 8, 2), ZH.ratio(10_172, 10, 1)] == ["0.13", "0.38", "1,017.2"]
    assert [ZH.ratio(None, 8, 2), ZH.ratio(1, None, 2), ZH.ratio(1, 0, 2)] == ["—", "—", "—"]


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_two_sides_of_a_change_read_the_same_only_where_they_are(before, after):
    old, new = change_texts(before, after, (ZH.brief, ZH.count))

    assert (old == new) == (before == after)


def test_both_counts_of_a_rate_are_shown():
    assert ZH.fraction(6891, 8105, "件") == "6,891 / 8,105件"
    assert EN.fraction(6891, 8105, "件") == "6,891 of 8,105"


def test_moments_are_shown_in_the_zone_of_the_site():
    assert ZH.moment(MOMENT) == "2026年10月9日00:05"
    assert EN.moment(MOMENT) == "9 Oct 2026, 00:05"
    assert ZH.stamp(MOMENT) == "2026-10-09 00:05"
    assert ZH.iso_day(MOMENT) == "2026-10-09"
    assert ZH.iso_day("2026-10-08T20:30:00+00:00") == "2026-10-09"
    assert ZH.clock(MOMENT) == "00:05"


def test_days_are_written_for_text_for_short_and_for_tables():
    day = date(2026, 10, 9)

    assert (ZH.day(day), ZH.short_day(day), ZH.iso_day(day), ZH.weekday(day)) == (
        "2026年10月9日",
        "10月9日",
        "2026-10-09",
        "星期五",
    )
    assert (EN.day(day), EN.short_day(day), EN.weekday(day)) == ("9 October 2026", "9 Oct", "Friday")
    assert EN.short_day("2026-09-18") == "18 Sep"
    assert (ZH.iso_day(None), ZH.stamp(None)) == ("—", "—")


def test_weeks_begin_on_monday():
    assert ZH.weekday_names == ["一", "二", "三", "四", "五", "六", "日"]
    assert EN.weekday_names[0] == "Mon"


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [("2026-10", "2026年10月", "October 2026"), ("2026-Q3", "2026年第三季度", "Q3 2026"), ("2026-H1", "2026年上半年", "first half of 2026"),
     ("2026", "2026年", "2026"), ("30d", "近30天", "last 30 days"), ("2026-13", "2026-13", "2026-13")],
)  # fmt: skip
def test_periods_have_names(period, zh, en):
    assert (period_name(period, "zh"), period_name(period, "en")) == (zh, en)


def test_months_stand_alone_on_an_axis():
    assert (month_name("2026-09", "zh"), month_name("2026-09", "en")) == ("9月", "Sep")


def test_a_count_and_its_measure_word_are_one_word():
    assert format_with_unit(ZH, 8642, "件") == '<span class="nb">8,642件</span>'
    assert format_with_unit(EN, 8642, "件") == '<span class="nb">8,642 complaints</span>'
    assert format_with_unit(EN, 1, "个工作日") == '<span class="nb">1 working day</span>'
    assert format_with_unit(EN, 3, "版") == '<span class="nb">3</span>'
    assert format_with_unit(ZH, None, "件") == '<span class="nb">—</span>'


def test_in_a_column_the_head_names_what_is_counted():
    assert format_cell(ZH, 52, "件") == '<span class="nb">52件</span>'
    assert format_cell(EN, 52, "件") == '<span class="nb">52</span>'
    assert format_cell(EN, None, "件") == '<span class="nb">—</span>'


def test_beside_its_label_an_english_count_stands_bare_but_a_time_keeps_its_unit():
    assert [label_unit(EN, unit) for unit in ("件", "户", "工作日", "%")] == ["", "", "working days", "%"]
    assert label_unit(ZH, "件") == "件"
