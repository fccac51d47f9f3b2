import pytest

from shared.charts.wilson import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (Wilson score without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_agrees_with_published_values(successes, trials, low, high):
    assert tuple(map(float, wilson_interval(successes, trials))) == (
        pytest.approx(low, abs=5e-5),
        pytest.approx(high, abs=5e-5),
    )


def test_the_interval_of_the_look_is_reproduced():
    low, high = wilson_interval(146, 171)

    assert (f"{low:.1%}", f"{high:.1%}") == ("79.3%", "89.9%")


def test_certainty_stays_within_nought_and_one():
    assert wilson_interval(20, 20)[1] == 1.0
    assert wilson_interval(0, 1)[0] == 0.0


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_proportion_is_refused(successes, trials):
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, trials)
