"""The pace at which changed figures are emitted."""

from hypothesis import given
from hypothesis import strategies as st

from services.stats.emission import COALESCE_S, FRESH_RATE, MAX_PAUSE_S, PAUSE_FACTOR, pause_s

SECONDS = st.floats(0, 60)
RATES = st.floats(0, 1e6)


@given(SECONDS, st.floats(0, FRESH_RATE))
def test_at_the_loads_of_a_province_the_pause_is_the_shortest(took, rate):
    assert pause_s(took, rate) == COALESCE_S


@given(SECONDS, RATES, RATES)
def test_the_more_come_in_the_longer_the_pause_up_to_a_bound(took, one, other):
    slower, faster = sorted((one, other))

    assert COALESCE_S <= pause_s(took, slower) <= pause_s(took, faster) <= MAX_PAUSE_S


def test_emission_takes_a_tenth_of_the_time_while_a_backlog_is_processed():
    assert pause_s(0.2, 2 * FRESH_RATE) == 0.2 * PAUSE_FACTOR
