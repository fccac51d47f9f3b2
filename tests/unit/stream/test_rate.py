"""The rate at which records come in, and how long records gather."""

from hypothesis import given
from hypothesis import strategies as st

from shared.stream.rate import GATHER_MAX_S, HIGH_RATE, RecordRate, gather_time_s

RATES = st.floats(0, 1e6)
MINIMUM = st.floats(0, GATHER_MAX_S)


def test_small_batches_in_quick_succession_are_not_a_high_rate():
    rate = RecordRate()
    rates = [rate.update(10, 100 + n * 0.02 if n % 2 else 100 + n * 0.02 + 0.019) for n in range(500)]

    assert max(rates) < 600
    assert 490 < rates[-1] < 510


def test_a_high_rate_is_measured_after_one_window():
    rate = RecordRate()

    assert max(rate.update(400, 100 + n / 10) for n in range(20)) == 4000.0


@given(RATES, RATES, MINIMUM)
def test_if_large_batches_are_preferred_the_gather_time_grows_with_the_rate(one, other, minimum):
    slower, faster = sorted((one, other))

    assert (
        minimum
        <= gather_time_s(slower, minimum, prefer_large=True)
        <= gather_time_s(faster, minimum, prefer_large=True)
        <= GATHER_MAX_S
    )


@given(RATES, MINIMUM)
def test_otherwise_and_in_a_trickle_the_gather_time_is_the_minimum(rate, minimum):
    assert gather_time_s(rate, minimum, prefer_large=False) == minimum
    assert gather_time_s(0, minimum, prefer_large=True) == minimum


def test_at_a_high_rate_the_gather_time_is_the_maximum():
    assert gather_time_s(HIGH_RATE, 0.1, prefer_large=True) == GATHER_MAX_S
