import pytest

from shared.charts.scale import value_scale


@pytest.mark.parametrize(
    ("largest", "top", "step"),
    [(0, 5, 1), (1, 1, 1), (4, 4, 1), (5, 5, 1), (6, 6, 2), (66, 80, 20), (80, 80, 20), (8642, 10_000, 2000), (10_000, 10_000, 2000),
     (10_001, 15_000, 5000), (99, 100, 20), (101, 150, 50)],
)  # fmt: skip
def test_axes_start_at_nought_and_step_in_round_whole_numbers(largest, top, step):
    scale = value_scale(largest)

    assert (scale.top, scale.step) == (top, step)
    assert scale.ticks[0] == 0
    assert scale.ticks[-1] == top >= largest
    assert len(scale.ticks) <= 6
