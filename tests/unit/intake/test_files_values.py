"""Dates, amounts and guarded texts: every way of writing gives the same value, and what is ambiguous gives none."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tables.amounts import parse_amount
from shared.tables.dates import parse_datetime
from shared.tables.readers.cells import Number
from shared.tables.readers.number_formats import EPOCH_1900, is_date_format, show_integer, to_cell
from shared.tables.texts import CellError, to_text

MINUTES = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(lambda m: m.replace(second=0, microsecond=0))  # noqa: DTZ001

DATE_FORMS = (
    "{0.year}-{0.month}-{0.day}", "{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}",
    "{0.year}年{0.month}月{0.day}日", "{0.year} 年 {0.month} 月 {0.day} 日", "{0:%Y}年{0:%m}月{0:%d}号", "{0.year}—{0.month}—{0.day}",
    "{0.year}－{0.month}－{0.day}",
)  # fmt: skip
TIME_FORMS = (
    "{0.hour}:{0:%M}", "{0:%H:%M}", "{0:%H:%M}:00", "{0:%H:%M}:00.0", "{0:%H.%M}", "{0:%H.%M}.00", "{0.hour}时{0.minute}分",
    "{0.hour}点{0:%M}分", "{0.hour}时{0.minute}分0秒", "{0.hour} 时 {0.minute} 分", "{0.hour}：{0:%M}", "{0:%I:%M %p}",
)  # fmt: skip


@given(MINUTES, st.sampled_from(DATE_FORMS), st.sampled_from(TIME_FORMS), st.sampled_from((" ", "  ", "\u3000")))
def test_a_moment_is_the_same_in_every_writing(moment, date_form, time_form, space):
    text = date_form.format(moment) + space + time_form.format(moment)

    assert parse_datetime(text) == moment
    assert parse_datetime(date_form.format(moment)) == moment.replace(hour=0, minute=0)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)), st.sampled_from(("+00:00", "+08:00", "Z", "-03:30")))  # noqa: DTZ001
def test_a_moment_in_rfc_3339_keeps_its_offset_and_its_fraction(moment, offset):
    text = moment.isoformat() + offset

    assert parse_datetime(text) == datetime.fromisoformat(text)


@given(st.text(max_size=30))
def test_no_text_makes_the_parsers_fail(text):
    assert parse_datetime(text) is None or isinstance(parse_datetime(text), datetime)
    assert parse_amount(text) is None or Decimal(parse_amount(text)) is not None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026年10月8日上午9点半", "2026-10-08T09:30:00"),
        ("2026年10月8日 下午3时5分", "2026-10-08T15:05:00"),
        ("2026-10-08 星期四 9:30", "2026-10-08T09:30:00"),
        ("2026-10-08（周四）09:30", "2026-10-08T09:30:00"),
        ("二〇二六年十二月三十一日 9时", "2026-12-31T09:00:00"),
        ("二零二六年一月十日", "2026-01-10T00:00:00"),
        ("二O二六年十月八日上午九时三十分", "2026-10-08T09:30:00"),
        ("贰零贰陆年拾月捌日", "2026-10-08T00:00:00"),
        ("2026年十月廿一日 九点半", "2026-10-21T09:30:00"),
        ("2026年10月8日晚8点一刻", "2026-10-08T20:15:00"),
        ("2026年10月8日夜里2点", "2026-10-08T02:00:00"),
        ("2026年10月8日早8点", "2026-10-08T08:00:00"),
        ("2026年10月8日 零点", "2026-10-08T00:00:00"),
        ("2026、10、8", "2026-10-08T00:00:00"),
        ("2026。10。8 9；30", "2026-10-08T09:30:00"),
        ("2026 10 08", "2026-10-08T00:00:00"),
        ("2026_10_08", "2026-10-08T00:00:00"),
        ("2026.10.8。", "2026-10-08T00:00:00"),
        ("20261008-093000", "2026-10-08T09:30:00"),
        ("2026-10-08_09:30", "2026-10-08T09:30:00"),
        ("2026-10-08 09:30 下午", "2026-10-08T21:30:00"),
        ("2026-10-08 09:30:00（北京时间）", "2026-10-08T09:30:00+08:00"),
        ("2026-10-08 09:30:00 +0800 CST", "2026-10-08T09:30:00+08:00"),
        ("2026-10-08T09:30:00+08:00[Asia/Shanghai]", "2026-10-08T09:30:00+08:00"),
        ("Thu Oct 08 09:30:00 CST 2026", "2026-10-08T09:30:00+08:00"),
        ("Thu Oct 08 2026 09:30:00 GMT+0800 (中国标准时间)", "2026-10-08T09:30:00+08:00"),
        ("8-Oct-2026 09:30", "2026-10-08T09:30:00"),
        ("1791423000000", "2026-10-08T01:30:00+00:00"),
        ("/Date(1791423000000)/", "2026-10-08T01:30:00+00:00"),
        ("2026-10-08 24:00", "2026-10-09T00:00:00"),
        ("2026-10-08 12:05 AM", "2026-10-08T00:05:00"),
        ("2026-10-8 9:5:7", "2026-10-08T09:05:07"),
        ("20261008093015", "2026-10-08T09:30:15"),
        ("２０２６／１０／８　０９：３０", "2026-10-08T09:30:00"),
    ],
)
def test_writings_by_hand_are_read(text, moment):
    assert parse_datetime(text).isoformat() == moment


@pytest.mark.parametrize(
    "text",
    ["2026-10-08 9.3", "2026-10-08 9", "2026-10-089:30", "2026-13-01", "2026-02-29", "2026-10-08 25:00", "2026/10-8", "26-10-8",
     "10/8/2026", "2026-10", "2026年10月", "2026-10-08 09:30-10:00", "2026-10-08 9:30至10:00", "前天", "", "45931.5",
     "2026年10月8日晚上12点", "2026年10月8日晚上1点", "08-Oct-26", "2026年10月上旬", "2026-10-08至2026-10-09"],
)  # fmt: skip
def test_what_may_mean_two_moments_or_none_is_no_date(text):
    assert parse_datetime(text) is None


CENTS = st.integers(0, 999_999_999_999)


@given(CENTS, st.sampled_from(("{}", "¥{}", "￥{}", "{}元", "人民币{}元整", " {} ", "RMB {}")), st.booleans())
def test_an_amount_is_the_same_in_every_writing(cents, form, grouped):
    plain = f"{cents // 100:,}" if grouped else f"{cents // 100}"
    text = form.format(f"{plain}.{cents % 100:02}")

    assert Decimal(parse_amount(text)) == Decimal(cents) / 100
    assert Decimal(parse_amount(text.replace(",", "，"))) == Decimal(cents) / 100


@given(st.integers(1, 999), st.integers(0, 99))
def test_a_comma_that_groups_no_thousands_makes_no_amount(whole, cents):
    assert parse_amount(f"{whole},{cents:02}") is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2.3万元", "23000"), ("1.5万", "15000"), ("0.5", "0.5"), ("007", "7"), ("-5", "-5"), ("(5.00)", "-5.00"), ("12.345", "12.345"),
     ("1299.5元人民币", "1299.5"), ("13千元", "13000"), ("1299（元）", "1299"), ("1299块钱", "1299"), ("1299.", "1299"), ("+5", "5"),
     ("一千元", None), ("100美元", None), ("1299元/件", None), ("300*2", None), ("1e5", None), ("1299,50", None), ("12,34,567", None), ("约500元", None), ("500-800", None)],
)  # fmt: skip
def test_amounts_by_hand(text, amount):
    assert parse_amount(text) == amount


CODES = st.text(st.characters(codec="ascii", categories=("Lu", "Nd")), min_size=1, max_size=20).filter(
    lambda code: not (code[0].isdigit() and "E" in code)
)


@given(
    CODES, st.sampled_from(('="{}"', "'{}", "‘{}", "\t{}", "{}\t", "'{}'", "`{}", '=T("{}")', "\ufeff{}", "\u200b{}", " {} "))
)
def test_the_guards_of_exporters_go(code, guard):
    assert to_text(guard.format(code), is_prose=False) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [(1.5e17, "lost_digits"), ("1.10105E+17", "lost_digits"), ("1E+15", "lost_digits"), ("#N/A", "cell_error"), ("#DIV/0!", "cell_error"),
     ("########", "cell_error"), ("=B2*C2", "not_calculated"), (Number(1e15, "000"), "lost_digits")],
)  # fmt: skip
def test_what_is_no_value_is_refused(cell, code):
    with pytest.raises(CellError, match=code):
        to_text(cell, is_prose=False)


def test_prose_keeps_its_quotation_marks_and_loses_a_guard_against_formulas():
    assert to_text("'三包'承诺不兑现", is_prose=True) == "'三包'承诺不兑现"
    assert to_text("'=1+1", is_prose=True) == "=1+1"
    assert to_text("=号码错误", is_prose=True) == "=号码错误"


@given(st.integers(0, 10**13))
def test_a_number_is_shown_with_the_zeros_of_its_format(number):
    assert show_integer(float(number), "0" * 15) == f"{number:015}"
    assert show_integer(float(number), '"GD"0000') == f"GD{number:04}"
    assert show_integer(float(number), "0") is None


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("yyyy-mm-dd", True), ('[$-804]yyyy"年"m"月"d"日";@', True), ("h:mm:ss", True), ("上午/下午h时", True), ("General", False),
     ("0.00", False), ("G/通用格式", False), ("@", False), ("[红色]0.00", False), ('0"天"', False), ('#,##0.00"元"', False)],
)  # fmt: skip
def test_formats_of_dates_are_told_from_those_of_numbers(code, is_date):
    assert is_date_format(code) is is_date


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))  # noqa: DTZ001
def test_a_day_number_is_its_moment_to_the_second(moment):
    serial = (moment - EPOCH_1900) / timedelta(days=1)

    assert to_cell(serial, "yyyy-mm-dd hh:mm:ss", EPOCH_1900) == moment


@pytest.mark.parametrize(
    ("value", "code", "cell"),
    [
        (1234567.891, "#,##0.00", 1234567.89),
        (12.345, "0.00", 12.35),
        (-0.125, '"¥"#,##0.00_);[Red](0.00)', -0.13),
        (12.34567, "0.000", 12.346),
        (12.345, "0", 12.345),
        (12.345, "General", 12.345),
        (0.12345, "0.00%", 0.12345),
        (12345.678, "0.00,", 12345.678),
        (5.0, "0.00", 5.0),
    ],
)
def test_a_number_under_a_format_of_cents_is_what_people_see(value, code, cell):
    assert to_cell(value, code, EPOCH_1900) == cell
