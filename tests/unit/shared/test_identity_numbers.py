"""Numbers of identity documents: check character, birth date, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from shared.identity_numbers import (
    check_character,
    has_birth_date,
    is_identity_number,
    is_old_identity_number,
    is_old_resident_card,
)


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_the_check_character_is_that_of_the_standard(body):
    assert check_character(body) == ric.calc_check_digit(body + "0")


@pytest.mark.parametrize(
    "number", ["11010119900307803X", "11010119900307803x", "810000199001011230", "911156199001011232", "330110199001011234"]
)
def test_numbers_of_every_issuer_are_found(number):
    assert is_identity_number(number, 2026)


@pytest.mark.parametrize(
    "number",
    [
        "330113202610010008",
        "110101199002300000",
        "110101189912310000",
        "110101199013010000",
        "110101199003078031",
        "11010119900307803",
        "٣30110199001011234",
    ],
)
def test_what_has_no_birth_date_or_another_check_character_is_none(number):
    assert not is_identity_number(number, 2026)


def test_the_day_of_an_order_number_is_recent_in_the_year_of_its_complaint():
    assert not has_birth_date("330113201503010008", 2016)
    assert has_birth_date("330113201503010008", 2026)


def test_numbers_of_15_digits_have_a_birth_date_long_past():
    assert is_old_identity_number("330110650101123", 2026)
    assert not any(
        is_old_identity_number(number, 2026)
        for number in ("330110261001123", "330110000101123", "330110160101123", "990110650101123", "330110651301123")
    )


def test_the_card_of_a_foreigner_begins_with_a_nationality():
    assert is_old_resident_card("USA110180010110", 2026)
    assert not is_old_resident_card("DDH110180010110", 2026)
    assert not is_old_resident_card("USA202610010001", 2026)
