"""The throughput of a consumer, and how long it lingers after a batch."""

from hypothesis import given
from hypothesis import strategies as st

from shared.stream.throughput import HIGH_THROUGHPUT, LINGER_MAX_S, RecordThroughput, linger_time_s

RATES = st.floats(0, 1e6)
MINIMUM = st.floats(0, LINGER_MAX_S)


def test_small_batches_in_quick_succession_are_no_high_throughput():
    throughput = RecordThroughput()
    rates = [throughput.update(10, 100 + n * 0.02 if n % 2 else 100 + n * 0.02 + 0.019) for n in range(500)]

    assert max(rates) < 600
    assert 490 < rates[-1] < 510


def test_a_high_throughput_is_measured_after_one_window():
    throughput = RecordThroughput()

    assert max(throughput.update(400, 100 + n / 10) for n in range(20)) == 4_000.0


@given(RATES, RATES, MINIMUM)
def test_if_large_batches_are_preferred_the_linger_time_grows_with_the_throughput(one, other, minimum):
    slower, faster = sorted((one, other))

    assert (
        minimum
        <= linger_time_s(slower, minimum, prefer_large=True)
        <= linger_time_s(faster, minimum, prefer_large=True)
        <= LINGER_MAX_S
    )


@given(RATES, MINIMUM)
def test_otherwise_and_in_a_trickle_the_linger_time_is_the_minimum(rate, minimum):
    assert linger_time_s(rate, minimum, prefer_large=False) == minimum
    assert linger_time_s(0, minimum, prefer_large=True) == minimum


def test_at_a_high_throughput_the_linger_time_is_the_maximum():
    assert linger_time_s(HIGH_THROUGHPUT, 0.1, prefer_large=True) == LINGER_MAX_S
