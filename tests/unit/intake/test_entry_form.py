"""The clerk's form takes amounts and days as clerks type them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import FormData

from services.intake.web.entry_form import parse_form

FORM = {
    "number": "D20261008-ABC123", "channel": "letter", "received_on": "2026-10-08", "operator_name": "云州双溪餐饮", "text": "菜里有异物。",
}  # fmt: skip


def parse(**values):
    return parse_form(FormData(FORM | values), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(("typed", "amount"), [("1200元", "1200"), ("￥1,200.50", "1200.50"), ("1.2万", "12000"), ("", None)])
def test_an_amount_is_read_as_in_a_list(typed, amount):
    assert parse(amount=typed).event.data.amount == amount


def test_what_is_no_amount_is_a_finding():
    assert parse(amount="很多").findings == {"amount": "not_decimal"}


@pytest.mark.parametrize("typed", ["2026年10月8日", "2026.10.8", "2026/10/8", "20261008"])
def test_a_day_that_was_typed_is_read(typed):
    assert parse(received_on=typed).event.data.received_at.isoformat() == "2026-10-08T00:00:00+08:00"


@pytest.mark.parametrize(("typed", "code"), [("昨天", "bad_date"), ("", "missing"), ("10/8/2026", "bad_date")])
def test_what_is_no_day_is_a_finding(typed, code):
    assert parse(received_on=typed).findings == {"received_on": code}
