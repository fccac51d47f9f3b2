"""What may be a password."""

import pytest
from argon2 import extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts import store
from shared.accounts.passwords import MIN_LENGTH, PasswordFault, WeakPassword, check_password, find_fault
from tests.economies import HASHER

OWASP = (19 * 1024, 2, 1)
"""KiB, passes, lanes: the first of the settings of argon2id that the Password Storage Cheat Sheet calls equal."""
GOOD = ("a long password", "correct horse battery staple", "梅花香自苦寒来宝剑锋从磨砺出", "T9v!q-Lm2#xZ", "zwei 4 kleine Igel")
REFUSED = {
    "eleven char": PasswordFault.SHORT,
    "x" * 1025: PasswordFault.LONG,
    "aaaaaaaaaaaaaaaa": PasswordFault.REPETITIVE,
    "abababababab": PasswordFault.REPETITIVE,
    "012345678901234": PasswordFault.REPETITIVE,
    "qwertyuiopqwerty": PasswordFault.REPETITIVE,
    "password2026!!": PasswordFault.COMMON,
    "P@ssw0rd123456": PasswordFault.COMMON,
    "1qaz2wsx3edc": PasswordFault.REPETITIVE,
    "qwerty123456": PasswordFault.COMMON,
    "justinbieber": PasswordFault.COMMON,
    "Gongshi12315": PasswordFault.COMMON,
    "woaini1314520": PasswordFault.COMMON,
    "wangfang-2026-11": PasswordFault.NAME,
    "2026.Wang.Fang": PasswordFault.NAME,
}


@pytest.mark.parametrize("password", GOOD)
def test_a_long_uncommon_password_of_any_composition_is_taken(password: str) -> None:
    assert find_fault(password, "wang.fang", "王芳") is None


@pytest.mark.parametrize(("password", "fault"), REFUSED.items())
def test_what_is_tried_first_is_refused_with_its_reason(password: str, fault: PasswordFault) -> None:
    assert find_fault(password, "wang.fang", "王芳") is fault
    with pytest.raises(WeakPassword):
        check_password(password, "wang.fang", "王芳")


@given(st.text(max_size=MIN_LENGTH - 1))
def test_nothing_short_is_taken(password: str) -> None:
    assert find_fault(password) is PasswordFault.SHORT


def test_a_password_costs_what_is_recommended_and_a_decoy_as_much() -> None:
    cost = extract_parameters(store._DECOY + store._ANY_DIGEST)

    assert (HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism) == OWASP
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == OWASP
    assert (cost.type, cost.hash_len) == (HASHER.type, HASHER.hash_len)
