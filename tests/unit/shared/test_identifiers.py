"""Time-ordered UUIDs."""

from __future__ import annotations

import time
from itertools import islice

import pytest

from shared.identifiers import uuid7, uuid7s

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
