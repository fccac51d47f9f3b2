"""Time-ordered UUIDs."""

from __future__ import annotations

import time
from itertools import islice

import pytest

from shared.identifiers import canonical_uscc, uuid7, uuid7s

MANY = 1_000


def milliseconds(identifier):
    return identifier.int >> 80


@pytest.mark.parametrize("make_ids", [lambda: [uuid7() for _ in range(MANY)], lambda: list(islice(uuid7s(), MANY))])
def test_ids_are_of_version_7_all_different_and_in_the_order_of_time(make_ids):
    before = time.time_ns() // 1_000_000
    ids = make_ids()
    after = time.time_ns() // 1_000_000
    assert {(identifier.version, identifier.variant) for identifier in ids} == {(7, "specified in RFC 4122")}
    assert len(set(ids)) == len({identifier.int & ((1 << 62) - 1) for identifier in ids}) == MANY
    moments = [milliseconds(identifier) for identifier in ids]
    assert moments == sorted(moments)
    assert before <= moments[0] <= moments[-1] <= after


def with_check_character(body):
    """Return the code of 17 characters with the one check character that fits."""
    (code,) = (body + character for character in "0123456789ABCDEFGHJKLMNPQRTUWXY" if canonical_uscc(body + character))
    return code


@pytest.mark.parametrize("beginning", ["91", "12", "53", "A1", "N2", "Y1"])
def test_codes_of_every_registering_department_are_valid(beginning):
    code = with_check_character(beginning + "330106MA2K08RC3")

    assert canonical_uscc(code.lower()) == code


@pytest.mark.parametrize(
    "code", ["91330106MA2K08RC3", "01330106MA2K08RC3G", "I1330106MA2K08RC3G", "9133010AMA2K08RC3G", "", "91330106MA2K08RC3GG"]
)
def test_other_texts_are_no_code(code):
    assert canonical_uscc(code) is None


def test_the_code_of_a_public_register_is_valid():
    assert canonical_uscc("91110000600037341L") == "91110000600037341L"
