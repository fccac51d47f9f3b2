"""Of a refused record at most so much is kept, and what was cut is known by size and digest."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.stream.kept_part import MAX_HEADERS, MAX_KEY, MAX_VALUE, keep_part
from shared.stream.record import SubmittedRecord


def sized(most):
    """Bytes of any size around a limit, or none."""
    return st.none() | st.builds(lambda fill, size: fill * size, st.binary(min_size=1, max_size=1), st.integers(0, 2 * most))


HEADERS = st.lists(st.tuples(st.text(max_size=9), sized(MAX_HEADERS // 8)), max_size=20)


@given(key=sized(MAX_KEY), headers=HEADERS, value=sized(MAX_VALUE))
def test_what_is_kept_is_bounded_and_the_whole_is_known_by_its_digest(key, headers, value):
    kept = keep_part(SubmittedRecord("t", "http", key, headers, value))

    assert len(kept.key or b"") <= MAX_KEY
    assert len(kept.value or b"") <= MAX_VALUE
    assert sum(len(name) + len(content or b"") for name, content in kept.headers) <= MAX_HEADERS
    if kept.whole_digest is None:
        assert (kept.key, kept.headers, kept.value) == (key, headers, value)
    else:
        assert (kept.whole_bytes, kept.whole_digest) == (len(value or b""), sha256(value or b"").digest())
        assert (value or b"").startswith(kept.value)
        assert headers[: len(kept.headers)] == kept.headers


def test_a_record_at_the_limits_is_kept_whole():
    record = SubmittedRecord("t", "http", b"k" * MAX_KEY, [("h", b"x" * (MAX_HEADERS - 1))], b"v" * MAX_VALUE)

    assert keep_part(record).whole_digest is None
