"""The rate at which records come in, and how long records gather."""

from hypothesis import given
from hypothesis import strategies as st

from shared.stream.rate import FLOOD_RATE, GATHER_MOST_S, Rate, gathering

RATES = st.floats(0, 1e6)
LEAST = st.floats(0, GATHER_MOST_S)


def test_small_batches_in_quick_succession_are_no_flood():
    rate = Rate()
    told = [rate.of(10, 100 + n * 0.02 if n % 2 else 100 + n * 0.02 + 0.019) for n in range(500)]

    assert max(told) < 600
    assert 490 < told[-1] < 510


def test_a_flood_is_seen_after_a_window():
    rate = Rate()

    assert max(rate.of(400, 100 + n / 10) for n in range(20)) == 4000.0


@given(RATES, RATES, LEAST)
def test_where_larger_batches_gain_records_gather_longer_the_more_come_in(one, other, least):
    slower, faster = sorted((one, other))

    assert least <= gathering(slower, least, gains=True) <= gathering(faster, least, gains=True) <= GATHER_MOST_S


@given(RATES, LEAST)
def test_elsewhere_and_in_a_trickle_records_gather_no_longer_than_is_said(rate, least):
    assert gathering(rate, least, gains=False) == least
    assert gathering(0, least, gains=True) == least


def test_a_flood_gathers_for_as_long_as_is_allowed():
    assert gathering(FLOOD_RATE, 0.1, gains=True) == GATHER_MOST_S
