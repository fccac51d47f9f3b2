"""Codes by which staff pair players of screens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publisher.domain.pairing import pairing_code, parse_pairing_code

KEY = b"k" * 32
secrets = st.text(alphabet="abcXYZ-_09", min_size=43, max_size=43)


@given(secret=secrets, separator=st.sampled_from(["", " ", "-", " - "]), lower=st.booleans())
def test_a_code_is_read_however_it_is_typed(secret, separator, lower):
    code = pairing_code(secret, "mall", KEY)
    typed = code.replace("-", separator)

    assert parse_pairing_code(typed.lower() if lower else typed) == code


@given(first=secrets, second=secrets)
def test_the_code_follows_from_the_secret_the_screen_and_the_key_of_the_installation(first, second):
    code = pairing_code(first, "mall", KEY)

    assert (pairing_code(second, "mall", KEY) == code) is (first == second)
    assert pairing_code(first, "hall", KEY) != code
    assert pairing_code(first, "mall", b"x" * 32) != code


@pytest.mark.parametrize("text", ["", "K7QM", "K7QM-2ZP", "K7QM-2ZPAA", "K7QM-2ZP8", "配对码配对码配对"])
def test_what_is_no_code_is_refused(text):
    assert parse_pairing_code(text) is None
