"""Receipt numbers survive being read out over the telephone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.corrections.domain import parse_receipt, receipt_number, reply_number

numbers = st.integers(1, 999_999)
DIGITS = [3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15]


@given(numbers)
def test_a_receipt_number_is_valid(number: int) -> None:
    receipt = receipt_number(2026, number)

    assert parse_receipt(f" {receipt.lower()} ") == receipt


@given(numbers, st.sampled_from(DIGITS), st.integers(1, 9))
def test_one_wrong_digit_is_found(number: int, place: int, step: int) -> None:
    receipt = receipt_number(2026, number)

    wrong = receipt[:place] + str((int(receipt[place]) + step) % 10) + receipt[place + 1 :]

    assert parse_receipt(wrong) is None


@given(numbers)
def test_swapped_neighbours_are_found(number: int) -> None:
    receipt = receipt_number(2026, number)

    for place in range(8, 13):
        swapped = receipt[:place] + receipt[place + 1] + receipt[place] + receipt[place + 2 :]
        assert swapped == receipt or parse_receipt(swapped) is None


def test_other_text_is_not_a_receipt() -> None:
    assert parse_receipt("GS-2026-0918") is None


def test_a_reply_is_numbered_like_a_document() -> None:
    assert reply_number(2026, 45) == "公示答复〔2026〕45号"
