"""The distinctive part of an operator's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.name_core import name_core

PLACES = ("云州市", "湖东区")


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("云州锦程通讯器材有限公司", "锦程通讯器材"),
        ("云州市湖东区锦程通讯经营部", "锦程通讯"),
        ("锦程手机店（解放路店）", "锦程手机"),
        ("锦程手机 专卖店", "锦程手机"),
        ("悦动健身服务有限责任公司湖东分公司", "悦动健身服务有限责任公司湖东"),
        ("云州店", "云州"),
        ("公司", "公司"),
    ],
)
def test_place_and_form_of_business_are_left_out(name, core):
    assert name_core(name, PLACES) == core


@given(st.text(min_size=1, max_size=40))
def test_of_every_name_something_is_left(name):
    assert name_core(name, PLACES)
